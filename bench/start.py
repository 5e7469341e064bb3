"""How long `easel --help` takes, as a new process: the least of several. Run: python bench/start.py."""

import subprocess
import sys
import time

TRIES = 10
TARGET_S = 0.3


def help_s() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "bot", "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    least_s = min(help_s() for _ in range(TRIES))
    print(f"easel --help  {least_s:.3f} s  (target {TARGET_S} s)")
    sys.exit(least_s > TARGET_S)


if __name__ == "__main__":
    main()

"""Measures what images cost the event loop: base64 and pixels, ours against inline, in one run.

A heartbeat task measures stalls: for how much longer than a beat the process was busy before it woke. Prints a
table, or with --json one JSON document. Targets: a stall of at most 2 ms for base64 of 6.6 MB, and at most 1/20 of
inline.
"""

import argparse
import asyncio
import base64
import io
import json
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from PIL import Image

from bench.table import Figure
from bot.pictures.darkroom import Darkroom
from bot.pictures.inline import decode_base64

IMAGE_BYTES = 6_600_000
TICK_S = 0.001  # what epoll rounds to: a finer tick would count its rounding as a stall
Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    scenario: str
    ours_stall_ms: float
    inline_stall_ms: float
    ratio: float
    target_ratio: float
    ours_ms: float
    inline_ms: float


async def heartbeat(lates_s: list[float]) -> None:
    """How long this process held the processor beyond a beat: when others had it, nobody here was in the way."""
    while True:
        start, used_s = time.perf_counter(), time.process_time()
        await asyncio.sleep(TICK_S)
        late_s = min(time.perf_counter() - start, time.process_time() - used_s) - TICK_S
        lates_s.append(max(0.0, late_s))


async def measure(work: Work) -> tuple[float, float]:
    """Answers the worst stall and the duration of one run, in milliseconds."""
    lates_s: list[float] = []
    beat = asyncio.create_task(heartbeat(lates_s))
    await asyncio.sleep(0.02)
    lates_s.clear()
    start = time.perf_counter()
    await work()
    took_s = time.perf_counter() - start
    await asyncio.sleep(0.005)
    beat.cancel()
    return max(lates_s) * 1000, took_s * 1000


async def compare(scenario: str, ours: Work, inline: Work, *, target_ratio: float, runs: int) -> Row:
    """Runs the two by turns, so that a noisy neighbour hits both; medians of the worst stalls."""
    pairs = [(await measure(ours), await measure(inline)) for _ in range(runs)]
    ours_stall, ours_ms = (statistics.median(pair[0][at] for pair in pairs) for at in (0, 1))
    inline_stall, inline_ms = (statistics.median(pair[1][at] for pair in pairs) for at in (0, 1))
    return Row(
        scenario=scenario,
        ours_stall_ms=round(ours_stall, 3),
        inline_stall_ms=round(inline_stall, 3),
        ratio=round(ours_stall / inline_stall, 4),
        target_ratio=target_ratio,
        ours_ms=round(ours_ms, 2),
        inline_ms=round(inline_ms, 2),
    )


def drawing(side: int) -> bytes:
    """A PNG that compresses about as a picture does: soft noise over a gradient."""
    grain = Image.frombytes("RGB", (side, side), random.Random(1).randbytes(side * side * 3))
    ground = Image.linear_gradient("L").resize((side, side)).convert("RGB")
    out = io.BytesIO()
    Image.blend(ground, grain, 0.05).save(out, "PNG", compress_level=3)
    return out.getvalue()


def inline(call: Callable[[], object]) -> Work:
    async def work() -> object:
        return call()

    return work


def pixels(data: bytes, *, count: int) -> Callable[[], object]:
    """What a program without a darkroom would do on its loop: decode all, paste one sheet."""

    def work() -> None:
        sheet = Image.new("RGB", (1032, 1032))
        for index in range(count):
            with Image.open(io.BytesIO(data)) as image:
                cell = image.convert("RGB")
            cell.thumbnail((512, 512), Image.Resampling.LANCZOS, reducing_gap=2.0)
            sheet.paste(cell, (index % 2 * 520, index // 2 * 520))
        sheet.save(io.BytesIO(), "JPEG", quality=85)

    return work


async def run(runs: int) -> list[Row]:
    text = base64.b64encode(random.Random(0).randbytes(IMAGE_BYTES)).decode()
    data = drawing(1024)
    darkroom = Darkroom()

    async def verify_and_sheet() -> bytes:
        return await darkroom.sheet(await asyncio.gather(*(darkroom.verify(data) for _ in range(4))))

    try:
        return [
            await compare(
                f"base64 of {IMAGE_BYTES / 1e6:.1f} MB",
                lambda: decode_base64(text),
                inline(lambda: base64.b64decode(text, validate=True)),
                target_ratio=1 / 20,
                runs=runs,
            ),
            await compare(
                "verify 4 x 1024 PNG and 2x2 sheet",
                verify_and_sheet,
                inline(pixels(data, count=4)),
                target_ratio=1 / 20,
                runs=runs,
            ),
        ]
    finally:
        await darkroom.aclose()


def figures() -> dict[str, Figure]:
    """The rows of the one table."""
    return {
        name: Figure(
            ours=row.ours_stall_ms,
            theirs=row.inline_stall_ms,
            note=f"{row.ours_ms:.0f} ms in all, inline {row.inline_ms:.0f} ms",
        )
        for name, row in zip(("base64.stall", "sheet.stall"), asyncio.run(run(9)), strict=True)
    }


def table(rows: list[Row]) -> str:
    lines = [
        f"{'scenario':36}{'stall ms':>10}{'inline ms':>11}{'ratio':>8}{'target':>8}{'took ms':>9}{'inline':>8}"
    ]
    lines += [
        f"{row.scenario:36}{row.ours_stall_ms:10.2f}{row.inline_stall_ms:11.2f}{row.ratio:8.3f}"
        f"{row.target_ratio:8.3f}{row.ours_ms:9.1f}{row.inline_ms:8.1f}"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument(
        "--json", action="store_true", help="one JSON document on stdout, the table on stderr"
    )
    options = parser.parse_args()
    rows = asyncio.run(run(options.runs))
    print(table(rows), file=sys.stderr if options.json else sys.stdout)
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))


if __name__ == "__main__":
    main()

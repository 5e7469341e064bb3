"""What pictures that are given cost in memory and time, sixteen of them at once.

    python -m bench.inputs

Sixteen photographs of nearly 20 MB and 40 megapixels come from a chat at the same time, one order each and then all of
one order. Prints the most that the program and its darkroom held beyond what they began with.
"""

import asyncio
import io
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image

from bench.processes import cost_of
from bot.pictures.backends import open_backend
from bot.process.telemetry import set_up_logs
from tests.fakes.giving import Gallery, open_gallery

LOOK_S = 0.05


def photograph(number: int) -> bytes:
    """Nearly as large as is taken."""
    noise = Image.effect_noise((2000, 2000), 30 + number).resize((7600, 5200))
    out = io.BytesIO()
    Image.merge("RGB", (noise, noise.rotate(180), noise)).save(out, "JPEG", quality=88)
    return out.getvalue()


def held_bytes() -> tuple[int, int]:
    """What this process holds, and its children together."""
    now = cost_of()
    return now.resident_bytes, now.children_bytes


async def _watched(work: Any) -> tuple[int, int]:
    """The most that was held while it ran."""
    task, most = asyncio.create_task(work), (0, 0)
    while not task.done():
        now = held_bytes()
        most = max(most[0], now[0]), max(most[1], now[1])
        await asyncio.sleep(LOOK_S)
    await task
    return most


async def _one_each(gallery: Gallery, count: int) -> None:
    jobs = [await gallery.order("night --model brush", _source(gallery, n)) for n in range(count)]
    for job in jobs:
        done = await gallery.over(job)
        assert done.captured_credits, done.reason


async def _together(gallery: Gallery, count: int) -> None:
    sources = [_source(gallery, n) for n in range(count)]
    done = await gallery.over(await gallery.order("night --model large-brush", *sources))
    assert done.captured_credits, done.reason


def _source(gallery: Gallery, number: int) -> Any:
    return gallery.attached(f"photo-{number}", gallery.club.files[f"photo-{number}"])


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        limits = {"per_requester": 100, "per_community": 100}
        async with open_gallery(Path(folder), limits=limits, bucket=open_backend(folder)) as gallery:
            for n in range(16):
                gallery.club.files[f"photo-{n}"] = photograph(n)
            sizes = [len(data) for data in gallery.club.files.values()]
            print(f"16 photographs of {min(sizes) >> 20} to {max(sizes) >> 20} MiB, 7600 x 5200")
            gallery.painter.forgets = True
            for name, work in (("one order each", _one_each), ("all of one order", _together)):
                before, began = held_bytes(), time.perf_counter()
                most = await _watched(work(gallery, 16))
                print(
                    f"{name}: {time.perf_counter() - began:.1f} s, the program +{(most[0] - before[0]) >> 20} MiB,"
                    f" its darkroom +{(most[1] - before[1]) >> 20} MiB"
                )


if __name__ == "__main__":
    set_up_logs(level="error", form="text")
    asyncio.run(main())

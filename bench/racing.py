"""Ten commands at once of somebody who has credits for one: how many get through, and how long one takes.

    python -m bench --only racing
    EASEL_BENCH_NAI3=/tmp/nai3/bin/python python -m bench --only racing   # and an open-source bot's own code

Ours is the whole way from the words to the accepted order, on SQLite. Beside it stands what bots do in all the code
that was read for this: look at the credits, have the picture drawn, take the credits; here in our own words, on
aiosqlite. The bot is nonebot-plugin-nai3 (MIT), in a virtual environment of its own, since it wants an older httpx:

    python -m venv /tmp/nai3 && /tmp/nai3/bin/pip install nonebot-plugin-nai3 "nonebot2[aiohttp]" pillow
"""

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import aiosqlite

from bench.scale import ask_of, settings_for
from bench.table import Figure
from bot.errors import NotEnoughCredits
from bot.house.app import open_app
from bot.house.building import App
from bot.ports import Place
from bot.process.telemetry import set_up_logs
from integrations.simulator.app import simulator

RACERS, TURNS = 10, 10
DRAWN_S = 0.05  # by the others' service, between their look and their write
BOT = "EASEL_BENCH_NAI3"  # names the Python that has it
BOT_WITHIN_S = 60
_WORDS = "a red fox --model flux-2-pro"
Try = Callable[[int, int], Awaitable[bool]]  # the turn and the racer: whether it got through


@dataclass(frozen=True, slots=True, kw_only=True)
class Raced:
    """How it went."""

    through: float  # of ten, the mean of all turns
    each_ms: float  # of one command, the median of the turns

    @property
    def told(self) -> str:
        return f"{self.through:g} of {RACERS}, {self.each_ms:.1f} ms each"


async def raced(attempt: Try) -> Raced:
    """Turn by turn, each with somebody new."""
    through, each_ms = [], []
    for turn in range(TURNS):
        began = time.perf_counter()
        accepted = await asyncio.gather(*(attempt(turn, racer) for racer in range(RACERS)))
        each_ms.append(1000 * (time.perf_counter() - began) / RACERS)
        through.append(sum(accepted))
    return Raced(through=statistics.fmean(through), each_ms=statistics.median(each_ms))


async def ours() -> Raced:
    """The studio: judged, priced, held and written down."""
    with tempfile.TemporaryDirectory() as folder:
        async with simulator(latency=False, tiny_images=True) as gateway:
            settings = settings_for(f"sqlite:///{folder}/easel.db", folder, gateway)
            async with open_app(settings, roles=()) as house:
                price = (await _accepted(house, turn=TURNS, racer=0)) or 0
            purse = settings.quotas.model_copy(update={"daily_allowance": price})
            async with open_app(settings.model_copy(update={"quotas": purse}), roles=()) as house:

                async def attempt(turn: int, racer: int) -> bool:
                    return await _accepted(house, turn=turn, racer=racer) is not None

                return await raced(attempt)


async def _accepted(house: App, *, turn: int, racer: int) -> int | None:
    """What an accepted order has held; None where the credits didn't suffice."""
    ask = replace(ask_of(turn, _WORDS, f"race-{turn}-{racer}"), place=Place(address=None))
    try:
        return (await house.studio.imagine(ask)).job.order.credits
    except NotEnoughCredits:
        return None


async def look_then_write() -> Raced:
    """A connection for each command, as bots open them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bot.db"
        async with aiosqlite.connect(path) as made:
            await made.execute("PRAGMA journal_mode = WAL")
            await made.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, credit INTEGER NOT NULL)")
            await made.executemany("INSERT INTO users VALUES (?, 1)", [(turn,) for turn in range(TURNS)])
            await made.commit()

        async def attempt(turn: int, racer: int) -> bool:
            del racer
            async with aiosqlite.connect(path, timeout=30) as one:
                rows = await one.execute_fetchall("SELECT credit FROM users WHERE id = ?", (turn,))
                if next(iter(rows))[0] < 1:
                    return False
                await asyncio.sleep(DRAWN_S)
                await one.execute("UPDATE users SET credit = credit - 1 WHERE id = ?", (turn,))
                await one.commit()
                return True

        return await raced(attempt)


def by_the_bot() -> Raced | None:
    """The bot's own handler in a Python that has it; None where none is named."""
    python = os.environ.get(BOT)
    if not python:
        return None
    with tempfile.TemporaryDirectory() as folder:
        script = Path(__file__).with_name("racing_nai3.py")
        command = [python, str(script), str(RACERS), str(TURNS), str(DRAWN_S)]
        told = subprocess.run(
            command, cwd=folder, check=True, capture_output=True, text=True, timeout=BOT_WITHIN_S
        )
    figures = json.loads(told.stdout.splitlines()[-1])
    return Raced(through=figures["through"], each_ms=figures["each_ms"])


def figures() -> dict[str, Figure]:
    """The rows of the one table."""
    set_up_logs(level="error", form="text")
    mine, theirs, bots = asyncio.run(ours()), asyncio.run(look_then_write()), by_the_bot()
    assert mine.through >= 1, "whoever has the credits is to get a picture"
    rows = {
        "race.through": Figure(ours=mine.through, note=f"{mine.each_ms:.1f} ms each, refusals included"),
        "race.look": Figure(
            ours=mine.through,
            theirs=theirs.through,
            note=f"{theirs.each_ms:.1f} ms each, {1000 * DRAWN_S:.0f} ms of drawing for all ten included",
        ),
    }
    if bots is not None:
        rows["race.bot"] = Figure(ours=mine.through, theirs=bots.through, note=f"{bots.each_ms:.1f} ms each")
    return rows


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        for name, one in figures().items():
            print(f"{name:14} {one.ours:6.2f} {one.theirs or 0:6.2f} {one.note}", file=sys.stdout)

"""The simulator as a process of its own: says where it is, and ends well on SIGINT or SIGTERM."""

import asyncio
import contextlib
import signal
from typing import Any

from bot.process.out import say, say_all
from integrations.simulator.app import simulator
from integrations.simulator.faults import describe, parse_armed

HOUSE = "http://127.0.0.1:8420"  # where `easel run` listens, unless it is told otherwise


def serve(*, faults: tuple[str, ...], **settings: Any) -> None:
    """Serves until SIGINT or SIGTERM; raises ValueError for a fault that does not exist, OSError for the port."""
    for one in faults:
        parse_armed(one)
    asyncio.run(run_until_signal(faults=faults, **settings))


def listed_faults() -> str:
    """Every fault with its sentence, and how to call for one."""
    head = "Arm one with --fault, or write [sim:NAME] or [sim:NAME:TIMES] into a prompt.\n"
    return "\n".join([head, *(f"{name:24} {sentence}" for name, sentence in describe().items())])


async def run_until_signal(**settings: Any) -> None:
    """Serves until the process is asked to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no handlers in the loop.
            loop.add_signal_handler(number, stop.set)
    async with simulator(**settings) as simulation:
        say(f"Simulated gateway at {simulation.base_url} with the key {simulation.api_key}")
        say_all(f'[gateway]\nbase_url = "{simulation.base_url}"\napi_key = "{simulation.api_key}"')
        say_all(f'[fetch]\nallow_hosts = ["{simulation.address}"]')
        # What is given it fetches from the house, on this machine alone.
        say_all(f'[http]\npublic_url = "{HOUSE}"')
        say("Ctrl+C stops it.")
        await stop.wait()

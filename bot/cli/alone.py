"""A surface alone on this machine: the simulator draws for it, on a database in a folder of its own."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import plugins
from bot.cli import home
from bot.cli.troubles import Troubles
from bot.configuration import config
from bot.configuration.settings import Settings
from bot.house.app import WORKER, open_app, serve
from bot.house.building import App
from bot.http import listener
from bot.process import modes
from bot.process.out import say
from bot.process.telemetry import set_up_logs

HOST = "127.0.0.1"
PORT = 8420
OPERATIONS = "simulator"  # the folder of what the simulator has under way


@dataclass(frozen=True, slots=True, kw_only=True)
class Playground:
    """Which surface, where its data is kept, and how fast the simulator draws."""

    surface: str
    section: Mapping[str, Any]
    folder: Path
    port: int | None = None  # none: the usual one, or a free one where that is taken
    speed: float = 1.0
    browser: bool = True  # whether one is opened, where there is a screen


async def serve_alone(ground: Playground, prepare: Callable[[App], Awaitable[None]]) -> None:
    """Serves until a signal; `prepare` sets the house up before anybody comes."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end() -> None:
        if not stop.is_set():
            say("Stopping: pictures under way have some seconds to be finished.", err=True)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)

    def announce(address: str) -> None:
        say(f"Easel is at {address}   (Ctrl-C stops it; pictures are kept in {ground.folder})")
        if ground.browser:
            _open_browser(address)

    roles = {WORKER, ground.surface}
    async with (
        _settings(ground) as settings,
        open_app(settings, roles=roles, surfaces=[ground.surface]) as house,
    ):
        await prepare(house)
        watch = asyncio.create_task(Troubles(house, lambda text: say(text, err=True)).watch())
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await serve(house, roles=roles, stop=stop, announce=announce)
        finally:
            watch.cancel()


@contextlib.asynccontextmanager
async def _settings(ground: Playground) -> AsyncIterator[Settings]:
    """A configuration of its own: no file of the folder that one happens to stand in is read."""
    set_up_logs(level="error", form="text")
    kept = await asyncio.to_thread(home.sections_of, ground.folder)
    simulator = plugins.load(plugins.SIMULATORS, "gateway")
    port = _port(ground.port)
    operations = ground.folder / OPERATIONS
    await asyncio.to_thread(modes.make_folder, operations)
    # As a service would, it goes on with what was asked when this process is killed, and knows it when it is asked again.
    async with simulator(speed=ground.speed, folder=operations, honour_keys=True) as simulation:
        sections: dict[str, Any] = {
            "http": {"host": HOST, "port": port, "public_url": ""},
            **kept,
            # The simulator fetches what is given as the real gateway does: from an address of ours.
            "assets": kept["assets"] | {"public_url": f"http://{HOST}:{port}"},
            "gateway": {
                "base_url": simulation.base_url,
                "api_key": simulation.api_key,
                "honours_keys": True,
            },
            "fetch": {"allow_hosts": [simulation.address]},
            "communities": {"may_loosen": "any"},  # nothing is at stake here: whoever plays is the operator
            "moderation": {"inputs": "any"},
            ground.surface: dict(ground.section),
        }
        yield config.load(None, **sections)


def _port(wanted: int | None) -> int:
    """The port named, or the usual one, or a free one when that is taken: addresses of ours have it in them."""
    for port in (PORT, 0) if wanted is None else (wanted,):
        try:
            door = listener.bind(HOST, port)
        except OSError:
            continue
        with door:
            return int(door.getsockname()[1])
    return wanted or PORT  # it is taken, as will be said where it is needed


def _open_browser(address: str) -> None:
    """Opens the page where there is a screen; never a browser inside the terminal."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    threading.Thread(target=webbrowser.open, args=(address,), name="browser", daemon=True).start()

"""`easel play`: simulator, core and page in one process, on an embedded database in a folder of its own."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.out import say

PORT = 8420


def play(
    *,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help=f"{PORT}, or a free one if that is taken; 0: free.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser, if there is one.")] = True,
    speed: Annotated[float, typer.Option(min=0.01, max=1000, help="2 draws twice as fast.")] = 1.0,
    data: Annotated[
        Path | None, typer.Option(help="Folder of database and pictures; $EASEL_HOME, or the usual one.")
    ] = None,
) -> None:
    """Serve the local page: type /imagine in the browser. No account, no key; the simulator draws."""
    from bot.cli.common import run  # noqa: PLC0415 - `easel play --help` needs none of it

    folder = (data or home()).expanduser().absolute()
    run(_play(folder, port=port, browser=browser, speed=speed))


def home() -> Path:
    """Where this machine's user keeps such data."""
    if own := os.environ.get("EASEL_HOME"):
        return Path(own)
    match sys.platform:
        case "win32":
            base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        case "darwin":
            base = Path.home() / "Library" / "Application Support"
        case _:
            base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "easel"


async def _play(folder: Path, *, port: int | None, browser: bool, speed: float) -> None:
    from bot.app import WORKER, open_app, serve  # noqa: PLC0415 - see above
    from bot.cli.troubles import Troubles  # noqa: PLC0415 - the same

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)

    def announce(address: str) -> None:
        say(f"Easel is at {address}   (Ctrl-C stops it; pictures are kept in {folder})")
        if browser:
            _open_browser(address)

    async with _settings(folder, port, speed) as settings:
        roles = {WORKER, "web"}
        async with open_app(settings, roles=roles, surfaces=["web"]) as house:
            await _set_the_room(house)
            watch = asyncio.create_task(Troubles(house, lambda text: say(text, err=True)).watch())
            try:
                with contextlib.suppress(asyncio.CancelledError):
                    await serve(house, roles=roles, stop=stop, announce=announce)
            finally:
                watch.cancel()


@contextlib.asynccontextmanager
async def _settings(folder: Path, port: int | None, speed: float) -> AsyncIterator[Any]:
    """The playground's own configuration: no file of the folder that one happens to stand in is read."""
    from bot import config, modes, plugins  # noqa: PLC0415 - see above
    from bot.errors import ConfigError  # noqa: PLC0415 - the same
    from bot.telemetry import set_up_logs  # noqa: PLC0415 - the same

    set_up_logs(level="error", form="text")
    try:
        await asyncio.to_thread(modes.make_folder, folder)
    except OSError as error:
        raise ConfigError(f"--data: {folder} can't be used: {error.strerror}") from error
    simulator = plugins.load(plugins.SIMULATORS, "gateway")
    async with simulator(speed=speed) as simulation:
        yield config.load(
            None,
            http={"host": "127.0.0.1", "port": _port(port), "public_url": ""},
            web={"enabled": True, "admin_token": ""},
            store={"url": f"sqlite:///{folder / 'easel.db'}"},
            assets={"url": str(folder / "pictures"), "public_url": ""},
            gateway={"base_url": simulation.base_url, "api_key": simulation.api_key},
            fetch={"allow_hosts": [simulation.address]},
            communities={"may_loosen": "any"},  # nothing is at stake here: whoever plays is the operator
        )


def _port(wanted: int | None) -> int:
    """The port named, or the usual one, or any when that is taken."""
    if wanted is not None:
        return wanted
    from bot import listener  # noqa: PLC0415 - see above

    try:
        listener.bind("127.0.0.1", PORT).close()
    except OSError:
        return 0
    return PORT


async def _set_the_room(house: Any) -> None:
    """Gives the roles their allowances, unless somebody has set rules already."""
    from integrations.web.people import PEOPLE, ROLES  # noqa: PLC0415 - see above

    moderator = next(p for p in PEOPLE.values() if p.moderator).requester
    rules = await house.studio.rules(moderator)
    if not rules.roles:
        await house.desk.change(moderator, {"roles": dict(ROLES)})


def _open_browser(address: str) -> None:
    """Opens the page where there is a screen; never a browser inside the terminal."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    import threading  # noqa: PLC0415 - see above
    import webbrowser  # noqa: PLC0415 - the same

    threading.Thread(target=webbrowser.open, args=(address,), name="browser", daemon=True).start()

"""`easel imagine`: one picture from the terminal, through the real job and the real books."""

import asyncio
import contextlib
import re
import secrets
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot import plugins, sections
from bot.cards.jobs import sentence_of
from bot.cli import home, show
from bot.cli.common import (
    ConfigOption,
    JsonOption,
    fail,
    found_file,
    operator,
    run,
    settings_of,
)
from bot.cli.terminal import Terminal
from bot.cli.troubles import Troubles
from bot.configuration import space
from bot.configuration.settings import Settings
from bot.errors import ConfigError, EaselError, Refusal, StoreBusy
from bot.house.app import open_app, trouble_of
from bot.house.building import App
from bot.http import listener, server
from bot.job import Job, State
from bot.model import EXTENSIONS, Source, Where
from bot.order.grammar import signs_in
from bot.pictures.images import INPUT_LIMITS
from bot.ports import Address, Ask, Place, Requester
from bot.process import modes
from bot.process.out import say, show_json

_LOOPBACK = "127.0.0.1"
_NAME_LENGTH = 40
_LOOK_EVERY_S = 1.0  # the card says it sooner, unless another process ended the job
_AGAIN_S = 0.2
_STOP_WITHIN_S = 2.0  # an end must not need what is missing
_GRACE_IN_TROUBLE_S = 1.0
_VALUED = re.compile(r"-{1,2}[^\W\d_][\w-]*")
_MENDED = "its credits are back when a worker starts here again"


def imagine(
    text: Annotated[list[str], typer.Argument(help="What to draw, with flags: a red fox --ar 16:9")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the files.")] = Path(),
    user: Annotated[str, typer.Option("--user", help="Whose credits are used.")] = "",
    key: Annotated[str, typer.Option("--key", help="Makes the order once, however often it is called.")] = "",
    image: Annotated[
        list[Path] | None,
        typer.Option(
            "--image",
            exists=True,
            dir_okay=False,
            readable=True,
            help="A picture to begin with; again for another one.",
        ),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Draw one order and save its pictures. Without a configuration the embedded simulator draws."""
    console = Console(stderr=True)
    command = Command(
        text=text_of(text), images=tuple(image or ()), out=out, user=user, key=key or secrets.token_hex(12)
    )
    _assert_writable(out)
    result = run(_imagine(command, config, console))
    if json:
        show_json(result)
    elif result["state"] == State.FINISHED:
        for name in result["files"]:
            say(name)
        show.pictures(result["files"], console)
    if result["state"] != State.FINISHED:
        unread = result["error"] == "flag-unknown"  # here an option of the command line
        fail(result["error_text"] or "the picture did not come out", code=2 if unread else 1)


def _assert_writable(out: Path) -> None:
    """The pictures will find their folder: that is looked at before anything is paid. Fails with a sentence."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            return
    except OSError as error:
        fail(
            f"--out: nothing can be written into {out.absolute()}: {error.strerror}; nothing was drawn",
            code=2,
        )


def text_of(argv: Sequence[str]) -> str:
    """The order as it would be typed: the shell has taken the quotation marks that held a value together."""
    typed: list[str] = []
    for argument in argv:
        name, joint, value = argument.partition("=")
        if _expects_value(typed) and " " in argument:
            typed.append(_held_together(argument))
        elif joint and " " in value and _VALUED.fullmatch(name):
            typed.append(f"{name}={_held_together(value)}")
        else:
            typed.append(argument)
    return " ".join(typed)


def _expects_value(typed: Sequence[str]) -> bool:
    """Whether the last argument is a flag, and one that doesn't stand alone."""
    signs = list(signs_in(typed[-1])) if typed and _VALUED.fullmatch(typed[-1]) else []
    return bool(signs) and not signs[-1].alone


def _held_together(value: str) -> str:
    plain = value.replace('"', "'")
    return f'"{plain}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What was typed."""

    text: str
    images: tuple[Path, ...]
    out: Path
    user: str
    key: str

    @property
    def requester(self) -> Requester:
        """Whose credits are used."""
        return replace(operator(), user=self.user) if self.user else operator()


async def _imagine(command: Command, config: Path | None, console: Console) -> dict[str, Any]:
    async with _house(config, console) as house:
        terminal = Terminal(console)
        house.surfaces[terminal.name] = terminal
        with contextlib.suppress(EaselError):  # An order says better what is wrong.
            await house.chores.look_at_standing()
        began = time.monotonic()
        stop = _stop_signals()
        sources: list[Source] = []
        try:
            await _hand_over(house, command, sources)
            placed = await house.studio.imagine(_ask(command, sources))
            job = await _until_over(house, terminal, placed.job, stop)
        except Refusal as refusal:
            return _refused(house, refusal)
        finally:
            # The job has copies of its own. What can't be dropped now is dropped in some days.
            with contextlib.suppress(StoreBusy):
                await house.uploads.drop(sources, command.requester)
        files = await _save(house, job, command.out) if job.state is State.FINISHED else []
        return await _result(house, job, files, time.monotonic() - began)


def _ask(command: Command, sources: Sequence[Source]) -> Ask:
    return Ask(
        requester=command.requester,
        place=Place(address=Address(surface="cli")),
        text=command.text,
        sources=tuple(sources),
        request_key=f"cli-{command.key}",
    )


async def _hand_over(house: App, command: Command, sources: list[Source]) -> None:
    """Hands the files to the house, one after the other. Raises a Refusal that says which of them."""
    for number, file in enumerate(command.images, 1):
        try:
            data = await asyncio.to_thread(_read, file)
            handed = await house.studio.keep_upload(command.requester, data)
        except Refusal as refusal:
            refusal.facts |= {"picture": number, "given": len(command.images)}
            raise
        sources.append(Source(where=Where.UPLOAD, ref=handed.ref))


def _read(file: Path) -> bytes:
    """No more than what is taken: what is larger is refused by the byte that is too much."""
    with file.open("rb") as opened:
        return opened.read(INPUT_LIMITS.size_bytes + 1)


@contextlib.asynccontextmanager
async def _house(config: Path | None, console: Console) -> AsyncIterator[App]:
    """The house as it is configured; without a configuration, one for which an embedded simulator draws."""
    file = found_file(config)
    settings = settings_of(file)
    if settings.open_providers():
        async with _opened(settings) as house:
            yield house
        return
    if file is not None:
        raise ConfigError(f"{file}: nobody would draw: {sections.what_draws()}")
    simulator = plugins.load(plugins.SIMULATORS, "gateway")
    async with simulator(speed=4.0) as simulation:
        kept = settings.store.url if home.is_configured() else home.home()
        console.print(
            "No configuration: the built-in simulator draws (pictures are marked “simulated”);"
            f" credits and history are kept in {kept}",
            highlight=False,
            soft_wrap=True,
        )
        async with _lent_to(simulation) as house:
            yield house


@contextlib.asynccontextmanager
async def _lent_to(simulation: Any) -> AsyncIterator[App]:
    """A house on this machine's loopback, so that the simulator can fetch what is given as the real gateway does."""
    door = listener.bind(_LOOPBACK, 0)
    settings = settings_of(
        None,
        gateway={"base_url": simulation.base_url, "api_key": simulation.api_key},
        fetch={"allow_hosts": [simulation.address]},
        assets={"public_url": f"http://{_LOOPBACK}:{door.getsockname()[1]}"},
    )
    with door:
        async with _opened(settings) as house:
            places = listener.places_of(listener.raise_file_limit(), jobs=settings.worker.in_flight)
            async with listener.serving(server.lending(house.assets), door, places=places):
                yield house


@contextlib.asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[App]:
    """The house with a worker of its own, that claims nobody else's jobs and opens no listener."""
    if trouble := await asyncio.to_thread(space.full, settings):
        raise EaselError(trouble)
    async with open_app(settings, claims=False) as house:
        assert house.worker is not None
        worker = asyncio.create_task(house.worker.run(), name="worker")
        try:
            yield house
        finally:
            await house.worker.stop(_GRACE_IN_TROUBLE_S if await trouble_of(house) else None)
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)


def _stop_signals() -> asyncio.Event:
    """Set by Ctrl-C and SIGTERM, from before the order until the end: no order is left behind."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _until_over(house: App, terminal: Terminal, job: Job, stop: asyncio.Event) -> Job:
    """Waits for the job's end; Ctrl-C and SIGTERM cancel it, and the credits are back."""
    bar = asyncio.create_task(terminal.run(), name="bar")
    troubles, stopping_since = Troubles(house, terminal.say), 0.0
    try:
        while not job.state.ended:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(_first(terminal.over, stop), _LOOK_EVERY_S)
            terminal.over.clear()
            with contextlib.suppress(StoreBusy, Refusal):
                if stop.is_set():
                    stopping_since = stopping_since or time.monotonic()
                    await house.studio.cancel(job.id, job.requester)
            with contextlib.suppress(StoreBusy):
                job = await house.store.jobs.get(job.id) or job
            await troubles.look()
            if stop.is_set() and not job.state.ended:
                if time.monotonic() - stopping_since > _STOP_WITHIN_S:
                    raise EaselError(
                        f"stopped, and the order could not be cancelled: {await trouble_of(house)}; {_MENDED}"
                    )
                await asyncio.sleep(_AGAIN_S)
        return job
    finally:
        bar.cancel()
        await asyncio.gather(bar, return_exceptions=True)


async def _first(*events: asyncio.Event) -> None:
    tasks = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


async def _save(house: App, job: Job, out: Path) -> list[str]:
    """Writes the untouched files; a name that is taken gets the job's tail."""
    await asyncio.to_thread(out.mkdir, parents=True, exist_ok=True)
    files = []
    for asset in job.images:
        data = await house.assets.read(asset.key)
        suffix = f"-{asset.index}" if len(job.images) > 1 else ""
        name = f"{_slug(job.order.subject)}-{job.id[-6:]}{suffix}.{EXTENSIONS[asset.media_type]}"
        path = (out / name).resolve()
        await asyncio.to_thread(modes.hand_over, path, data)
        files.append(str(path))
    return files


def _slug(text: str) -> str:
    words = re.sub(r"[^\w]+", "-", text.lower()).strip("-")
    return words[:_NAME_LENGTH].rstrip("-") or "picture"


async def _result(house: App, job: Job, files: list[str], seconds: float) -> dict[str, Any]:
    sentence = "" if job.state is State.FINISHED else sentence_of(job, house.words)
    held = [await house.sources.held(job, number) for number, _ in enumerate(job.order.sources, 1)]
    return {
        "id": job.id,
        "job": job.id,
        "state": str(job.state),
        "model": job.order.model,
        "provider": job.order.provider,
        "inputs": [asset.sha256 for asset in held if asset is not None],
        "credits": job.captured_credits or 0,
        "usd_micros": job.cost_usd_micros,
        "seconds": round(seconds, 2),
        "files": files,
        "error": job.reason or None if job.state is not State.FINISHED else None,
        "error_text": sentence or None,
    }


def _refused(house: App, refusal: Refusal) -> dict[str, Any]:
    """No job was made; the same shape, so that --json always prints its one document."""
    return {
        "id": None,
        "job": None,
        "state": "refused",
        "model": None,
        "provider": None,
        "inputs": [],
        "credits": 0,
        "usd_micros": 0,
        "seconds": 0.0,
        "files": [],
        "error": refusal.reason,
        "error_text": house.words.refusal_at_terminal(refusal),
    }

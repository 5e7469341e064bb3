"""What commands share: the options, the configuration, the loop, and how results and errors are told."""

import asyncio
import getpass
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from bot.cli import home
from bot.configuration import config
from bot.configuration.settings import Settings
from bot.errors import NotThere, Refusal
from bot.ports import Requester
from bot.process.out import say
from bot.process.telemetry import set_up_logs

T = TypeVar("T")

DEFAULT_FILE = Path("easel.toml")
# How long the loop may keep the interpreter while the database's thread waits for it, which it does at each
# statement: Python's own 5 ms made twenty of them wait for 100 where the loop is busy.
THREADS_TURN_S = 0.0005

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The configuration; ./easel.toml if there, else defaults.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
KeyOption = Annotated[
    str, typer.Option("--key", help="Makes the command happen once, however often it is called.")
]


def settings_of(file: Path | None, *, quiet: bool = True, **sections: Any) -> Settings:
    """Reads the configuration and sets up the logs; without one, what is kept is in the user's home. Raises ConfigError."""
    found = found_file(file)
    if found is None and not home.is_configured():
        kept = home.sections_of(home.home())
        sections |= {name: where | sections.get(name, {}) for name, where in kept.items()}
    settings = config.load(found, **sections)
    level = "error" if quiet and settings.log.level in ("info", "warning") else settings.log.level
    set_up_logs(level=level, form=settings.log.format)
    return settings


def found_file(file: Path | None) -> Path | None:
    """The file named, or ./easel.toml if there is one."""
    if file is not None:
        return file
    return DEFAULT_FILE if DEFAULT_FILE.exists() else None


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs the command's coroutine on the quickest loop there is; a Refusal is told and exits with 1."""
    sys.setswitchinterval(THREADS_TURN_S)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(work)
    except Refusal as refusal:
        fail(refused(refusal))


def refused(refusal: Refusal) -> str:
    """What a person would read of it; who runs Easel has typed a job, and doesn't look at a picture."""
    if refusal.reason == NotThere.default_reason:
        return "there is no such job, or what was asked of it is gone; easel jobs list names them"
    from bot.words.words import Words  # noqa: PLC0415 - the texts and their library, which few commands need

    return Words().refusal_at_terminal(refusal)


def _loop_factory() -> Any:
    try:
        import uvloop  # noqa: PLC0415 - not everywhere
    except ImportError:
        return None
    return uvloop.new_event_loop


def fail(sentence: str, *, code: int = 1) -> NoReturn:
    """Says one line on stderr and exits: with 1, or with 2 for a command line that can't be read."""
    say(f"easel: {sentence}", err=True)
    raise typer.Exit(code)


def operator() -> Requester:
    """Who sits at this terminal."""
    return Requester(surface="cli", community="local", user=_login(), moderator=True)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "operator"

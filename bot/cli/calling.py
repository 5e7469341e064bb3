"""Calls a command: finds and imports it, reads its command line, and says in one line what went wrong."""

import difflib
import errno
import os
import sys
import traceback
from importlib import import_module
from typing import Any, NoReturn

import typer

from bot import plugins
from bot.cli import COMMANDS, HELP, OPTIONS, PLUGIN
from bot.errors import ConfigError, EaselError
from bot.process import collector, modes, unasked
from bot.process.out import say, say_all

_ORDERS = "imagine"  # its words are an order, with flags of their own


def call(name: str, *arguments: str) -> NoReturn:
    """Runs a command and ends the process with its exit code."""
    try:
        _call(name, list(arguments))
    finally:
        collector.leave()


def _call(name: str, arguments: list[str]) -> NoReturn:
    with collector.put_off():
        unasked.import_without()
        from bot.process.telemetry import log_the_unhandled  # noqa: PLC0415 - it imports them

    if name not in COMMANDS and name not in _of_others():
        _stop(_unknown(name), 2)
    log_the_unhandled()
    modes.close_umask()
    try:
        with collector.put_off():
            command = load(name)
        sys.exit(_run(command, name, arguments))
    except ConfigError as error:
        _stop(str(error), 2)
    except EaselError as error:
        _stop(str(error), 1)
    except KeyboardInterrupt:
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the last one to hear of it
        if os.environ.get("EASEL__LOG__LEVEL", "").lower() == "debug":
            _trace()
        _stop(_words_of(error), 1)


def _run(command: Any, name: str, arguments: list[str]) -> int:
    """The exit code. What can't be read of a command line is one sentence, and where its help is."""
    if not arguments and getattr(command, "commands", None):  # a group alone is asked what it has
        arguments = ["--help"]
    try:
        # Not standalone: the library's own words for an error are a usage, a hint and a line.
        return command.main(arguments, prog_name=f"easel {name}", standalone_mode=False) or 0
    except typer.Abort:  # no answer came, or Ctrl-C instead of one
        _stop(f"stopped at a question; nothing was done. easel {name} -h says how to answer beforehand.", 1)
    except typer.exceptions.TyperException as error:
        place = getattr(error, "ctx", None)  # only what is wrong with a usage has one
        said = _sentence(error) + _behind_dashes(error, place)
        _stop(f"{said} {place.command_path if place else f'easel {name}'} -h says how.", 2)


def _behind_dashes(error: Any, place: Any) -> str:
    """Where a text that begins with a dash stands, of a command that takes one: it was read as an option."""
    unknown = hasattr(error, "possibilities")  # only of an option that is not there
    if not (unknown and place and any(one.nargs == -1 for one in place.command.params)):
        return ""
    return f" A text that begins with a dash stands behind --: {place.command_path} -- TEXT."


def _sentence(error: Any) -> str:
    """What the library says of a command line, as a sentence of ours."""
    words = " ".join(str(error.format_message()).split())
    for theirs, ours in _ITS_WORDS.items():
        words = words.replace(theirs, ours)
    return words[:1].lower() + words[1:] + ("" if words.endswith((".", "?")) else ".")


_ITS_WORDS = {
    "Invalid value for ": "",
    "Invalid value: ": "",
    "Value error, ": "",
    "Input should be a valid integer, unable to parse string as an integer": "that is no whole number",
    "Input should be a valid number, unable to parse string as a number": "that is no number",
    "Input should be ": "it has to be ",
}


def _words_of(error: Exception) -> str:
    """What nobody has foreseen, in one line."""
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"the disk is full: {error.filename or 'there is no room for the picture'}"
    what = str(error).splitlines()[0][:200] if str(error) else ""
    return f"something broke: {type(error).__name__}: {what} (EASEL__LOG__LEVEL=debug shows where)"


def help_of_others() -> str:
    """The commands that packages besides this one bring, for --help-all."""
    lines = [f"  {name}" for name in _of_others()]
    return "\nCommands of other packages:\n" + "\n".join(lines or ["  none"]) + "\n"


def _of_others() -> list[str]:
    """Ours go before theirs."""
    return [name for name in plugins.names(plugins.COMMANDS) if name not in COMMANDS]


def _unknown(name: str) -> str:
    """What to do instead of what stands in the place of a command."""
    option = name.startswith("-")
    near = difflib.get_close_matches(name, OPTIONS if option else [*COMMANDS, *_of_others()], n=1)
    what = f"there is no {'option' if option else 'command'} {name!r}"
    if near:
        return f"{what}; did you mean {near[0]!r}?"
    return (
        f"{what} before a command; its options stand behind it"
        if option
        else f"{what}; easel --help-all lists them"
    )


def _stop(sentence: str, code: int) -> NoReturn:
    say(f"easel: {sentence}", err=True)
    sys.exit(code)


def _trace() -> None:
    """Shows where something broke, without what is to be hidden."""
    say_all(traceback.format_exc().rstrip(), err=True)


def load(name: str) -> Any:
    """The command, imported now."""
    place, _ = COMMANDS.get(name, (PLUGIN, ""))
    if place == PLUGIN:
        found: Any = plugins.load(plugins.COMMANDS, name)
    else:
        module, _, attribute = place.partition(":")
        found = getattr(import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        if not callable(found):
            raise plugins.broken(plugins.COMMANDS, name, "is neither a function nor a typer app")
        app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        # A flag that is none of the command's is one of the order's: `easel imagine a fox --ar 16:9`.
        app.command(name, context_settings={"ignore_unknown_options": name == _ORDERS})(found)
        found = app
    return _helped(typer.main.get_command(found))


def _helped(command: Any) -> Any:
    """With -h behind it, and behind each command in it."""
    command.context_settings["help_option_names"] = list(HELP)
    for one in getattr(command, "commands", {}).values():  # a command alone has none
        _helped(one)
    return command

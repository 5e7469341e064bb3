"""The command line: names and one-liners here, everything else imported when a command is called.

`easel --help` must answer at once, so it asks neither the commands' modules nor the entry points.
"""

import errno
import os
import sys
from importlib import import_module
from typing import Any, NoReturn

from bot import __version__
from bot.errors import ConfigError, EaselError

# name -> (where it lives, its line in --help). Commands of integrations are found by entry points when
# called ("easel.commands"); the lines of ours stand here because --help must not look for them.
_PLUGIN = "plugin"
_ORDERS = "imagine"  # its words are an order, with flags of their own
COMMANDS: dict[str, tuple[str, str]] = {
    "play": (_PLUGIN, "The local page: describe a picture in the browser, no account, no key."),
    "imagine": ("bot.cli.draw:imagine", "One picture from the terminal."),
    "init": ("bot.cli.init:init", "Writes easel.toml: three questions."),
    "run": ("bot.cli.run:run", "The bot."),
    "check": ("bot.cli.check:check", "Tries everything the configuration names; says what to do."),
    "models": ("bot.cli.operate:models", "The models, their prices and what they take."),
    "credits": ("bot.cli.credits:app", "People's credits: show, grant, take, refund."),
    "codes": ("bot.cli.codes:app", "Codes that people turn into credits: make, list, void."),
    "purchases": ("bot.cli.purchases:app", "What was bought for money: list, csv, receipt."),
    "jobs": ("bot.cli.jobs:app", "Jobs: list, show, retry, cancel."),
    "community": ("bot.cli.community:app", "A community's rules and blocks."),
    "why": ("bot.cli.why:why", "What moderation makes of a text, stage by stage."),
    "usage": ("bot.cli.community:usage", "Credits and money by day and model."),
    "prices": ("bot.cli.prices:prices", "The price tables beside what was really paid."),
    "audit": ("bot.cli.operate:audit", "The audit log."),
    "store": ("bot.cli.keep:app", "The database: copy it into another."),
    "backup": ("bot.cli.keep:backup", "Back up the SQLite database while the bot runs."),
    "export": ("bot.cli.keep:export", "Everything that is kept of a person, as JSON."),
    "keys": ("bot.cli.keys:app", "The keys that sign links to pictures: list, rotate."),
    "simulate": (_PLUGIN, "The image gateway's simulator alone."),
    "slack-manifest": (_PLUGIN, "The Slack app's manifest, to paste."),
    "discord-invite": (_PLUGIN, "The Discord bot's install link."),
}


_HELP = ("-h", "--help")
_FIRST = """\
Easel: /imagine for team chat.

Try it now, with no account and no key:
  easel play                   the page, in your browser
  easel imagine a red fox      one picture, here

Bring it to your people:
  easel init                   writes easel.toml: your chat, your image service
  easel check                  tries all that it names, and says what to do
  easel run                    the bot

easel --help lists every command; -h behind one says what it takes.
"""


def main() -> None:
    """Runs a command; every error is one clear line on stderr, with the exit codes of docs/commands.md.

    0 done; 1 failed or refused for any reason; 2 a command line or configuration that can't be read.
    """
    arguments = sys.argv[1:]
    if not arguments:
        sys.stdout.write(_FIRST)
        return
    if arguments[0] in _HELP:
        sys.stdout.write(_help())
        return
    if arguments[0] == "--version":
        sys.stdout.write(f"easel {__version__}\n")
        return
    if arguments[0] == "--help-all":
        sys.stdout.write(_help() + _help_of_others())
        return
    name, *rest = arguments
    if name not in COMMANDS and name not in _of_others():
        _stop(f"there is no command {name!r}{_nearest(name)}", 2)
    _call(name, rest)


def _call(name: str, arguments: list[str]) -> None:
    from bot import collector, modes, unasked  # noqa: PLC0415 - `easel --help` does without

    with collector.put_off():
        unasked.import_without()
        from bot.telemetry import log_the_unhandled  # noqa: PLC0415 - the same

    log_the_unhandled()
    modes.close_umask()
    try:
        with collector.put_off():
            command = _load(name)
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
    import typer  # noqa: PLC0415 - `easel --help` does without

    if not arguments and getattr(command, "commands", None):  # a group alone is asked what it has
        arguments = ["--help"]
    try:
        # Not standalone: the library's own words for an error are a usage, a hint and a line.
        return command.main(arguments, prog_name=f"easel {name}", standalone_mode=False) or 0
    except typer.Abort:
        return 1
    except typer.exceptions.TyperException as error:
        place = getattr(error, "ctx", None)  # only what is wrong with a usage has one
        _stop(f"{_sentence(error)} {place.command_path if place else f'easel {name}'} -h says how.", 2)


def _sentence(error: Any) -> str:
    """What the library says of a command line, as a sentence of ours."""
    words = " ".join(str(error.format_message()).split())
    for theirs, ours in _ITS_WORDS.items():
        words = words.replace(theirs, ours)
    return words[:1].lower() + words[1:] + ("" if words.endswith((".", "?")) else ".")


_ITS_WORDS = {
    "Invalid value for ": "",
    "Invalid value: ": "",
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


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {line}" for name, (_, line) in COMMANDS.items()]
    options = (
        f"  {'--version':{width}}  The version.\n  {'-h, --help':{width}}  This text; also behind a command.\n"
        f"  {'--help-all':{width}}  The same, with the commands that other packages bring."
    )
    return (
        "Usage: easel COMMAND [OPTIONS]\n\nEasel: /imagine for team chat.\n\nCommands:\n"
        + "\n".join(lines)
        + f"\n\nOptions:\n{options}\n"
    )


def _of_others() -> list[str]:
    """The commands that packages besides this one bring; ours go before theirs."""
    from bot import plugins  # noqa: PLC0415 - entry points take their time

    return [name for name in plugins.names(plugins.COMMANDS) if name not in COMMANDS]


def _help_of_others() -> str:
    lines = [f"  {name}" for name in _of_others()]
    return "\nCommands of other packages:\n" + "\n".join(lines or ["  none"]) + "\n"


def _nearest(name: str) -> str:
    import difflib  # noqa: PLC0415 - only for a typing error

    near = difflib.get_close_matches(name, [*COMMANDS, *_of_others()], n=1)
    return f"; did you mean {near[0]!r}?" if near else "; easel --help-all lists them"


def _stop(sentence: str, code: int) -> NoReturn:
    from bot.out import say  # noqa: PLC0415 - `easel --help` does without

    say(f"easel: {sentence}", err=True)
    sys.exit(code)


def _trace() -> None:
    """Shows where something broke, without what is to be hidden."""
    import traceback  # noqa: PLC0415 - only for a bug

    from bot.out import say_all  # noqa: PLC0415 - the same

    say_all(traceback.format_exc().rstrip(), err=True)


def _load(name: str) -> Any:
    """The command, imported now."""
    import typer  # noqa: PLC0415 - `easel --help` does without

    place, _ = COMMANDS.get(name, (_PLUGIN, ""))
    if place == _PLUGIN:
        from bot import plugins  # noqa: PLC0415 - entry points take their time

        found: Any = plugins.load(plugins.COMMANDS, name)
    else:
        module, _, attribute = place.partition(":")
        found = getattr(import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        if not callable(found):
            from bot import plugins  # noqa: PLC0415 - see above

            raise plugins.broken(plugins.COMMANDS, name, "is neither a function nor a typer app")
        app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        # A flag that is none of the command's is one of the order's: `easel imagine a fox --ar 16:9`.
        app.command(name, context_settings={"ignore_unknown_options": name == _ORDERS})(found)
        found = app
    return _helped(typer.main.get_command(found))


def _helped(command: Any) -> Any:
    """With -h behind it, and behind each command in it."""
    command.context_settings["help_option_names"] = list(_HELP)
    for one in getattr(command, "commands", {}).values():  # a command alone has none
        _helped(one)
    return command

"""The command line: names and one-liners here, everything else imported when a command is called.

`easel --help` must answer at once, so it asks neither the commands' modules nor the entry points, and this file
imports next to nothing; whatever is called goes on in `calling`.
"""

import sys

from bot import __version__

# name -> (where it lives, its line in --help). Commands of integrations are found by entry points when
# called ("easel.commands"); the lines of ours stand here because --help must not look for them.
PLUGIN = "plugin"
COMMANDS: dict[str, tuple[str, str]] = {
    "play": (PLUGIN, "The local page: describe a picture in the browser, no account, no key."),
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
    "simulate": (PLUGIN, "The image gateway's simulator alone."),
    "slack-manifest": (PLUGIN, "The Slack app's manifest, to paste."),
    "discord-invite": (PLUGIN, "The Discord bot's install link."),
}


HELP = ("-h", "--help")
OPTIONS = (*HELP, "--help-all", "--version")  # what stands alone, in the place of a command
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
    if arguments[0] in (*HELP, "help"):
        sys.stdout.write(_help())
        return
    if arguments[0] == "--version":
        sys.stdout.write(f"easel {__version__}\n")
        return
    from bot.process import collector  # noqa: PLC0415 - `easel --help` does without

    with collector.put_off():
        from bot.cli import calling  # noqa: PLC0415 - the same

    if arguments[0] == "--help-all":
        sys.stdout.write(_help() + calling.help_of_others())
        return
    calling.call(*arguments)


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

"""The door to a terminal: what strangers wrote can't command it, nor forge a line; and nothing goes round the door."""

import ast
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from bot.cli.terminal import Terminal
from bot.process import out

ROOT = Path(__file__).resolve().parents[2]
BAD = {
    "escape": "\x1b]0;owned\x07",
    "colour": "\x1b[2J\x1b[31m",
    "c1": "\x9b31m",
    "row": "one\ntwo",
    "return": "one\rtwo",
    "tab": "a\tb",
    "backspace": "good\x08\x08\x08\x08evil",
    "bidi": "\u202egnp.exe\u202c",
    "isolate": "\u2066x\u2069",
    "separator": "a\u2028b\u2029c\x85d",
    "nothing": "a\u200bb\ufeff",
    "tag": "a\U000e0041b",
    "half": "a\ud800b",
    "null": "a\x00b",
    "delete": "a\x7fb",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_a_line_stays_one_line_of_characters_that_are_seen(text, capsys):
    out.say(f"before {text} after")
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert told[:-1].isprintable()
    assert told.startswith("before ")
    assert told.endswith(" after\n")
    assert out.visible(text) != text


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_json_says_the_same_and_shows_nothing_unseen(text, capsys):
    out.show_json({"text": text})
    told = capsys.readouterr().out
    assert json.loads(told) == {"text": text}
    assert all(ch.isprintable() or ch == "\n" for ch in told)


@pytest.mark.parametrize("text", ["a red fox", "여우 한 마리", "👩‍👩‍👧 é ü — “x”", "مرحبا", ""])
def test_what_people_write_is_shown_as_it_is(text):
    assert out.visible(text) == text


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
async def test_the_bar_of_easel_imagine_goes_through_the_door(text):
    console = Console(record=True, width=200)
    terminal = Terminal(console)
    terminal.say(f"[red]{text}[/red]")
    told = console.export_text()
    assert told.count("\n") == 1
    assert "[red]" in told
    assert told[:-1].rstrip().isprintable()


# ── Nothing goes round it ────────────────────────────────────────────────────────────────────────────

# file -> what may stand there: each puts texts of our own only, or what `plain` has made of others'.
SPARED = {
    "bot/cli/__init__.py": {"sys.stdout.write": 4},  # the help and the version
    "bot/cli/show.py": {"sys.stdout.write": 1},  # pictures of ours
    "bot/cli/tables.py": {
        "Console(highlight=False).print": 1,
        "Console(file=told, width=_WIDE).print": 1,
    },  # cells that are `plain`
    "bot/cli/draw.py": {"console.print": 1},  # one fixed sentence
    "bot/cli/terminal.py": {"self._bar.console.print": 1},  # `plain`
    "bot/process/out.py": {"stream.write": 1},
    "bot/pictures/wire.py": {"stream.write": 1},  # bytes, to a process of our own
    "bot/process/telemetry.py": {"sys.stderr.write": 1},  # a logger's name
}


# Few files are worth parsing.
WRITE = re.compile(
    r"print|input\(|echo\(|log_locals|(stream|std(out|err)|os)\.write|std(out|err)\.buffer|__std"
)


def writes(tree):
    """Calls that put text on a terminal: print, echo, write on a standard stream, a console's print."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if (
            name in ("print", "pprint", "input")
            or name.rpartition(".")[2] in ("echo", "secho", "print_json")
            or (name.endswith((".print", ".log_locals")) and "onsole" in name)
            or name in ("sys.stdout.write", "sys.stderr.write", "stream.write", "traceback.print_exc")
            or name.startswith(("sys.stdout.buffer", "sys.stderr.buffer", "sys.__std"))
            or name == "os.write"
        ):
            yield name


def test_no_command_prints_round_the_door():
    found: dict[str, dict[str, int]] = {}
    for path in [*ROOT.glob("bot/**/*.py"), *ROOT.glob("integrations/**/*.py")]:
        source = path.read_text(encoding="utf-8")
        for name in writes(ast.parse(source)) if WRITE.search(source) else ():
            counted = found.setdefault(path.relative_to(ROOT).as_posix(), {})
            counted[name] = counted.get(name, 0) + 1
    assert found == SPARED


def test_what_the_door_shows_of_the_config_is_without_secrets(capsys, monkeypatch):
    from bot.process import hidden

    monkeypatch.setattr(hidden, "_pattern", [])
    monkeypatch.setattr(hidden, "_learned", {})
    hidden.learn({"token": "cAn4ry-token"})
    out.say("it says cAn4ry-token")
    out.show_json({"detail": "cAn4ry-token"})
    assert "cAn4ry" not in "".join(capsys.readouterr())

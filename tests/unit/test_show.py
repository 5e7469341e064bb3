"""Pictures in a terminal: which way, and what is written."""

import base64
import io
import re

import pytest
from PIL import Image
from rich.console import Console

from bot.cli import show


@pytest.mark.parametrize(
    ("environ", "way"),
    [
        ({"TERM": "xterm-kitty"}, show.kitty),
        ({"TERM": "xterm-ghostty"}, show.kitty),
        ({"TERM": "xterm", "KITTY_WINDOW_ID": "1"}, show.kitty),
        ({"TERM": "xterm", "TERM_PROGRAM": "iTerm.app"}, show.iterm),
        ({"TERM": "xterm", "TERM_PROGRAM": "WezTerm"}, show.iterm),
        ({"TERM": "xterm-256color"}, None),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/x"}, None),
        ({"TERM": "screen-256color", "TERM_PROGRAM": "iTerm.app"}, None),
        ({}, None),
    ],
)
def test_a_terminal_is_known_by_what_it_says_of_itself(environ, way):
    assert show.way_of(environ) is way


def test_both_ways_carry_the_whole_picture():
    png = bytes(range(256)) * 60
    pieces = re.findall("\033_G([^;]*);([^\033]*)\033\\\\", show.kitty(png))
    assert base64.b64decode("".join(piece for _, piece in pieces)) == png
    assert [control.endswith("m=1") for control, _ in pieces] == [True] * (len(pieces) - 1) + [False]
    assert max(len(piece) for _, piece in pieces) <= 4096
    written = show.iterm(png)
    assert written.startswith("\033]1337;File=inline=1;")
    assert base64.b64decode(written.rstrip("\a").partition(":")[2]) == png


class Screen(io.StringIO):
    def isatty(self):
        return True


def test_it_is_small_and_only_where_somebody_sits(monkeypatch, tmp_path):
    file = tmp_path / "fox.png"
    Image.new("RGBA", (2000, 1000), "red").save(file)
    for screen, there, shown in (
        (Screen(), True, True),
        (io.StringIO(), True, False),
        (Screen(), False, False),
    ):
        monkeypatch.setattr("sys.stdout", screen)
        console = Console(file=io.StringIO(), force_terminal=there)
        show.pictures([str(file)], console, {"TERM_PROGRAM": "iTerm.app"})
        assert bool(screen.getvalue()) == shown
        if shown:
            data = base64.b64decode(screen.getvalue().strip().rstrip("\a").partition(":")[2])
            assert Image.open(io.BytesIO(data)).size == (480, 240)

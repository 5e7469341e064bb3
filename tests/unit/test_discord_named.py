"""Names of roles and channels that a moderator writes into a rule."""

import importlib
import warnings
from types import SimpleNamespace
from typing import Any

import pytest

from bot.abilities import Named
from bot.errors import SurfaceError

with warnings.catch_warnings():
    # discord.py imports audioop, which Python has put on its list to go.
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    named = importlib.import_module("integrations.discord.people").named

ROLE, CHANNEL = Named.ROLE, Named.CHANNEL


def thing(number: int, name: str) -> Any:
    return SimpleNamespace(id=number, name=name)


@pytest.fixture
def guild() -> Any:
    return SimpleNamespace(
        unavailable=False,
        roles=[thing(1, "@everyone"), thing(2, "Artist"), thing(3, "Twin"), thing(4, "twin")],
        channels=[thing(5, "art"), thing(6, "Lounge")],
        threads=[thing(7, "sketches")],
    )


@pytest.mark.parametrize(
    ("kind", "typed", "found"),
    [
        (ROLE, "Artist", "2"), (ROLE, " @artist ", "2"), (ROLE, "everyone", "1"), (ROLE, "@everyone", "1"),
        (ROLE, "art", None), (ROLE, "twin", None), (ROLE, "", None),
        (CHANNEL, "#art", "5"), (CHANNEL, "lounge", "6"), (CHANNEL, "sketches", "7"), (CHANNEL, "all", None),
        (ROLE, "<@&118000000000000001>", "118000000000000001"),
        (CHANNEL, "<#118000000000000002>", "118000000000000002"),
        (CHANNEL, "118000000000000003", "118000000000000003"),
    ],
)  # fmt: skip
def test_a_name_is_found_or_is_none(guild, kind, typed, found):
    assert named(guild, kind, typed) == found


@pytest.mark.parametrize("told", [None, SimpleNamespace(unavailable=True)])
def test_of_a_server_that_was_not_told_nothing_is_said(told):
    assert named(told, ROLE, "<@&118000000000000001>") == "118000000000000001"
    with pytest.raises(SurfaceError):
        named(told, ROLE, "Artist")

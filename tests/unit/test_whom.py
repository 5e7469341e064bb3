"""An operator's command changes the purse and the rules that it names, and nothing at all by a slip."""

import asyncio
import json
import time
from functools import partial

import pytest

from tests.fakes.command import called
from tests.fakes.house import Clock, Town, new_sqlite, open_house


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with a configuration and a database in which one Discord community has drawn."""
    monkeypatch.chdir(tmp_path)
    url = new_sqlite(tmp_path)
    (tmp_path / "easel.toml").write_text(f'[store]\nurl = "{url}"\n', encoding="utf-8")

    async def draw():
        async with open_house(url, Clock(time.time())) as app:
            town = Town(app, Clock(time.time()))
            await town.draw(text="a secret fox --private --model gpt-image-1-mini")
            await town.draw(town.person("tom"))

    asyncio.run(draw())
    return tmp_path


@pytest.fixture
def easel(capsys, monkeypatch):
    return partial(called, capsys, monkeypatch)


NAMES_NOTHING = [
    (("credits", "grant", "--surface", "discrod", "--user", "7", "--amount", "5"), "discord"),
    (("credits", "take", "--surface", "Discord", "--user", "7", "--amount", "5"), "discord"),
    (("credits", "show", "--surface", "slak", "--user", "7"), "slack"),
    (("credits", "grant", "--surface", "discord", "--amount", "5"), "--user"),
    (("credits", "grant", "--surface", "slack", "--user", "7", "--amount", "5"), "--community"),
    (("community", "block", "--surface", "slak", "--user", "7"), "slack"),
    (("community", "set", "budget", "5", "--surface", "wed"), "web"),
    (("community", "show", "--surface", ""), "cli"),
    (("usage", "--surface", "discrod", "--community", "club"), "discord"),
    (("audit", "--surface", "discrod"), "discord"),
    (("export", "--surface", "discrod", "--user", "7"), "discord"),
    (("credits", "grant", "--community", "nope", "--amount", "5"), "local"),
    (("credits", "grant", "--surface", "discord", "--user", "7\n", "--amount", "5"), "no id"),
    (
        (
            "credits",
            "grant",
            "--surface",
            "discord",
            "--community",
            "\x1b[2J",
            "--user",
            "7",
            "--amount",
            "5",
        ),
        "no id",
    ),
    (("community", "block", "--surface", "discord", "--user", "a b"), "no id"),
    (("community", "set", "budget", "5", "--surface", "discord", "--community", " club"), "no id"),
]


@pytest.mark.parametrize(("words", "helps"), NAMES_NOTHING)
def test_what_names_nothing_is_refused_with_what_there_is(home, easel, words, helps):
    code, out, err = easel(*words)
    assert (code, out) == (2, "")
    assert helps in err
    _, audit, _ = easel("audit", "--json")
    assert {"grant", "take", "block", "settings"}.isdisjoint(one["action"] for one in json.loads(audit))


ADMIN = [
    ("credits", "grant", "--amount", "5"),
    ("credits", "show"),
    ("community", "show"),
    ("community", "set", "budget", "5"),
    ("jobs", "list"),
    ("audit",),
    ("usage",),
    ("export", "--user", "7"),
    ("store", "copy", "--to", "sqlite:///other.db"),
]


@pytest.mark.parametrize("words", ADMIN)
def test_from_another_folder_nothing_is_made(tmp_path, easel, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EASEL_HOME", str(tmp_path / "home"))
    code, out, err = easel(*words)
    assert (code, out) == (2, "")
    assert "no database" in err
    assert [path.name for path in tmp_path.rglob("*")] == ["home"]


def test_the_password_of_a_copys_target_needs_not_be_typed(home, easel, monkeypatch):
    """What stands on the command line is read by everybody on the machine."""
    (home / "target").write_text("sqlite:///first.db\n", encoding="utf-8")
    assert easel("store", "copy", "--to-file", "target")[0] == 0
    monkeypatch.setenv("EASEL_COPY_TO", "sqlite:///second.db")
    assert easel("store", "copy")[0] == 0
    assert (home / "first.db").exists()
    assert (home / "second.db").exists()
    monkeypatch.delenv("EASEL_COPY_TO")
    code, out, err = easel("store", "copy")
    assert (code, out) == (2, "")
    assert "--to-file" in err
    code, out, err = easel("store", "copy", "--to-file", "nowhere")
    assert (code, out) == (2, "")
    _, _, err = easel("store", "copy", "--to", "postgresql://easel:cAn4rySecret@127.0.0.1:1/easel")
    assert "(ps)" in err
    assert "cAn4rySecret" not in err


def test_whose_purse_was_changed_is_told_in_full(home, easel):
    where = ("--surface", "discord", "--community", "club")
    _, out, _ = easel("credits", "grant", *where, "--user", "mina", "--amount", "5")
    assert "discord / club / mina" in out
    _, out, _ = easel("credits", "take", *where, "--user", "mina", "--amount", "5")
    assert "discord / club / mina" in out
    _, out, _ = easel("community", "set", "images_max", "2", *where)
    assert "discord / club" in out
    _, out, _ = easel("community", "block", *where, "--user", "tom")
    assert "discord / club / tom" in out


def test_the_only_community_of_a_surface_needs_no_name(home, easel):
    code, out, _ = easel("credits", "grant", "--surface", "discord", "--user", "mina", "--amount", "5")
    assert (code, "discord / club / mina" in out) == (0, True)


def test_a_community_that_nobody_has_been_in_is_told_of(home, easel):
    where = ("--surface", "discord", "--community", "clab")
    code, _, err = easel("credits", "grant", *where, "--user", "mina", "--amount", "5")
    assert (code, "did you mean 'club'?" in err) == (0, True)


def test_a_person_is_handed_over_whole_and_alone(home, easel):
    code, out, _ = easel("export", "--surface", "discord", "--user", "mina", "--files", "pictures")
    assert code == 0
    (here,) = json.loads(out)["communities"]
    assert [job["order"]["subject"] for job in here["jobs"]] == ["a secret fox"]
    assert [move["kind"] for move in here["movements"]].count("hold") == 1
    assert {account["kind"] for account in here["accounts"]} == {"allowance", "granted"}
    assert [picture["file"] for picture in here["pictures"]] == [None]  # it was never in this folder
    assert "tom" not in out


def test_whoever_is_unknown_has_nothing(home, easel):
    _, out, _ = easel("export", "--surface", "discord", "--user", "nobody")
    assert json.loads(out)["communities"] == []


def test_rules_of_a_role_and_a_channel_are_set_part_by_part_and_shown(home, easel):
    where = ("--surface", "discord", "--community", "club")
    code, out, err = easel("community", "role", "77", "allowance:90", "priority:relaxed", *where)
    assert (code, out, err) == (0, "77 in discord / club: allowance:90 priority:relaxed\n", "")
    assert "images:2" in easel("community", "role", "77", "images:2", "allowance:default", *where)[1]
    assert easel("community", "role", *where)[1] == "77 in discord / club: images:2 priority:relaxed\n"
    _, out, err = easel("community", "role", "77", "priority:fast", *where)
    assert ("priority:normal" in out, "less than was set" in err) == (True, True), "no named community"
    told = easel("community", "channel", "art", "styles:anime", "level:strict", "closed", "--json", *where)[1]
    assert json.loads(told) == {"art": {"open": False, "styles": ["anime"], "level": "strict"}}
    assert easel("community", "channel", "art", "off", *where)[1] == "art in discord / club: as for all\n"
    assert easel("community", "channel", *where)[1] == "none has rules of its own in discord / club\n"
    for wrong in (("role", "77", "alowance:5"), ("channel", "art", "level:wild"), ("role", "allowance:5")):
        code, out, _ = easel("community", *wrong, *where)
        assert (code in (1, 2), out) == (True, ""), wrong


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("community", "held", "--surface", "discord"), "no picture is withheld\n"),
        (("community", "blocked", "--surface", "discord"), "nobody is blocked\n"),
        (("codes", "void", "sprnig"), "No code of sprnig is left that could be redeemed; easel codes list names the batches.\n"),
    ],
)  # fmt: skip
def test_where_there_is_nothing_that_is_said(home, easel, words, said):
    assert easel(*words) == (0, said, "")

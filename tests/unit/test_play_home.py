"""What the operator's commands know in the home of `easel play`, where nothing is configured and the simulator draws."""

import re
from pathlib import Path

import pytest

from tests.fakes.command import command
from tests.fakes.house import new_sqlite


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EASEL_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    made = Path(new_sqlite(tmp_path).removeprefix("sqlite:///"))
    made.rename(tmp_path / "home" / "easel.db")


def test_a_community_is_given_the_models_that_the_simulator_draws_with():
    told = command("community", "set", "models", "sdxl, gpt-image-1-mini")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("models is now ")
    assert command("community", "set", "default_model", "sdxl").code == 0
    assert command("community", "show", "--json").json()["own"]["default_model"]


def test_a_model_that_nobody_draws_with_is_answered_by_how_to_list_them():
    told = command("community", "set", "models", "midjourney")
    assert told.code == 1
    assert told.err == "easel: I know no model “midjourney”. easel models lists them all.\n"


def test_the_history_of_rules_is_told_as_they_are_typed():
    command("community", "set", "models", "sdxl, flux-2-pro")
    command("community", "set", "roles", '{"7": {"allowance": 5}}')
    command("community", "set", "owners_exempt", "yes")
    command("community", "set", "models", "all")
    told = [
        re.sub(r"^ *(\d+)  \S+ \S+  \S+ +", r"\1 ", line)
        for line in command("community", "history").out.splitlines()
    ]
    assert not [line for line in told if "'" in line or "(" in line], "no line of a program"
    assert told[0].startswith("4 ")
    assert 'roles {"7": {"allowance": ' in told[0]
    assert "owners_exempt yes" in told[0]
    assert told[-1].startswith("1 models ")
    assert command("community", "history", "--json").json()[0]["settings"]["owners_exempt"]


def test_where_nothing_was_set_the_history_says_so():
    assert command("community", "history").out == "nothing was ever set\n"

"""The command line: names, help, one-line errors, roles, file names. What needs a process is in journey/."""

import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from bot import __version__, cli
from bot.cli import calling, draw, home, run
from bot.cli.common import THREADS_TURN_S, found_file, settings_of
from bot.cli.common import run as run_loop
from bot.cli.jobs import as_dict
from bot.cli.whom import person
from bot.configuration.config import load
from bot.errors import ConfigError
from bot.job import Job, State
from bot.model import Order
from bot.order.prompts import parse
from bot.ports import Requester
from bot.store.schema import make as make_schema
from tests.fakes.command import called as easel

ROOT = Path(__file__).parents[2]


def test_help_names_every_command_that_was_promised(capsys, monkeypatch):
    code, out, _ = easel(capsys, monkeypatch, "--help")
    assert code == 0
    for name in (
        "play", "run", "imagine", "check", "models", "credits", "jobs", "audit", "simulate", "slack-manifest",
        "discord-invite",
    ):  # fmt: skip
        assert f"  {name} " in out


def test_alone_it_says_what_to_do_first_with_commands_that_there_are(capsys, monkeypatch):
    code, out, _ = easel(capsys, monkeypatch)
    named = re.findall(r"^  easel (\w+)", out, re.MULTILINE)
    assert (code, named[0]) == (0, "play")
    assert set(named) <= set(cli.COMMANDS)


def test_help_imports_nothing_heavy():
    """`--help` must answer at once, so it asks neither the commands nor the entry points."""
    heavy = ("typing", "typer", "pydantic", "structlog", "importlib.metadata", "httpx", "PIL", "sqlalchemy", "asyncio")  # fmt: skip
    script = (
        "import sys; sys.argv = ['easel', '--help']; from bot.cli import main; main();"
        f" print([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_version_is_the_packages(capsys, monkeypatch):
    assert easel(capsys, monkeypatch, "--version")[1] == f"easel {__version__}\n"


def test_an_unknown_command_is_exit_2_with_the_nearest_name(capsys, monkeypatch):
    code, out, err = easel(capsys, monkeypatch, "imagin")
    assert (code, out) == (2, "")
    assert err == "easel: there is no command 'imagin'; did you mean 'imagine'?\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--hlep",), "there is no option '--hlep'; did you mean '--help'?"),
        (
            ("--config", "easel.toml", "check"),
            "there is no option '--config' before a command; its options stand behind it",
        ),
        (("-c", "x"), "there is no option '-c' before a command; its options stand behind it"),
    ],
)
def test_an_unknown_option_before_the_command_is_called_an_option(capsys, monkeypatch, words, said):
    assert easel(capsys, monkeypatch, *words) == (2, "", f"easel: {said}\n")


def test_help_is_a_word_too(capsys, monkeypatch):
    assert easel(capsys, monkeypatch, "help") == easel(capsys, monkeypatch, "--help")


@pytest.mark.parametrize(
    "words",
    [
        *(("jobs", do, "nope") for do in ("show", "cancel", "end", "retry")),
        ("credits", "refund", "nope"),
        *(("community", do, "nope") for do in ("release", "discard")),
    ],
)
def test_an_unknown_job_is_called_one(capsys, monkeypatch, tmp_path, words):
    """Who runs Easel typed a job's id, and looks at no picture."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "easel.toml"
    file.write_text(f'[store]\nurl = "sqlite:///{tmp_path}/easel.db"\n', encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "easel.db")) as database:
        make_schema(database)
        database.commit()
    code, out, err = easel(capsys, monkeypatch, *words, "--config", str(file))
    assert (code, out) == (1, "")
    assert err.splitlines()[-1] == (
        "easel: there is no such job, or what was asked of it is gone; easel jobs list names them"
    )


def test_a_state_that_no_job_has_is_refused_with_those_there_are(capsys, monkeypatch):
    code, out, err = easel(capsys, monkeypatch, "jobs", "list", "--state", "done")
    assert (code, out) == (2, "")
    assert err.startswith("easel: '--state': 'done' is not one of 'accepted', ")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "typed",
    [
        ["a red fox", "--ar", "16:9", "--n", "2", "--json"],
        ["a", "red", "--json", "fox", "--ar", "16:9", "--n", "2"],
        ["--ar", "16:9", "--n", "2", "a red fox", "--json"],
        ["a red fox --ar 16:9 --n 2", "--json"],
    ],
)
def test_the_flags_of_an_order_are_understood_wherever_they_stand(typed):
    given = calling.load("imagine").make_context("easel imagine", typed).params
    order = parse(" ".join(given["text"]))
    assert (order.subject, order.aspect, order.images, given["json"]) == ("a red fox", "16:9", 2, True)


def test_only_an_order_takes_flags_that_nobody_knows(capsys, monkeypatch):
    code, _, err = easel(capsys, monkeypatch, "models", "--ar", "16:9")
    assert (code, "--ar" in err) == (2, True)


@pytest.mark.parametrize("name", [n for n, (place, _) in cli.COMMANDS.items() if place != "plugin"])
def test_every_command_of_the_core_loads_and_explains_itself(capsys, monkeypatch, name):
    code, out, _ = easel(capsys, monkeypatch, name, "--help")
    assert code == 0
    assert f"easel {name}" in out


@pytest.mark.parametrize("words", [("imagine",), ("jobs", "list"), ("credits",), ("play",)])
def test_h_behind_a_command_is_its_help(capsys, monkeypatch, words):
    assert easel(capsys, monkeypatch, *words, "-h") == easel(capsys, monkeypatch, *words, "--help")
    assert easel(capsys, monkeypatch, *words, "-h")[1].startswith(f"Usage: easel {' '.join(words)}")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("imagine",), "missing argument 'text'. easel imagine -h says how."),
        (("jobs", "show"), "missing argument 'job'. easel jobs show -h says how."),
        (("jobs", "shw"), "no such command 'shw'. Did you mean 'show'? easel jobs -h says how."),
        (
            ("jobs", "list", "--limit", "x"),
            "'--limit': that is no whole number. easel jobs list -h says how.",
        ),
        (("models", "--foo"), "no such option: --foo. easel models -h says how."),
        (("play", "--port", "x"), "'--port': that is no whole number. easel play -h says how."),
    ],
)
def test_a_command_line_that_can_not_be_read_is_one_sentence_with_the_way_to_its_help(
    capsys, monkeypatch, words, said
):
    assert easel(capsys, monkeypatch, *words) == (2, "", f"easel: {said}\n")


def test_a_folder_that_can_not_be_written_is_refused_before_anything_is_paid(capsys, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    code, out, err = easel(capsys, monkeypatch, "imagine", "a fox", "--out", "file/folder")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "nothing was drawn" in err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_without_a_configuration_all_commands_share_one_home(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("EASEL")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("EASEL_HOME", str(tmp_path / "home"))
    kept = home.sections_of(home.home())
    settings = settings_of(None, assets={"public_url": "http://127.0.0.1:1"})
    assert settings.store.url.get_secret_value() == kept["store"]["url"]
    assert settings.assets.url.get_secret_value() == kept["assets"]["url"]
    assert settings.assets.public_url == "http://127.0.0.1:1"
    for own in ("EASEL__GATEWAY__API_KEY", "EASEL__STORE__POOL_SIZE"):
        with monkeypatch.context() as patch:
            patch.setenv(own, "5")
            assert settings_of(None).store.url.get_secret_value() == "sqlite:///easel.db"
    Path("easel.db").touch()
    assert settings_of(None).store.url.get_secret_value() == kept["store"]["url"], (
        "a home that is named goes before"
    )
    monkeypatch.delenv("EASEL_HOME")
    assert settings_of(None).store.url.get_secret_value() == "sqlite:///easel.db"


def test_every_command_of_an_integration_has_its_line_and_its_entry_point():
    named = {name for name, (place, _) in cli.COMMANDS.items() if place == "plugin"}
    assert {point.name for point in entry_points(group="easel.commands")} <= named


def test_a_config_that_cannot_be_read_is_exit_2_in_one_line(capsys, monkeypatch, tmp_path):
    file = tmp_path / "bad.toml"
    file.write_text("[http]\nprot = 1\n", encoding="utf-8")
    code, out, err = easel(capsys, monkeypatch, "jobs", "list", "--config", str(file))
    assert (code, out) == (2, "")
    assert "did you mean 'port'?" in err
    assert len(err.splitlines()) == 1


def test_while_a_command_runs_threads_have_their_turns_soon():
    async def interval() -> float:
        return sys.getswitchinterval()

    usual = sys.getswitchinterval()
    try:
        assert run_loop(interval()) == pytest.approx(THREADS_TURN_S)
    finally:
        sys.setswitchinterval(usual)


def test_a_file_that_is_named_is_taken_else_the_one_in_the_folder_else_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert found_file(None) is None
    Path("easel.toml").touch()
    assert found_file(None) == Path("easel.toml")
    assert found_file(Path("other.toml")) == Path("other.toml")


def test_roles_are_all_that_is_set_up_or_those_named():
    assert run.chosen_roles("", ["slack"]) == {"slack", "worker"}
    assert run.chosen_roles("worker", ["slack"]) == {"worker"}
    assert run.chosen_roles(" slack , worker ", ["slack"]) == {"slack", "worker"}
    with pytest.raises(ConfigError, match="there is no role 'slak'"):
        run.chosen_roles("slak", ["slack"])


def test_nothing_that_is_not_set_up_is_ready():
    assert "discord" not in run.ready_surfaces(load(None, environ={}))
    assert "slack" not in run.ready_surfaces(load(None, environ={}))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("A red fox, in the snow!", "a-red-fox-in-the-snow"),
        ("../../etc/passwd", "etc-passwd"),
        ("???", "picture"),
        ("눈 속의 여우", "눈-속의-여우"),
        ("x" * 200, "x" * 40),
    ],
)
def test_a_file_is_named_after_its_words_and_stays_in_its_folder(text, name):
    assert draw._slug(text) == name


def test_a_job_in_json_has_the_names_that_tools_rely_on():
    job = Job(
        id="j", version=1, state=State.FAILED, requester=Requester(surface="cli", community="local", user="u"),
        order=Order(provider="p", model="m", prompt="x", credits_each=5), created_at=1.0, deadline_at=2.0, due_at=1.0,
        captured_credits=0, reason="failed-provider", detail="secret",
    )  # fmt: skip
    told = as_dict(job)
    assert {"id", "state", "surface", "community", "user", "model", "credits", "created_at", "error"} <= set(
        told
    )
    assert (told["state"], told["credits"], told["held"], told["error"]) == (
        "failed",
        0,
        5,
        "failed-provider",
    )
    assert type(told["state"]) is str


def test_a_person_is_whom_the_operator_names():
    assert person("slack", "T1", "U1") == Requester(surface="slack", community="T1", user="U1")


def test_options_stand_behind_the_last_word(capsys, monkeypatch):
    code, out, _ = easel(capsys, monkeypatch, "credits", "grant", "--help")
    assert code == 0
    for option in ("--surface", "--community", "--user", "--amount", "--memo", "--config", "--json"):
        assert option in out


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ("a fox --model nope", "easel models lists them all"),
        ("", "easel imagine a red fox"),
        ("a fox --frobnicate", "easel models shows what each model takes"),
        ("a fox --v 6", "Without that it is: a fox"),
        ("a fox --ref nope", "easel jobs list tells it"),
        ("--help a fox", "easel imagine --help"),
    ],
)
def test_what_a_terminal_is_refused_names_commands_of_the_terminal(
    tmp_path, capsys, monkeypatch, order, told
):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    code, _, err = easel(capsys, monkeypatch, "imagine", "-o", tmp_path / "out", "--", order)
    assert code in (1, 2)
    assert told in err
    assert not re.search(r"/easel |/imagine|✉️|\\n", err)


def test_without_a_configuration_the_models_are_those_that_imagine_draws_with(tmp_path, capsys, monkeypatch):
    """Refusals of `easel imagine` send people there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EASEL_HOME", str(tmp_path / "home"))
    code, out, err = easel(capsys, monkeypatch, "models", "--json")
    assert (code, err) == (0, "No configuration: the built-in simulator draws.\n")
    assert {"gemini-2.5-flash-image", "stability-ai/sdxl"} <= {one["id"] for one in json.loads(out)}
    Path("easel.toml").touch()
    code, _, err = easel(capsys, monkeypatch, "models")
    assert (code, "no image service is set up" in err) == (1, True)


def test_imagine_says_where_the_books_are_kept(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for kept in (tmp_path / "home", "sqlite:///easel.db"):
        monkeypatch.setenv("EASEL_HOME", str(tmp_path / "home"))
        if isinstance(kept, str):
            monkeypatch.delenv("EASEL_HOME")
            Path("easel.db").touch()
        _, _, err = easel(capsys, monkeypatch, "imagine", "--", "--no snow")
        assert f"are kept in {kept}\n" in err


def test_a_question_that_nobody_answers_ends_the_command_in_words(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO("web\n"))
    code, _, err = easel(capsys, monkeypatch, "init")
    assert (code, "nothing was done. easel init -h" in err, list(tmp_path.iterdir())) == (1, True, [])

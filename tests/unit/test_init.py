"""`easel init`: what it asks, what it writes, and that this is a configuration."""

import stat

import pytest
import typer
from typer.testing import CliRunner

from bot.cli.init import init
from bot.configuration import config

TOKENS = {"discord": ["a-bot-token"], "slack": ["xoxb-1-a", "xapp-1-b"], "web": []}


def asked(*options, answers=()):
    app = typer.Typer()
    app.command()(init)
    return CliRunner().invoke(app, [*map(str, options)], input="".join(f"{answer}\n" for answer in answers))


@pytest.mark.parametrize("chats", ["discord", "slack", "web", "discord, slack", "web,discord,slack"])
@pytest.mark.parametrize(
    ("service", "keys"), [("google", ["a-key"]), ("comfyui", ["http://127.0.0.1:8188"]), ("none", [])]
)
def test_what_it_writes_is_read_back_as_it_was_answered(tmp_path, chats, service, keys):
    file = tmp_path / "easel.toml"
    names = [name.strip() for name in chats.split(",")]
    tokens = [token for name in names for token in TOKENS[name]]
    done = asked("--config", file, answers=[chats, *tokens, service, *keys, "250"])
    assert done.exit_code == 0, done.output
    assert not [secret for secret in (*tokens, "a-key") if secret in done.output], (
        "what is secret is not shown"
    )
    settings = config.load(file, environ={})
    assert settings.quotas.daily_allowance == 250
    assert [name for name in TOKENS if settings.is_set_up(name)] == sorted(names, key=list(TOKENS).index)
    assert sorted(settings.open_providers()) == [service] * (service != "none")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "easel check" in done.output


def test_an_answer_that_can_not_be_is_asked_for_again(tmp_path):
    file = tmp_path / "easel.toml"
    answers = ["discrod", "slack", "xoxb-1", "", "xoxb-1", "xapp-1", "google", "a key", "a-key", "lots", "3"]
    done = asked("--config", file, answers=answers)
    assert done.exit_code == 0, done.output
    assert "'discrod' is none of discord, slack, web" in done.output
    assert config.load(file, environ={}).quotas.daily_allowance == 3


def test_what_stands_there_is_never_written_over(tmp_path):
    file = tmp_path / "easel.toml"
    file.write_text("# mine\n", encoding="utf-8")
    done = asked("--config", file)
    assert (done.exit_code, file.read_text(encoding="utf-8")) == (2, "# mine\n")
    assert "stays as it is" in done.output


def test_with_all_answers_as_options_nothing_is_asked(tmp_path):
    file = tmp_path / "easel.toml"
    done = asked("--chat", "web", "--service", "none", "--allowance", "5", "--config", file)
    assert done.exit_code == 0
    assert config.load(file, environ={}).quotas.daily_allowance == 5
    assert asked("--chat", "telegram", "--config", tmp_path / "other.toml").exit_code == 2

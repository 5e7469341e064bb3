"""What commands bring along: no library that they never ask for."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
BOT = """
import sys
from bot.process import unasked
unasked.import_without()
from bot.cli import calling
calling.load("run")
import integrations.discord.surface, integrations.providers.gateway
from bot.configuration import config
config.load(environ={"EASEL__PROVIDERS__XAI__API_KEY": "k"})
print(*sys.modules)
"""
WHY = """
import sys
from bot import cli
sys.argv = ["easel", "why", "a", "fox"]
try:
    cli.main()
finally:
    print(*sys.modules)
"""
SCANS = """
import importlib.metadata
scans, look = [], importlib.metadata.entry_points
importlib.metadata.entry_points = lambda **asked: scans.append(asked) or look(**asked)
from bot import plugins
for group in plugins.GROUPS:
    assert plugins.names(group) == sorted(point.name for point in look(group=group)), group
print(len(scans))
"""


def run(code, folder):
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1].split()


@pytest.fixture(scope="module")
def brought(tmp_path_factory):
    return {
        name: set(run(code, tmp_path_factory.mktemp(name))) for name, code in {"bot": BOT, "why": WHY}.items()
    }


@pytest.mark.parametrize(
    "name",
    [
        "rich", "pygments",  # tables and tracebacks in colours are for commands
        "PIL",  # pictures are decoded in processes of their own, and charts are rare
        "jinja2",  # no chat has pages
        "alembic", "sqlalchemy", "asyncpg",  # a file at its newest needs none
        "integrations.providers.fal", "integrations.providers.bfl",  # nothing of them is written
        "integrations.slack.surface", "integrations.web.surface", "slack_sdk",
    ],
)  # fmt: skip
def test_a_bot_that_starts_does_without(brought, name):
    assert name not in brought["bot"]
    assert "integrations.providers.xai" in brought["bot"]


@pytest.mark.parametrize(
    "name", ["httpx", "aiohttp", "discord", "uvicorn", "rich", "fluent.runtime", "babel", "PIL"]
)
def test_a_command_that_reaches_nobody_does_without(brought, name):
    assert name not in brought["why"]
    assert "bot.moderation.lexicon.lexicon" in brought["why"]


def test_what_was_left_out_is_there_when_somebody_asks_for_it(tmp_path):
    run(
        "from bot.process import unasked; unasked.import_without(); import httpx, rich.console, pygments;"
        "rich.console.Console(); httpx.Client; print('there')",
        tmp_path,
    )


def test_what_is_installed_is_looked_through_once_for_all_groups(tmp_path):
    assert run(SCANS, tmp_path) == ["1"]

"""What `easel run` brings along: no library that a bot on a chat never asks for."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
STARTED = """
import sys
from bot import cli, unasked
unasked.import_without()
cli._load("run")
import integrations.discord.surface, integrations.providers.gateway
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def brought():
    done = subprocess.run(
        [sys.executable, "-c", STARTED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "name",
    [
        "rich", "pygments",  # tables and tracebacks in colours are for commands
        "PIL",  # pictures are decoded in processes of their own, and charts are rare
        "jinja2",  # no chat has pages
        "alembic", "sqlalchemy", "asyncpg",  # a file at its newest needs none
    ],
)  # fmt: skip
def test_a_bot_that_starts_does_without(brought, name):
    assert name not in brought


def test_what_was_left_out_is_there_when_somebody_asks_for_it():
    code = "from bot import unasked; unasked.import_without(); import rich.console, pygments; rich.console.Console()"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=PATIENCE_S, check=True)

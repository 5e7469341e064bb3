"""The first schema; the script beside this file makes it."""

from bot.store.migrate import run_script

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_script(__file__)

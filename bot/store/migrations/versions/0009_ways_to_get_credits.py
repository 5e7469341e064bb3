"""Codes, and what was given until a day; the script beside this file changes the tables."""

from bot.store.migrate import run_script

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_script(__file__)

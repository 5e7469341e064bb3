"""A message that is given up says so; the script beside this file makes the column."""

from bot.store.migrate import run_script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_script(__file__)

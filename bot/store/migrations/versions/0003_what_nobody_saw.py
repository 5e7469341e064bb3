"""A message that can't be shown is known as such, and who caused it; the script beside this file makes the columns."""

from bot.store.migrate import run_script

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_script(__file__)

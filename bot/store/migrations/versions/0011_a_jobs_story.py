"""How a job went, move by move; the script beside this file makes it."""

from bot.store.migrate import run_script

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_script(__file__)

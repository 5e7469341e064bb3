"""Routes, how they fare, and what services told us; the script beside this file makes them."""

from bot.store.migrate import run_script

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_script(__file__)

"""What moderators are told of, and what they did about it; the script beside this file makes the tables."""

from bot.store.migrate import run_script

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_script(__file__)

"""What was bought outside, what of it was taken back, and what people are told of it; the script beside this file adds the tables."""

from bot.store.migrate import run_script

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_script(__file__)

"""What a person has until a day is found at once; the script beside this file makes it."""

from bot.store.migrate import run_script

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_script(__file__)

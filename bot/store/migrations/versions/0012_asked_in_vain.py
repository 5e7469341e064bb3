"""What was asked in vain; the script beside this file makes it."""

from bot.store.migrate import run_script

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_script(__file__)

"""What people keep for themselves; the script beside this file makes them."""

from bot.store.migrate import run_script

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_script(__file__)

"""How soon an order goes, what its channel is part of, and words that were refused; the script beside this file makes them."""

from bot.store.migrate import run_script

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_script(__file__)

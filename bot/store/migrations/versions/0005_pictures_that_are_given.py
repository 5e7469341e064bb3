"""Pictures that are given with an order, and what a service tells of its chance; the script beside this file makes them."""

from bot.store.migrate import run_script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_script(__file__)

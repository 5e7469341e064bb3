"""The store's laws on a real PostgreSQL."""

import pytest

from bot.store import open_store
from tests.contract.store_contract import StoreContract
from tests.fakes.patience import PATIENCE_S

pytest_plugins = ("tests.fakes.postgres",)


@pytest.fixture
async def store(postgres: str):
    store = await open_store(postgres, patience_s=PATIENCE_S)
    yield store
    await store.aclose()


class TestPostgres(StoreContract):
    """Every law of the contract."""

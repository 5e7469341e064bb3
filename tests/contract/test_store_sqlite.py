"""The store's laws on real SQLite files."""

import asyncio
import shutil
import threading
from pathlib import Path

import pytest

from bot.store import open_store
from bot.store.migrate import migrate
from tests.contract.store_contract import StoreContract
from tests.fakes.patience import PATIENCE_S


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that is migrated once and copied for each test."""
    path = tmp_path_factory.mktemp("store") / "easel.db"
    thread = threading.Thread(target=lambda: asyncio.run(migrate(f"sqlite+aiosqlite:///{path}")))
    thread.start()
    thread.join()
    return path


@pytest.fixture
async def store(migrated: Path, tmp_path: Path):
    shutil.copy(migrated, tmp_path / "easel.db")
    store = await open_store(f"sqlite:///{tmp_path}/easel.db", patience_s=PATIENCE_S)
    yield store
    await store.aclose()


class TestSqlite(StoreContract):
    """Every law of the contract."""

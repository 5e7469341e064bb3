"""Brings a database to the newest schema with Alembic, one process at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bot.errors import ConfigError
from bot.process.hidden import hide
from bot.store.schema import HEAD, statements

_LOCK = 0x6561_7365_6C  # PostgreSQL's advisory lock while migrating: "easel"


async def migrate(url: str, connect: Callable[[], Awaitable[Any]] | None = None) -> None:
    """Upgrades to the head; quick when nothing is to be done. Raises ConfigError.

    `url` is SQLAlchemy's, with an async driver; `connect` opens the driver's connection in its stead, so
    that the driver reads its own URL with all that stands in it (sslmode, several hosts).
    """
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError  # noqa: PLC0415 - slow, and only needed here
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - the same
    from sqlalchemy.pool import NullPool  # noqa: PLC0415 - the same

    creator = {"async_creator": connect} if connect is not None else {}
    engine = create_async_engine(url, poolclass=NullPool, **creator)
    try:
        async with asyncio.timeout(60), engine.connect() as connection:
            await connection.run_sync(_upgrade)
            await connection.commit()
    except SQLAlchemyError as error:
        # The driver's own words, without the statement.
        reason = (error.orig if isinstance(error, DBAPIError) else None) or error
        raise ConfigError(f"[store] url: the database can't be made ready: {hide(str(reason))}") from error
    finally:
        await engine.dispose()


def run_script(revision: str) -> None:
    """Runs the script of SQL beside a revision's file; Alembic's revisions do nothing else."""
    from alembic import op  # noqa: PLC0415 - slow, and only needed for a real upgrade

    for statement in statements(Path(revision).with_suffix(".sql")):
        op.get_bind().exec_driver_sql(statement)


def _upgrade(connection: Any) -> None:
    from sqlalchemy import inspect, text  # noqa: PLC0415 - slow, and only needed here

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    else:
        connection.exec_driver_sql("PRAGMA busy_timeout = 20000")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    if inspect(connection).has_table("alembic_version"):
        known = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if known == HEAD:
            return
    from alembic import command  # noqa: PLC0415 - slow, and only needed for a real upgrade
    from alembic.config import Config  # noqa: PLC0415 - the same
    from alembic.util import CommandError  # noqa: PLC0415 - the same

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise ConfigError(f"[store] url: a newer Easel has written this database: {error}") from error

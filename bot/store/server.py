"""What our user may do on the database's server: for the operator, who should have given it no more than its database."""

from bot.store.database import Database, Steps, sql

# PostgreSQL's word for each right that Easel has no use for.
_RIGHTS = {
    "rolsuper": "superuser",
    "rolcreaterole": "makes users",
    "rolcreatedb": "makes databases",
    "rolreplication": "replicates",
    "rolbypassrls": "passes row security",
}


async def excess_rights(database: Database) -> list[str]:
    """The rights of our user that Easel doesn't need, in words; a SQLite file has no users."""
    if database.url.startswith("sqlite"):
        return []

    def steps() -> Steps[list[str]]:
        rows = yield sql(f"SELECT {', '.join(_RIGHTS)} FROM pg_roles WHERE rolname = current_user")
        return [words for name, words in _RIGHTS.items() if rows and rows[0][name]]

    return await database.read(steps)

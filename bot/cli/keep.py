"""`easel store copy` and `easel backup`: moving and saving what is kept."""

from pathlib import Path
from typing import Annotated

import typer

from bot import hidden
from bot.cli.common import ConfigOption, JsonOption, run, settings_of
from bot.errors import ConfigError
from bot.out import say, show_json
from bot.store import open_store
from bot.store.copy import Copied, backup_sqlite, copy_store

app = typer.Typer(help="The database.", add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The database."""


@app.command()
def copy(
    to: Annotated[str, typer.Option("--to", help="The new database: postgresql://... or sqlite:///...")],
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Copy a stopped installation into an empty database, and check the sums."""
    settings = settings_of(config)
    hidden.learn({"to": to})

    async def work() -> list[Copied]:
        source = await open_store(settings.store.url.get_secret_value())
        try:
            target = await open_store(to)
            try:
                return await copy_store(source, target)
            finally:
                await target.aclose()
        finally:
            await source.aclose()

    copied = run(work())
    if json:
        show_json([{"table": one.table, "rows": one.rows} for one in copied])
        return
    for one in copied:
        say(f"{one.table:18} {one.rows:8} rows")
    say("The sums agree. Set [store] url to the new database and start again.")


def backup(
    file: Annotated[Path, typer.Argument(help="The new file.")],
    config: ConfigOption = None,
) -> None:
    """Back up the SQLite database while the bot runs; PostgreSQL has pg_dump."""
    settings = settings_of(config)
    url = settings.store.url.get_secret_value()
    if not url.startswith("sqlite"):
        raise ConfigError("[store] url: this is PostgreSQL; back it up with pg_dump")
    size = run(backup_sqlite(url, file))
    say(f"{file}: {size} bytes, checked. The pictures are in {settings.assets.url}: copy them too.")

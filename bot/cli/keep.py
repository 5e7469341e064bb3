"""`easel store copy`, `easel backup` and `easel export`: moving, saving and handing over what is kept."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot import hidden
from bot.building import App
from bot.cli.common import ConfigOption, JsonOption, run, settings_of
from bot.cli.whom import UserOption, assert_surface, community_of, inside
from bot.community.quotas import HOUSE_SURFACE
from bot.errors import ConfigError, NotThere
from bot.export import Document
from bot.out import say, show_json
from bot.ports import Requester
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
        source = await open_store(settings.store.url.get_secret_value(), create=False)
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


def export(
    user: UserOption,
    surface: Annotated[str, typer.Option("--surface", help="discord, slack, web or cli.")] = HOUSE_SURFACE,
    community: Annotated[str, typer.Option("--community", help="Only there; without: everywhere.")] = "",
    files: Annotated[
        Path | None, typer.Option("--files", help="Save the person's pictures into this folder, too.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Everything that is kept of a person, as one JSON document on stdout: theirs to have, and nobody else's."""
    assert_surface(surface)

    async def work(house: App) -> Document:
        here = await community_of(house, surface, community) if community else ""
        who = Requester(surface=surface, community=here, user=user)
        found = await house.desk.export(who, everywhere=not here)
        if files is not None:
            await _save(house, found, files)
        return found

    show_json(inside(config, work))


async def _save(house: App, document: Document, folder: Path) -> None:
    """The pictures beside the document, which then names each one's `file`; one that is gone has none."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    for picture in (one for place in document["communities"] for one in place["pictures"]):
        path = (folder / str(picture["id"]).replace("/", "-")).resolve()
        try:
            data = await house.assets.read(picture["id"])
        except NotThere:
            picture["file"] = None
            continue
        await asyncio.to_thread(path.write_bytes, data)
        picture["file"] = str(path)

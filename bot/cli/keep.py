"""`easel store copy`, `easel backup` and `easel export`: moving, saving and handing over what is kept."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.common import ConfigOption, JsonOption, run, settings_of
from bot.cli.whom import UserOption, assert_surface, community_of, inside
from bot.community.quotas import HOUSE_SURFACE
from bot.errors import ConfigError, NotThere
from bot.house.building import App
from bot.ports import Requester
from bot.process import hidden
from bot.process.out import say, show_json
from bot.store import open_store
from bot.store.copy import Copied, backup_sqlite, copy_store
from bot.studio.export import ExportJson

COPY_TO = "EASEL_COPY_TO"  # in the environment

app = typer.Typer(help="The database.", add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The database."""


@app.command()
def copy(
    to: Annotated[
        str,
        typer.Option("--to", help="The new database: sqlite:///..., or postgresql://... without a password."),
    ] = "",
    to_file: Annotated[
        Path | None,
        typer.Option("--to-file", help="A file with the new database's address, password and all."),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Copy a stopped installation into an empty database, and check the sums.

    The address may stand in $EASEL_COPY_TO, too: what is typed is read by everybody on this machine (ps).
    """
    settings = settings_of(config)
    to = _target(to, to_file)

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


def _target(to: str, file: Path | None) -> str:
    """The address of the new database. Raises typer.BadParameter, ConfigError."""
    hidden.learn({"to": to})
    if to and any(hidden.passwords_in(to)):
        say("easel: everybody on this machine can read that password (ps): next time --to-file", err=True)
    if file is not None:
        try:
            to = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"--to-file: {file} can't be read: {type(error).__name__}") from None
    to = to or os.environ.get(COPY_TO, "")
    if not to:
        raise typer.BadParameter(f"name the new database, by --to-file or ${COPY_TO}", param_hint="--to")
    hidden.learn({"to": to})
    return to


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

    async def work(house: App) -> ExportJson:
        here = await community_of(house, surface, community) if community else ""
        who = Requester(surface=surface, community=here, user=user)
        found = await house.desk.export(who, everywhere=not here)
        if files is not None:
            await _save(house, found, files)
        return found

    show_json(inside(config, work))


async def _save(house: App, document: ExportJson, folder: Path) -> None:
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

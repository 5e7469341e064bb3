"""`easel models` and `easel audit`: what can be ordered, and what was refused and done."""

import contextlib
from dataclasses import asdict
from typing import Annotated, Any

import typer

from bot import sections
from bot.app import open_app
from bot.building import App
from bot.cli.common import ConfigOption, JsonOption, run, settings_of
from bot.cli.whom import assert_surface
from bot.errors import EaselError
from bot.model import Model
from bot.out import say, show_json


def models(config: ConfigOption = None, json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Show the models with their prices, whether they are open to our keys, and what they take."""
    settings = settings_of(config)

    async def work() -> list[dict[str, Any]]:
        async with open_app(settings, roles=()) as house:
            with contextlib.suppress(EaselError):  # The list says better which are open.
                await house.chores.look_at_standing()
            return [_model(house, model) for model in house.catalog.models]

    found = run(work())
    if json:
        show_json(found)
        return
    if not found:
        say(f"easel: no image service is set up: {sections.what_draws()}", err=True)
    for model in found:
        takes = ", ".join(model["parameters"]) or "no parameters"
        closed = "" if model["open"] else "  (not open to this key)"
        say(f"{model['id']:32} {model['credits']:4} credits  {takes}{closed}")


def _model(house: App, model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "provider": model.provider,
        "maker": model.maker,
        "credits": model.price().credits,
        "way": model.way,
        "images_max": model.images_max,
        "parameters": {name: list(values) for name, values in model.parameters.items()},
        "aliases": list(model.aliases),
        "open": house.catalog.is_open(model, house.store.now()),
    }


def audit(
    surface: Annotated[str, typer.Option("--surface", help="Only this surface.")] = "",
    community: Annotated[str, typer.Option("--community", help="Only this community.")] = "",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the newest so many.")] = None,
    config: ConfigOption = None,
    json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Show the audit log, newest first."""
    if surface:
        assert_surface(surface)
    settings = settings_of(config)

    async def work() -> list[dict[str, Any]]:
        async with open_app(settings, roles=(), create=False) as house:
            entries = await house.store.audit.entries(
                surface=surface or None, community=community or None, limit=limit
            )
            return [asdict(entry) for entry in entries]

    found = run(work())
    if json:
        show_json(found)
        return
    for entry in found:
        what = entry["category"] or entry["memo"]
        say(
            f"{entry['at']:.0f}  {entry['action']:8}  {entry['severity']:8}  {entry['user']:14}  {what}  {entry['rule']}"
        )

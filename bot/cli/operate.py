"""`easel models` and `easel audit`: what can be ordered, and what was refused and done."""

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from bot import sections
from bot.cli.common import ConfigOption, JsonOption, fail, run, settings_of
from bot.cli.tables import show_table, when
from bot.cli.whom import assert_surface, drawn_for
from bot.errors import EaselError
from bot.house.app import open_app
from bot.house.building import App
from bot.model import Model
from bot.process.out import show_json

_WORDS_SHOWN = 80


def models(config: ConfigOption = None, json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Show the models with their prices, whether they are open to our keys, and what they take."""

    async def work() -> list[dict[str, Any]]:
        async with drawn_for(config, aloud=True) as settings, open_app(settings, roles=()) as house:
            with contextlib.suppress(EaselError):  # The list says better which are open.
                await house.chores.look_at_standing()
            return [_model(house, model) for model in house.catalog.models]

    found = run(work())
    if json:
        show_json(found)
    if not found:
        fail(f"no image service is set up: {sections.what_draws()}")
    if not json:
        show_table(("Model", "Credits", "Drawn by", "Takes", "Good to know"), [_row(one) for one in found])


def _model(house: App, model: Model) -> dict[str, Any]:
    now, catalog = house.store.now(), house.catalog
    drawing = catalog.drawing(model, now)
    ends = catalog.openness.ends_of(drawing)
    return {
        "id": model.id,
        "provider": drawing.provider,
        "providers": [
            route.provider for route in catalog.routes(model.id) if catalog.openness.is_open(route, now)
        ],
        "maker": drawing.maker,
        "good_for": drawing.good_for,
        "credits": drawing.price().credits,
        "prices": [
            {"when": {name: list(values) for name, values in when.items()}, "credits": price.credits}
            for when, price in drawing.prices()
        ],
        "way": drawing.way,
        "images_max": drawing.images_max,
        "inputs": drawing.inputs,
        "inputs_min": drawing.inputs_min,
        "masks": drawing.masks,
        "needs_mask": drawing.needs_mask,
        "upscales": drawing.upscales,
        "input_credits": drawing.input_price(),
        "parameters": {name: list(values) for name, values in drawing.parameters.items()},
        "defaults": dict(drawing.defaults),
        "aliases": list(drawing.aliases),
        "open": catalog.is_open(model, now),
        "ends": ends.isoformat() if ends else None,
        "ended_by_its_maker": catalog.openness.was_ended_by_its_maker(drawing, now),
        "successor": drawing.successor or None,
        "routes": [
            {
                "provider": route.provider,
                "wire": route.wire_name,
                "health": str(catalog.openness.fares(route, now)),
            }
            for route in catalog.routes(model.id)
        ],
    }


def _row(model: dict[str, Any]) -> tuple[str, ...]:
    """One model for people: its price, who draws it, what it takes, and what the operator should know."""
    prices = [row["credits"] for row in model["prices"]]
    price = f"{min(prices)}" if min(prices) == max(prices) else f"{min(prices)}-{max(prices)}"
    routes = ", ".join(
        route["provider"] if route["health"] == "well" else f"{route['provider']} ({route['health']})"
        for route in model["routes"]
    )
    return model["id"], price, routes, ", ".join(model["parameters"]), "; ".join(_notes(model))


def _notes(model: dict[str, Any]) -> Iterator[str]:
    if not model["open"]:
        closed = all(route["health"] == "closed" for route in model["routes"])
        yield "not open to this key" if closed else "not open"
    if model["ends"]:
        ends = "its maker ended it" if model["ended_by_its_maker"] else "ends"
        yield f"{ends} {model['ends']}" + (f", then {model['successor']}" if model["successor"] else "")
    if model["upscales"]:
        yield "makes larger"
    elif model["inputs"]:
        yield f"pictures: {model['inputs']}" + (" with a mask" if model["needs_mask"] else "")
    if model["masks"] and not model["needs_mask"]:
        yield "or a mask"


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
    show_table(
        ("when", "what", "about", "by", "job", "words and notes"),
        [
            (
                when(entry["at"]),
                " ".join(filter(None, (entry["action"], entry["severity"], entry["category"]))),
                f"{entry['surface']} / {entry['community']} / {entry['user']}",
                entry["actor"],
                entry["job"] or "",
                _said_of(entry),
            )
            for entry in found
        ],
    )


def _said_of(entry: dict[str, Any]) -> str:
    """What was written, and what of it: the operator reads private words as well as the database."""
    words = f"“{entry['prompt'][:_WORDS_SHOWN]}”" if entry["prompt"] else ""
    return " ".join(filter(None, (entry["memo"] or entry["rule"], words)))

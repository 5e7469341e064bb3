"""What `easel check` says of the image services: whether each takes our key, and which models it draws."""

import asyncio
from collections.abc import AsyncIterator

from bot import plugins, sections
from bot.checks import Checked, checked
from bot.errors import ProviderError, Trouble
from bot.house.building import App
from bot.provider import Provider, Standing

STANDING_TIMEOUT_S = 12.0  # within that of a check


async def providers(house: App) -> AsyncIterator[Checked]:
    """Each that is set up, each section that lacks its key, and routes that lead nowhere."""
    if not house.providers:
        yield checked("providers", ok=False, detail="no image service is set up", fix=sections.what_draws())
    for name in house.settings.providers:
        if name not in house.providers:
            fix = f"set {sections.place_of(name)} api_key, or take the section away"
            yield checked(name, ok=False, detail="its section has no key, so it draws nothing", fix=fix)
    for row in await asyncio.gather(
        *(provider_row(house, provider) for provider in house.providers.values())
    ):
        yield row
    for name in house.settings.routing.order:
        if name not in plugins.names(plugins.PROVIDERS):
            near = f"there is: {', '.join(plugins.names(plugins.PROVIDERS))}"
            yield checked("routing", ok=False, detail=f"[routing] order: {name!r} is no provider", fix=near)
    for lost in house.catalog.unknown_routes:
        yield checked(
            "routes",
            ok=False,
            detail=f"[models] routes: nobody goes {lost}",
            fix="set that provider up, or name others",
        )


async def provider_row(house: App, provider: Provider) -> Checked:
    """How one service stands with us."""
    try:
        async with asyncio.timeout(STANDING_TIMEOUT_S):
            standing = await provider.standing()
    except TimeoutError:
        return checked(provider.name, ok=False, detail="no answer in time", fix=_FIXES[Trouble.BROKEN])
    except ProviderError as error:
        return checked(
            provider.name, ok=False, detail=error.detail, fix=_FIXES.get(error.trouble, "try again later")
        )
    known = [m for m in house.catalog.all_routes() if m.provider == provider.name]
    house.catalog.openness.set_ends(provider.name, standing.ends)
    listed = standing.open_models
    closed = [m.id for m in known if listed is not None and m.wire_name not in listed]
    detail = f"{len(known) - len(closed)} of {len(known)} models open{_left(standing)}"
    advice = [endings(house, provider), standing.advice]
    if closed:
        advice.insert(0, f"not open to this key: {', '.join(closed)}; ask the provider's administrator")
    if any(left is not None and left <= 0 for left in (standing.credits_left, standing.usd_left)):
        advice.insert(0, "the account is empty: top it up")
    fix = "; ".join(text for text in advice if text)
    return checked(provider.name, ok=len(closed) < len(known) or not known, detail=detail, fix=fix)


def _left(standing: Standing) -> str:
    if standing.usd_left is not None:
        return f", ${standing.usd_left:,.2f} left"
    return "" if standing.credits_left is None else f", {standing.credits_left:,.10g} credits left"


def endings(house: App, provider: Provider) -> str:
    """Which of its models end within a month, or have ended, and what draws then."""
    now, catalog = house.store.now(), house.catalog
    told = []
    for model in catalog.all_routes():
        ends = catalog.openness.ends_of(model)
        if model.provider != provider.name or ends is None or not catalog.openness.ends_soon(model, now):
            continue
        instead = next((heir.id for heir in catalog.heirs(model, now)), "the next default model")
        if catalog.openness.has_ended(model, now):
            told.append(f"{model.id} has ended, {instead} draws")
        elif catalog.openness.was_ended_by_its_maker(model, now):
            told.append(
                f"{model.id}: its maker ended it on {ends.isoformat()}; when {provider.name} does, {instead} draws"
            )
        else:
            by = "by its maker's notice " if model.ends_upstream else ""
            told.append(f"{model.id} ends {by}{ends.isoformat()}, then {instead} draws")
    return "; ".join(told)


_FIXES = {
    Trouble.KEY: "set the right api_key",
    Trouble.BALANCE: "top up the account",
    Trouble.BROKEN: "is base_url right, and the service reachable from here?",
}


async def models(house: App) -> AsyncIterator[Checked]:
    """What the configuration says of models that no configured provider has."""
    if not house.catalog.models:
        return
    unknown = house.catalog.unknown_defaults
    used = house.catalog.default(house.store.now())[0].id
    if unknown and "default_models" in house.settings.bot.model_fields_set:
        near = house.catalog.nearest(unknown[0])
        yield checked(
            "default_models",
            ok=False,
            detail=f"[bot] default_models: no configured provider has {', '.join(unknown)}; {used} is used",
            fix=f"did you mean {near!r}?" if near else "name some that `easel models` lists",
        )
    elif len(unknown) == len(house.settings.bot.default_models):
        yield checked(
            "default_models", detail=f"{used} is used", fix="[bot] default_models names another, if you like"
        )
    if left_out := house.catalog.unknown_models:
        yield checked(
            "models",
            ok=False,
            detail=f"no configured provider has {', '.join(left_out)}",
            fix="set up the provider, mend the name, or take the section [models] of it away",
        )

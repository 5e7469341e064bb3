"""`easel check`: tries everything that the configuration names, and says what to do."""

import asyncio
import contextlib
import difflib
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import typer

from bot import plugins, sections, space
from bot.app import open_app
from bot.building import App
from bot.checks import Checked, checked
from bot.cli import unsafe
from bot.cli.common import ConfigOption, JsonOption, found_file, run, settings_of
from bot.cli.tables import show_checks
from bot.community.quotas import ANY, HOUSE_SURFACE, listed
from bot.community.spending import strangers_spend, who_may_spend
from bot.errors import BrokenPackage, ConfigError, EaselError, ProviderError, Trouble, how_to_add
from bot.moderation.open import open_panel
from bot.out import show_json
from bot.provider import Provider, Standing
from bot.settings import ModerationSection, Settings
from bot.store.server import excess_rights

_TIMEOUT_S = 15.0
_STANDING_TIMEOUT_S = 12.0  # within the other
_CLOCK_TOLERANCE_S = 5.0
_RUNNING_TIMEOUT_S = 5.0
_NAMED_MAX = 5


def check(config: ConfigOption = None, json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Try the credentials, the gateway, the storage, the database, the ledger and the clock."""
    results = run(_check(config))
    ok = all(result["ok"] for result in results)
    if json:
        show_json({"ok": ok, "checks": results})
    else:
        show_checks(results)
    if not ok:
        raise typer.Exit(1)


async def _check(config: Path | None) -> list[Checked]:
    file = found_file(config)
    settings = settings_of(file)
    results = [checked("config", detail=str(file) if file else "defaults and environment")]
    results += await _moderation(settings)
    try:
        async with open_app(settings, roles=()) as house:
            results.append(checked("database", detail=str(settings.store.url)))
            for name, act in _CHECKS.items():
                results += await _tried(name, act, house)
            results += await _of_integrations(settings)
            # Last: what an older Easel left open was closed by opening it.
            results += await asyncio.to_thread(_unsafe, settings, file)
    except BrokenPackage as error:
        results.append(checked("packages", ok=False, detail=str(error), fix="see the detail"))
    except ConfigError as error:
        if str(error) not in [result["detail"] for result in results]:
            results.append(checked("database", ok=False, detail=str(error), fix="mend that key"))
    return results


async def _moderation(settings: Settings) -> list[Checked]:
    """Whether the outside layers that the configuration names are there and answer."""
    try:
        async with contextlib.AsyncExitStack() as stack:
            panel = open_panel(settings.moderation, stack)
            found = await panel.check()
    except ConfigError as error:
        return [checked("moderation", ok=False, detail=str(error), fix="mend that section")]
    return [
        checked(f"moderation {layer.name}", ok=layer.ok, detail=layer.detail[:200], fix=layer.fix)
        for layer in found
    ] + [_pictures(settings.moderation, looked_at=panel.looks)]


def _pictures(moderation: ModerationSection, *, looked_at: bool) -> Checked:
    """Whether pictures are judged, those that come out and those that are given: the operator's to know and to weigh."""
    inputs = moderation.inputs
    given = "any picture may be given" if inputs == "any" else "only Easel's own pictures may be given"
    if not looked_at:
        layers = f"name one of these in [moderation] checks: {', '.join(plugins.names(plugins.IMAGE_CHECKS))}"
        return checked(
            "pictures",
            detail=f"no check looks at them; {given} with an order",
            fix=layers if moderation.checks is not None else f"{how_to_add('nsfw')}; or {layers}",
        )
    judged = "what is given is judged, too" if inputs == "checked" else given
    return checked("pictures", detail=f"judged before they are shown; {judged}")


def _unsafe(settings: Settings, file: Path | None) -> list[Checked]:
    return [
        checked(one.name, ok=one.advice or not one.fix, detail=one.detail, fix=one.fix)
        for one in unsafe.look(settings, file)
    ]


async def _tried(name: str, act: Any, house: App) -> list[Checked]:
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            return [result async for result in act(house)]
    except TimeoutError:
        return [
            checked(name, ok=False, detail="no answer in time", fix="is the service reachable from here?")
        ]
    except EaselError as error:
        return [checked(name, ok=False, detail=str(error)[:200], fix="see the detail")]


async def _providers(house: App) -> AsyncIterator[Checked]:
    if not house.providers:
        yield checked("providers", ok=False, detail="no image service is set up", fix=sections.what_draws())
    for name in house.settings.providers:
        if name not in house.providers:
            fix = f"set {sections.place_of(name)} api_key, or take the section away"
            yield checked(name, ok=False, detail="its section has no key, so it draws nothing", fix=fix)
    for row in await asyncio.gather(*(_provider(house, provider) for provider in house.providers.values())):
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


async def _provider(house: App, provider: Provider) -> Checked:
    try:
        async with asyncio.timeout(_STANDING_TIMEOUT_S):
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
    advice = [_ends(house, provider), standing.advice]
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


def _ends(house: App, provider: Provider) -> str:
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


async def _models(house: App) -> AsyncIterator[Checked]:
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


async def _storage(house: App) -> AsyncIterator[Checked]:
    name = f"check/{time.time_ns()}"
    kept = await house.assets.keep(name, _DOT, "image/png")
    same = await house.assets.read(kept.key) == _DOT
    await house.assets.delete([kept.key])
    fix = "" if same else "what was written came back changed: look at the disk or the bucket"
    yield checked("storage", ok=same, detail=str(house.settings.assets.url), fix=fix)
    if not (house.settings.assets.public_url or house.settings.http.public_url):
        yield checked(
            "public_url",
            detail="none: chat services get uploads, and there are no links to the originals",
            fix="set [http] public_url when this machine can be reached from outside",
        )


async def _space(house: App) -> AsyncIterator[Checked]:
    for one in await asyncio.to_thread(space.spaces, house.settings):
        fix = ""
        if one.low:
            fix = "make room, or take a larger disk; [assets] keep_days removes old pictures"
        yield checked(f"space of {one.name}", ok=not one.low, detail=str(one), fix=fix)


async def _ledger(house: App) -> AsyncIterator[Checked]:
    problems = await house.store.ledger.problems()
    detail = "; ".join(problems[:5]) if problems else "the books balance"
    fix = "stop the bot, keep a copy of the database and report this" if problems else ""
    yield checked("ledger", ok=not problems, detail=detail, fix=fix)


async def _jobs(house: App) -> AsyncIterator[Checked]:
    """A job that can't be read may be a newer Easel's, and then is in good hands: an advice, no failure."""
    stranded = await house.store.stranded.listed()
    if not stranded:
        yield checked("jobs", detail="all that go on can be read")
        return
    detail = f"can't be read here, and keep their credits held: {', '.join(stranded[:_NAMED_MAX])}"
    more = f" and {len(stranded) - _NAMED_MAX} more" if len(stranded) > _NAMED_MAX else ""
    yield checked("jobs", detail=detail + more, fix="if no newer Easel carries them: easel jobs end JOB")


async def _surfaces(house: App) -> AsyncIterator[Checked]:
    """How the surfaces of the program are that runs on this machine, as its /readyz says; nothing where none runs."""
    http = house.settings.http
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(http.host, http.host)  # noqa: S104 - is answered here, too
    try:
        async with httpx.AsyncClient(timeout=_RUNNING_TIMEOUT_S, trust_env=False) as client:
            told = (await client.get(f"http://{host}:{http.port}/readyz")).json()["surfaces"]
        for name, state in told.items():
            fix = (
                "" if state == "ok" else "see its log; a token that was refused wants a new one and a restart"
            )
            yield checked(f"{name} (running)", ok=state == "ok", detail=str(state)[:200], fix=fix)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, AttributeError):
        return  # Nothing of ours answers there.


async def _clock(house: App) -> AsyncIterator[Checked]:
    off_s = abs(house.store.now() - time.time())
    fix = "" if off_s < _CLOCK_TOLERANCE_S else "set this machine's clock by NTP"
    yield checked("clock", ok=not fix, detail=f"{off_s:.1f} s from the database's", fix=fix)


async def _rights(house: App) -> AsyncIterator[Checked]:
    """What our user may do on the database's server beyond its database: whoever is in Easel may do it, too."""
    excess = await excess_rights(house.store.database)
    fix = "give Easel a user who owns its database and no more, as deploy/postgres-user.sh makes one"
    if excess:
        yield checked("database user", ok="superuser" not in excess, detail=", ".join(excess), fix=fix)


async def _named(house: App) -> AsyncIterator[Checked]:
    """Communities that the configuration names, and that nobody has come from: perhaps by a slip."""
    named = listed(house.settings.quotas.communities) - {ANY}
    surfaces = [HOUSE_SURFACE, *plugins.names(plugins.SURFACES)]
    known = {one for surface in surfaces for one in await house.store.people.known(surface)}
    for one in sorted(named - known):
        near = difflib.get_close_matches(one, known - named, n=1, cutoff=0.8)
        detail = f"[quotas] communities: nobody has come from {one} yet"
        fix = f"did you mean {near[0]}, which has and is not named?" if near else "is that its id?"
        yield checked("communities", ok=not near, detail=detail, fix=fix)


async def _spending(house: App) -> AsyncIterator[Checked]:
    """Who may spend how much: nothing to mend, but the operator's to know."""
    yield checked("spending", detail="; ".join(who_may_spend(house.settings.quotas)))


async def _sold(house: App) -> AsyncIterator[Checked]:
    """What the configuration sells, and whether those who shall sell it are there."""
    products = house.purchases.products
    sellers = {*house.purchases.shops, *filter(house.settings.is_set_up, plugins.names(plugins.SURFACES))}
    for one in products:
        for shop in sorted(one.articles.keys() - sellers):
            detail = f"[products.{one.name}] shops: {shop!r} is not set up, or is no shop"
            yield checked("products", ok=False, detail=detail, fix=f"there is: {', '.join(sorted(sellers))}")
    if products:
        told = ", ".join(f"{one.name} ({one.credits:,} credits)" for one in products)
        twice = len({pair for one in products for pair in one.articles.items()}) < sum(
            len(one.articles) for one in products
        )
        fix = "two products are the same article of a shop: the first one counts" if twice else ""
        yield checked("products", ok=not twice, detail=f"sold: {told}", fix=fix)
    elif house.purchases.shops:
        yield checked("products", detail="a shop is set up, and nothing is sold", fix="write [products.NAME]")


async def _rules(house: App) -> AsyncIterator[Checked]:
    """Rules that communities have set and that can't be read: orders go on without them."""
    left_out = await house.rulemaking.left_out()
    if left_out:
        told = "; ".join(f"{place}: {', '.join(names)}" for place, names in left_out.items())
        fix = "set them anew with easel community set, or default"
        yield checked("community rules", ok=False, detail=f"can't be read: {told}"[:200], fix=fix)


_CHECKS = {
    "providers": _providers,
    "models": _models,
    "space": _space,
    "storage": _storage,
    "ledger": _ledger,
    "jobs": _jobs,
    "database user": _rights,
    "communities": _named,
    "spending": _spending,
    "products": _sold,
    "community rules": _rules,
    "clock": _clock,
    "surfaces": _surfaces,
}


async def _of_integrations(settings: Settings) -> list[Checked]:
    """Each integration's own checks, where it is set up, and each surface whose package is broken."""
    results: list[Checked] = []
    for name in plugins.names(plugins.SURFACES):
        try:
            if settings.is_set_up(name):
                plugins.load(plugins.SURFACES, name)
        except BrokenPackage as error:
            results.append(checked(name, ok=False, detail=str(error), fix="see the detail"))
    for name in plugins.names(plugins.CHECKS):
        if name not in [result["name"] for result in results]:
            results += await _of_integration(settings, name)
    return results


async def _of_integration(settings: Settings, name: str) -> list[Checked]:
    try:
        if not settings.is_set_up(name):
            return []
        check = plugins.load(plugins.CHECKS, name)
        async with asyncio.timeout(_TIMEOUT_S):
            rows = await check(settings.section(name))
        return [_said(row, settings) for row in rows]
    except TimeoutError:
        return [checked(name, ok=False, detail="no answer in time", fix="is it reachable from here?")]
    except EaselError as error:
        return [checked(name, ok=False, detail=str(error)[:200], fix="see the detail")]
    except Exception as error:  # noqa: BLE001 - a package's bug is its own row, and hides no other
        problem = str(plugins.broken(plugins.CHECKS, name, f"broke ({type(error).__name__}: {error})"))
        return [checked(name, ok=False, detail=problem[:300], fix="see the detail")]


def _said(row: Mapping[str, Any], settings: Settings) -> Checked:
    """A row of an integration. What it calls open to strangers is worth a word while they may spend."""
    detail, fix = str(row["detail"]), str(row["fix"])
    if (close := row.get("open")) and (spend := strangers_spend(settings.quotas)):
        detail, fix = f"{detail}. {spend}", f"{close}, or name your communities in [quotas] communities"
    return checked(str(row["name"]), ok=bool(row["ok"]), detail=detail, fix=fix)


# A picture of one transparent dot, to try the storage with.
_DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6300010000000500010d0a2db4"
    "0000000049454e44ae426082"
)

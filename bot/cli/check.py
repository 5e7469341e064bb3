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

from bot import plugins
from bot.checks import Checked, checked
from bot.cli import check_services, unsafe
from bot.cli.common import ConfigOption, JsonOption, found_file, run, settings_of
from bot.cli.tables import show_checks
from bot.community.quotas import ANY, HOUSE_SURFACE, listed
from bot.community.spending import strangers_spend, who_may_spend
from bot.configuration import space
from bot.configuration.settings import ModerationSection, Settings
from bot.errors import BrokenPackage, ConfigError, EaselError, how_to_add
from bot.house.app import open_app
from bot.house.building import App
from bot.moderation.lexicon.own import can_be_found
from bot.moderation.open import open_panel
from bot.process import trust
from bot.process.out import show_json
from bot.store.server import excess_rights

_TIMEOUT_S = 15.0
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
    ] + [_pictures(settings.moderation, looked_at=panel.looks), *_own_words(settings.moderation)]


def _own_words(moderation: ModerationSection) -> list[Checked]:
    """Whether the operator's own words can be found in a prompt; nothing where there are none."""
    words = {"blocked_words": moderation.blocked_words, "allowed_words": moderation.allowed_words}
    lost = [f"{name}: {word}" for name, some in words.items() for word in some if not can_be_found(word)]
    if not any(words.values()):
        return []
    if not lost:
        return [checked("words", detail="each of the operator's own can be found")]
    detail = f"nothing is found by {', '.join(lost[:_NAMED_MAX])}"
    return [checked("words", detail=detail, fix="write words of at least two letters in [moderation]")]


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
        async with httpx.AsyncClient(
            verify=trust.authorities(), timeout=_RUNNING_TIMEOUT_S, trust_env=False
        ) as client:
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
    "providers": check_services.providers,
    "models": check_services.models,
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

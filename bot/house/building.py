"""The rooms of a process on their foundation: which stands on which. Opens nothing."""

import secrets
from dataclasses import dataclass

from starlette.routing import BaseRoute

from bot.cards.matters import Matters
from bot.community.residence import Residence
from bot.community.rulebook import Rulebook
from bot.configuration.settings import ProductSection, Settings
from bot.credits.purchases import Purchases
from bot.credits.vouchers import Vouchers
from bot.errors import Refusal
from bot.given.giving import Recogniser
from bot.given.keepsakes import Keepsakes
from bot.given.sources import Sources
from bot.given.uploads import Uploads
from bot.house import engine
from bot.house.chores import Chores
from bot.house.foundation import Foundation
from bot.http.calls import Calls
from bot.jobs.delivery import Delivery
from bot.jobs.herald import Herald
from bot.jobs.messenger import Messenger
from bot.jobs.moment import Moment
from bot.jobs.pace import Pace
from bot.jobs.progress import Progress
from bot.jobs.routing import Routing
from bot.jobs.worker import Worker
from bot.model import USD_MICROS, Model
from bot.order.catalog import Catalog
from bot.order.styles import with_own
from bot.pictures.assets import Assets
from bot.ports import Surface
from bot.process.lag import Lag
from bot.process.telemetry import Metrics
from bot.process.upkeep import Upkeep
from bot.provider import Provider
from bot.shops import Product
from bot.staff.desk import Desk
from bot.staff.handling import Handling
from bot.staff.office import Office
from bot.staff.rulemaking import Rulemaking
from bot.staff.saving import Saving
from bot.store import Store
from bot.studio.admission import Admission
from bot.studio.counter import Counter
from bot.studio.purses import Purses
from bot.studio.studio import Studio
from bot.talk.browsing import Browsing
from bot.talk.talk import Talk
from bot.words.words import Words

DAY_S = 86_400


@dataclass(slots=True, kw_only=True)
class App:
    """Everything that runs in one process."""

    settings: Settings
    store: Store
    studio: Studio
    residence: Residence
    desk: Desk
    rulemaking: Rulemaking
    office: Office
    talk: Talk
    browsing: Browsing
    delivery: Delivery
    worker: Worker | None
    herald: Herald
    messenger: Messenger
    purchases: Purchases
    vouchers: Vouchers
    handling: Handling
    pace: Pace
    chores: Chores
    catalog: Catalog
    routing: Routing
    providers: dict[str, Provider]
    surfaces: dict[str, Surface]
    assets: Assets
    uploads: Uploads
    sources: Sources
    metrics: Metrics
    words: Words
    upkeep: Upkeep
    lag: Lag
    mounts: list[BaseRoute]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flow:
    """What carries jobs to their pictures and tells of them: the front door stands on it."""

    catalog: Catalog
    rulebook: Rulebook
    routing: Routing
    calls: Calls
    pace: Pace
    surfaces: dict[str, Surface]
    uploads: Uploads
    sources: Sources
    cards: Moment
    admission: Admission
    delivery: Delivery
    worker: Worker | None


def build(ground: Foundation, *, works: bool, claims: bool = True) -> App:
    """The rooms on their foundation, each on those below; opens nothing. Surfaces may be added to `surfaces` later."""
    store, flow = ground.store, _flow(ground, works=works, claims=claims)
    rulebook, surfaces, matters = flow.rulebook, flow.surfaces, Matters(store, flow.surfaces)
    saving = Saving(catalog=flow.catalog, languages=ground.words.languages, surfaces=surfaces)
    rulemaking = Rulemaking(store=store, rulebook=rulebook, saving=saving)
    studio, desk = _front(ground, flow, matters)
    herald = engine.herald_on(ground, surfaces, rulebook, matters)
    handling = _handling(ground, desk, rulemaking, rulebook, matters, herald)
    vouchers = Vouchers(store, rulebook)
    purchases = Purchases(store, [_product(*one) for one in ground.settings.products.items()])
    upkeep, lag = Upkeep(ground.metrics), Lag(ground.metrics.loop_lag, clock=store.now)
    return App(
        settings=ground.settings,
        store=store,
        studio=studio,
        residence=Residence(store),
        desk=desk,
        rulemaking=rulemaking,
        talk=_talk(ground, studio, desk, rulemaking, handling, vouchers, purchases),
        browsing=Browsing(studio, desk, Keepsakes(store), ground.words),
        office=_office(ground, desk, flow.catalog, surfaces, upkeep, lag),
        delivery=flow.delivery,
        worker=flow.worker,
        herald=herald,
        messenger=engine.messenger_on(ground, surfaces, rulebook),
        purchases=purchases,
        vouchers=vouchers,
        handling=handling,
        pace=flow.pace,
        chores=_chores(ground, flow, purchases),
        catalog=flow.catalog,
        routing=flow.routing,
        providers=ground.providers,
        surfaces=surfaces,
        assets=ground.assets,
        uploads=flow.uploads,
        sources=flow.sources,
        metrics=ground.metrics,
        words=ground.words,
        upkeep=upkeep,
        lag=lag,
        mounts=[*flow.calls.routes()],
    )


def _flow(ground: Foundation, *, works: bool, claims: bool) -> _Flow:
    store, surfaces = ground.store, dict[str, Surface]()
    catalog = _catalog(ground.settings, ground.providers, links=ground.assets.has_links)
    rulebook = Rulebook(ground.settings, store)
    routing, calls = engine.routing_on(ground, catalog, rulebook), engine.calls_on(ground)
    pace = Pace(store.shared, providers=ground.providers, models=lambda m: _found(catalog, m))
    uploads = Uploads(store=store, assets=ground.assets, darkroom=ground.darkroom)
    sources = Sources(store=store, uploads=uploads, judged=ground.panel.looks)
    cards = Moment(ground.words, pace, catalog, Progress(), store.now)
    admission, worker = Admission(each=ground.settings.limits.per_requester), None
    owner = f"w-{secrets.token_hex(6)}" if works else ""
    delivery = engine.delivery_on(ground, admission, surfaces, cards, owner=owner)
    if works:
        inputs = engine.inputs_on(ground, catalog, sources, surfaces)
        stages = engine.stages_on(ground, admission, routing, calls, rulebook, inputs)
        worker = engine.worker_on(ground, stages, delivery, pace, claims=claims)
        cards.line, cards.progress = worker.line, worker.progress
    return _Flow(
        catalog=catalog,
        rulebook=rulebook,
        routing=routing,
        calls=calls,
        pace=pace,
        surfaces=surfaces,
        uploads=uploads,
        sources=sources,
        cards=cards,
        admission=admission,
        delivery=delivery,
        worker=worker,
    )


def _counter(ground: Foundation, flow: _Flow) -> Counter:
    return Counter(
        settings=ground.settings,
        store=ground.store,
        catalog=flow.catalog,
        panel=ground.panel,
        rulebook=flow.rulebook,
        sources=flow.sources,
        recognise=Recogniser(assets=ground.assets, surfaces=flow.surfaces),
    )


def _handling(
    ground: Foundation,
    desk: Desk,
    rulemaking: Rulemaking,
    rulebook: Rulebook,
    matters: Matters,
    herald: Herald,
) -> Handling:
    return Handling(
        store=ground.store,
        desk=desk,
        rulemaking=rulemaking,
        rulebook=rulebook,
        matters=matters,
        panel=ground.panel,
        herald=herald,
        words=ground.words,
    )


def _product(name: str, section: ProductSection) -> Product:
    return Product(
        name=name,
        credits=section.credits,
        title=section.title,
        lasts_s=None if section.days is None else section.days * DAY_S,
        monthly=section.monthly,
        articles=dict(section.shops),
    )


def _talk(
    ground: Foundation,
    studio: Studio,
    desk: Desk,
    rulemaking: Rulemaking,
    handling: Handling,
    vouchers: Vouchers,
    purchases: Purchases,
) -> Talk:
    return Talk(
        studio=studio,
        desk=desk,
        rulemaking=rulemaking,
        handling=handling,
        keepsakes=Keepsakes(ground.store),
        vouchers=vouchers,
        purchases=purchases,
        clicks=ground.store.clicks,
        gallery=ground.assets,
        words=ground.words,
    )


def _front(ground: Foundation, flow: _Flow, matters: Matters) -> tuple[Studio, Desk]:
    """What people can do, and what moderators and operators can."""
    store, rulebook, counter = ground.store, flow.rulebook, _counter(ground, flow)
    purses = Purses(store=store, rulebook=rulebook, counter=counter)
    studio = Studio(
        store=store,
        catalog=flow.catalog,
        providers=ground.providers,
        admission=flow.admission,
        counter=counter,
        purses=purses,
        delivery=flow.delivery,
        worker=flow.worker,
        hints=flow.cards.hints,
        assets=ground.assets,
        uploads=flow.uploads,
        rulebook=rulebook,
        metrics=ground.metrics,
    )
    desk = Desk(
        studio=studio,
        purses=purses,
        store=store,
        rulebook=rulebook,
        matters=matters,
        gallery=ground.assets,
        quota=ground.settings.quotas,
    )
    return studio, desk


def _office(
    ground: Foundation,
    desk: Desk,
    catalog: Catalog,
    surfaces: dict[str, Surface],
    upkeep: Upkeep,
    lag: Lag,
) -> Office:
    return Office(
        store=ground.store,
        desk=desk,
        catalog=catalog,
        openness=catalog.openness,
        providers=ground.providers,
        surfaces=surfaces,
        upkeep=upkeep,
        metrics=ground.metrics,
        lag=lag,
        quota=ground.settings.quotas,
    )


def _chores(ground: Foundation, flow: _Flow, purchases: Purchases) -> Chores:
    return Chores(
        settings=ground.settings,
        store=ground.store,
        assets=ground.assets,
        uploads=flow.uploads,
        catalog=flow.catalog,
        openness=flow.catalog.openness,
        routing=flow.routing,
        providers=ground.providers,
        purchases=purchases,
        metrics=ground.metrics,
    )


def _catalog(settings: Settings, providers: dict[str, Provider], *, links: bool) -> Catalog:
    return Catalog(
        [model for provider in providers.values() for model in provider.models],
        providers=providers,
        default_models=settings.bot.default_models,
        styles=with_own({name: style.template for name, style in settings.styles.items()}),
        config={name: model.model_dump(exclude_none=True) for name, model in settings.models.items()},
        order=settings.routing.order,
        usd_micros_a_credit=round(settings.quotas.usd_a_credit * USD_MICROS),
        links=links,
    )


def _found(catalog: Catalog, name: str) -> Model | None:
    try:
        return catalog.find(name)
    except Refusal:
        return None

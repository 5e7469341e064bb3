"""The rooms of a process on their foundation: which stands on which. Opens nothing."""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from starlette.routing import BaseRoute

from bot import plugins
from bot.cards import Hints, card_of
from bot.chores import Chores
from bot.community import house_rules
from bot.community.rulebook import Rulebook
from bot.counter import Counter
from bot.desk import Desk
from bot.errors import Refusal
from bot.giving import Recogniser
from bot.handling import Handling
from bot.http.calls import Calls
from bot.http.hooks import Hook
from bot.job import Job, Message, State
from bot.jobs.asking import Asking
from bot.jobs.delivery import Delivery
from bot.jobs.finish import Finisher
from bot.jobs.herald import Herald
from bot.jobs.inputs import Inputs
from bot.jobs.line import Line
from bot.jobs.loans import Loans
from bot.jobs.messenger import Messenger
from bot.jobs.pace import Pace
from bot.jobs.progress import Progress
from bot.jobs.routing import Routing
from bot.jobs.stages import Stages
from bot.jobs.wary import Wary
from bot.jobs.worker import Worker
from bot.keepsakes import Keepsakes
from bot.lag import Lag
from bot.matters import Matters
from bot.model import USD_MICROS, Model
from bot.moderation.panel import Panel
from bot.office import Office
from bot.order.catalog import Catalog
from bot.order.styles import with_own
from bot.pictures.assets import Assets
from bot.pictures.darkroom import Darkroom
from bot.pictures.fetch import Fetch
from bot.pictures.images import LIMITS
from bot.ports import Card, Surface
from bot.provider import Provider
from bot.purchases import Purchases
from bot.purses import Purses
from bot.saving import Saving
from bot.settings import ProductSection, Settings
from bot.shops import Product
from bot.sources import Sources
from bot.store import Store
from bot.studio import Studio
from bot.talk.browsing import Browsing
from bot.talk.talk import Talk
from bot.telemetry import Metrics
from bot.upkeep import Upkeep
from bot.uploads import Uploads
from bot.vouchers import Vouchers
from bot.words import Words

DAY_S = 86_400


@dataclass(slots=True, kw_only=True)
class App:
    """Everything that runs in one process."""

    settings: Settings
    store: Store
    studio: Studio
    desk: Desk
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
class Foundation:
    """What a house stands on: all that holds files, connections and threads."""

    settings: Settings
    store: Store
    darkroom: Darkroom
    fetch: Fetch
    assets: Assets
    providers: dict[str, Provider]
    panel: Panel
    metrics: Metrics
    words: Words


def build(ground: Foundation, *, works: bool, claims: bool = True) -> App:
    """The rooms on their foundation, each on those below; opens nothing. Surfaces may be added to `surfaces` later."""
    settings, store = ground.settings, ground.store
    catalog = _catalog(settings, ground.providers, links=ground.assets.has_links)
    rulebook = Rulebook(settings, store)
    routing = _routing(ground, catalog, rulebook)
    calls = _calls(ground)
    pace = Pace(store.shared, providers=ground.providers, models=lambda m: _found(catalog, m))
    surfaces: dict[str, Surface] = {}
    uploads = Uploads(store=store, assets=ground.assets, darkroom=ground.darkroom)
    sources = Sources(store=store, uploads=uploads, judged=ground.panel.looks)
    cards = _Cards(ground.words, pace, catalog, Progress(), store.now)
    delivery = _delivery(ground, surfaces, cards, owner=f"w-{secrets.token_hex(6)}" if works else "")
    worker = None
    if works:
        inputs = _inputs(ground, catalog, sources, surfaces)
        stages = _stages(ground, routing, calls, rulebook, inputs)
        worker = _worker(ground, stages, delivery, pace, claims=claims)
        cards.line, cards.progress = worker.line, worker.progress
    saving = Saving(catalog=catalog, languages=ground.words.languages, surfaces=surfaces)
    counter = _counter(ground, catalog, rulebook, sources, surfaces)
    matters = Matters(store, surfaces)
    studio, desk = _front(
        ground, catalog, rulebook, counter, delivery, worker, cards.hints, saving, matters, uploads=uploads
    )
    herald = _herald(ground, surfaces, rulebook, matters)
    handling = _handling(ground, desk, rulebook, matters, herald)
    vouchers = Vouchers(store, rulebook)
    purchases = Purchases(store, [_product(name, one) for name, one in settings.products.items()])
    upkeep, lag = Upkeep(ground.metrics), Lag(ground.metrics.loop_lag, clock=store.now)
    return App(
        settings=settings,
        store=store,
        studio=studio,
        desk=desk,
        talk=_talk(ground, studio, desk, handling, vouchers, purchases),
        browsing=Browsing(studio, desk, Keepsakes(store), ground.words),
        office=_office(ground, desk, catalog, surfaces, upkeep, lag),
        delivery=delivery,
        worker=worker,
        herald=herald,
        messenger=_messenger(ground, surfaces, rulebook),
        purchases=purchases,
        vouchers=vouchers,
        handling=handling,
        pace=pace,
        chores=_chores(ground, catalog, routing, uploads, purchases),
        catalog=catalog,
        routing=routing,
        providers=ground.providers,
        surfaces=surfaces,
        assets=ground.assets,
        uploads=uploads,
        sources=sources,
        metrics=ground.metrics,
        words=ground.words,
        upkeep=upkeep,
        lag=lag,
        mounts=[*calls.routes()],
    )


def _delivery(ground: Foundation, surfaces: dict[str, Surface], cards: "_Cards", *, owner: str) -> Delivery:
    return Delivery(
        store=ground.store,
        surfaces=surfaces,
        card_of=cards,
        words=ground.words,
        metrics=ground.metrics,
        rng=random.Random(),  # noqa: S311 - jitter
        owner=owner,
        installed=plugins.names(plugins.SURFACES),
    )


def _herald(ground: Foundation, surfaces: dict[str, Surface], rulebook: Rulebook, matters: Matters) -> Herald:
    section = ground.settings.events
    url, secret = section.url.get_secret_value(), section.secret.get_secret_value()
    return Herald(
        store=ground.store,
        surfaces=surfaces,
        installed=plugins.names(plugins.SURFACES),
        rulebook=rulebook,
        matters=matters,
        words=ground.words,
        hook=Hook(url, secret, post=ground.fetch.post) if url else None,
        rng=random.Random(),  # noqa: S311 - jitter
    )


def _worker(ground: Foundation, stages: Stages, delivery: Delivery, pace: Pace, *, claims: bool) -> Worker:
    return Worker(
        store=ground.store,
        stages=stages,
        delivery=delivery,
        pace=pace,
        settings=ground.settings.worker,
        metrics=ground.metrics,
        claims=claims,
        owner=delivery.owner,
    )


def _counter(
    ground: Foundation,
    catalog: Catalog,
    rulebook: Rulebook,
    sources: Sources,
    surfaces: dict[str, Surface],
) -> Counter:
    return Counter(
        settings=ground.settings,
        store=ground.store,
        catalog=catalog,
        panel=ground.panel,
        rulebook=rulebook,
        sources=sources,
        recognise=Recogniser(assets=ground.assets, surfaces=surfaces),
    )


def _handling(
    ground: Foundation, desk: Desk, rulebook: Rulebook, matters: Matters, herald: Herald
) -> Handling:
    return Handling(
        store=ground.store,
        desk=desk,
        rulebook=rulebook,
        matters=matters,
        panel=ground.panel,
        herald=herald,
        words=ground.words,
    )


def _messenger(ground: Foundation, surfaces: dict[str, Surface], rulebook: Rulebook) -> Messenger:
    return Messenger(
        store=ground.store,
        surfaces=surfaces,
        installed=plugins.names(plugins.SURFACES),
        rulebook=rulebook,
        words=ground.words,
        rng=random.Random(),  # noqa: S311 - jitter
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
    handling: Handling,
    vouchers: Vouchers,
    purchases: Purchases,
) -> Talk:
    return Talk(
        studio=studio,
        desk=desk,
        handling=handling,
        keepsakes=Keepsakes(ground.store),
        vouchers=vouchers,
        purchases=purchases,
        gallery=ground.assets,
        words=ground.words,
    )


def _front(  # noqa: PLR0913, PLR0917 - the rooms they work with
    ground: Foundation,
    catalog: Catalog,
    rulebook: Rulebook,
    counter: Counter,
    delivery: Delivery,
    worker: Worker | None,
    hints: Callable[[Job], Hints],
    saving: Saving,
    matters: Matters,
    *,
    uploads: Uploads,
) -> tuple[Studio, Desk]:
    """What people can do, and what moderators and operators can."""
    store = ground.store
    purses = Purses(store=store, rulebook=rulebook, counter=counter)
    studio = Studio(
        store=store,
        catalog=catalog,
        providers=ground.providers,
        counter=counter,
        purses=purses,
        delivery=delivery,
        worker=worker,
        hints=hints,
        assets=ground.assets,
        uploads=uploads,
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
        saving=saving,
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
        providers=ground.providers,
        surfaces=surfaces,
        upkeep=upkeep,
        metrics=ground.metrics,
        lag=lag,
        quota=ground.settings.quotas,
    )


def _chores(
    ground: Foundation, catalog: Catalog, routing: Routing, uploads: Uploads, purchases: Purchases
) -> Chores:
    return Chores(
        settings=ground.settings,
        store=ground.store,
        assets=ground.assets,
        uploads=uploads,
        catalog=catalog,
        routing=routing,
        providers=ground.providers,
        purchases=purchases,
        metrics=ground.metrics,
    )


def _routing(ground: Foundation, catalog: Catalog, rulebook: Rulebook) -> Routing:
    async def permits(job: Job) -> Callable[[Model], bool]:
        rules = await rulebook.of(job.requester)
        return lambda model: house_rules.permits(model, rules)

    return Routing(
        catalog=catalog,
        providers=ground.providers,
        healths=ground.store.health,
        events=ground.store.events,
        permits=permits,
        metrics=ground.metrics,
        clock=ground.store.now,
    )


def _calls(ground: Foundation) -> Calls:
    return Calls(
        ground.providers,
        healths=ground.store.health,
        public_url=ground.settings.http.public_url,
        sign=ground.assets.sign,
        read=ground.assets.read_signed,
        clock=ground.store.now,
    )


def _inputs(ground: Foundation, catalog: Catalog, sources: Sources, surfaces: dict[str, Surface]) -> Inputs:
    return Inputs(
        store=ground.store,
        sources=sources,
        loans=Loans(surfaces=surfaces, fetch=ground.fetch),
        assets=ground.assets,
        darkroom=ground.darkroom,
        catalog=catalog,
        panel=ground.panel,
        wary=Wary(ground.store.shared, clock=ground.store.now),
    )


def _stages(ground: Foundation, routing: Routing, calls: Calls, rulebook: Rulebook, inputs: Inputs) -> Stages:
    fetching = ground.settings.fetch
    finisher = Finisher(
        wary=Wary(ground.store.shared, clock=ground.store.now),
        assets=ground.assets,
        darkroom=ground.darkroom,
        fetch=ground.fetch,
        panel=ground.panel,
        limit_bytes=min(fetching.limit_mb * 1024 * 1024, LIMITS.size_bytes),
        fetch_timeout_s=fetching.timeout_s,
    )
    return Stages(
        routing=routing,
        asking=Asking(
            ground.providers, healths=ground.store.health, inputs=inputs.given, webhook=calls.address
        ),
        panel=ground.panel,
        finisher=finisher,
        inputs=inputs,
        conduct=rulebook.conduct,
        uncertain=ground.settings.worker.uncertain,
        metrics=ground.metrics,
        rng=random.Random(),  # noqa: S311 - jitter
    )


@dataclass(slots=True)
class _Cards:
    """card_of with what this process knows of the moment."""

    words: Words
    pace: Pace
    catalog: Catalog
    progress: Progress
    clock: Callable[[], float]
    line: Line | None = None

    def __call__(self, job: Job, message: Message) -> Card:
        return card_of(job, message, self.words, self.hints(job))

    def hints(self, job: Job) -> Hints:
        """What the moment adds to a job."""
        told = self.progress.of(job.id)
        model = self.catalog.known(job.order.model)
        finished = job.state is State.FINISHED
        return Hints(
            edits=finished and self._some(lambda model: model.edits),
            upscales=finished and self._some(lambda model: model.upscales),
            place=self._place(job),
            usual_s=self.pace.usual_s(job.order.model),
            reroll_credits=job.order.credits if model is not None and model.rates else 0,
            step=told.step,
            steps=told.steps,
            queued=told.queued,
        )

    def _some(self, does: Callable[[Model], bool]) -> bool:
        """Whether an open model does that; asks of none that doesn't."""
        now = self.clock()
        return any(self.catalog.is_open(model, now) for model in self.catalog.models if does(model))

    def _place(self, job: Job) -> int:
        """What is still looked at has no number yet, and will wait behind the others."""
        if self.line is None or job.state not in (State.ACCEPTED, State.CLEARED):
            return 0
        return self.line.position(job.id) or (self.line.expected(job) if job.state is State.ACCEPTED else 0)


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

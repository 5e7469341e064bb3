"""The rooms that carry jobs and tell of them, each made on its foundation: asking, watching, delivering, heralding."""

import random
from collections.abc import Callable

from bot import plugins
from bot.cards.matters import Matters
from bot.community import house_rules
from bot.community.rulebook import Rulebook
from bot.given.sources import Sources
from bot.house.foundation import Foundation
from bot.http.calls import Calls
from bot.job import Job
from bot.jobs.asking import Asking
from bot.jobs.delivery import Delivery
from bot.jobs.finish import Finisher
from bot.jobs.herald import Herald
from bot.jobs.hooks import Hook
from bot.jobs.inputs import Inputs
from bot.jobs.loans import Loans
from bot.jobs.messenger import Messenger
from bot.jobs.moment import Moment
from bot.jobs.pace import Pace
from bot.jobs.routing import Routing
from bot.jobs.stages import Stages
from bot.jobs.wary import Wary
from bot.jobs.worker import Worker
from bot.model import Model
from bot.order.catalog import Catalog
from bot.pictures.images import LIMITS
from bot.ports import Surface
from bot.studio.admission import Admission


def delivery_on(
    ground: Foundation, admission: Admission, surfaces: dict[str, Surface], cards: Moment, *, owner: str
) -> Delivery:
    """Who makes each message say what its job says."""
    return Delivery(
        store=ground.store,
        surfaces=surfaces,
        calm=admission.wait_for_calm,
        card_of=cards,
        words=ground.words,
        metrics=ground.metrics,
        rng=random.Random(),  # noqa: S311 - jitter
        owner=owner,
        installed=plugins.names(plugins.SURFACES),
    )


def herald_on(
    ground: Foundation, surfaces: dict[str, Surface], rulebook: Rulebook, matters: Matters
) -> Herald:
    """Who tells moderators and the operator's address of events."""
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


def worker_on(ground: Foundation, stages: Stages, delivery: Delivery, pace: Pace, *, claims: bool) -> Worker:
    """Who carries jobs from state to state, in a process that works."""
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


def messenger_on(ground: Foundation, surfaces: dict[str, Surface], rulebook: Rulebook) -> Messenger:
    """Who tells people what they have not asked for."""
    return Messenger(
        store=ground.store,
        surfaces=surfaces,
        installed=plugins.names(plugins.SURFACES),
        rulebook=rulebook,
        words=ground.words,
        rng=random.Random(),  # noqa: S311 - jitter
    )


def routing_on(ground: Foundation, catalog: Catalog, rulebook: Rulebook) -> Routing:
    """Who says by which route a job goes, and learns of it; a community may not permit each."""

    async def permits(job: Job) -> Callable[[Model], bool]:
        rules = await rulebook.of(job.requester)
        return lambda model: house_rules.permits(model, rules)

    return Routing(
        catalog=catalog,
        openness=catalog.openness,
        providers=ground.providers,
        healths=ground.store.health,
        events=ground.store.events,
        permits=permits,
        metrics=ground.metrics,
        clock=ground.store.now,
    )


def calls_on(ground: Foundation) -> Calls:
    """The door by which image services call."""
    return Calls(
        ground.providers,
        healths=ground.store.health,
        public_url=ground.settings.http.public_url,
        sign=ground.assets.sign,
        read=ground.assets.read_signed,
        clock=ground.store.now,
    )


def inputs_on(ground: Foundation, catalog: Catalog, sources: Sources, surfaces: dict[str, Surface]) -> Inputs:
    """Who takes in what is given."""
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


def stages_on(
    ground: Foundation,
    admission: Admission,
    routing: Routing,
    calls: Calls,
    rulebook: Rulebook,
    inputs: Inputs,
) -> Stages:
    """What is done in each state, and how pictures are taken in at the end."""
    section = ground.settings.fetch
    finisher = Finisher(
        wary=Wary(ground.store.shared, clock=ground.store.now),
        assets=ground.assets,
        darkroom=ground.darkroom,
        fetch=ground.fetch,
        panel=ground.panel,
        limit_bytes=min(section.limit_mb * 1024 * 1024, LIMITS.size_bytes),
        fetch_timeout_s=section.timeout_s,
    )
    return Stages(
        calm=admission.wait_for_calm,
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

"""The counter: what a person asks becomes an accepted job, or a Refusal, and nothing in between.

Reads the rules, makes the order, asks the local layers, and leaves the rest to one transaction.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.community import house_rules, quotas
from bot.community.conduct import paused_until, pausing_of
from bot.community.holding import priority_of
from bot.community.rulebook import BeforeOrder, Rulebook
from bot.configuration.settings import Settings
from bot.errors import NotAllowed, NotEnoughCredits, PromptRefused, Refusal, StoreBusy
from bot.given.giving import Giving, Recognise
from bot.given.sources import Sources
from bot.job import Job, Message, new_job_id
from bot.model import Model, Order, Source, Use
from bot.moderation.panel import Panel
from bot.order import prompts
from bot.order.catalog import Catalog
from bot.order.fitting import fit, tail, taken
from bot.order.mentions import with_uses
from bot.ports import Ask, Place, Policy, Requester, Severity, Verdict
from bot.rules.rules import Rules
from bot.store import Store
from bot.store.jobs import Acceptance, Limits


def _as_listed(listed: int) -> int:
    return listed


_NO_RULES = Rules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model as this person can order it."""

    model: Model
    credits: int  # an image, when nothing is asked
    is_default: bool = False
    price: Callable[[int], int] = field(default=_as_listed, compare=False)  # a list price -> this person's
    rules: Rules = field(default=_NO_RULES, compare=False)

    @property
    def name(self) -> str:
        """What people call it."""
        return tail(self.model.id)

    @property
    def range(self) -> tuple[int, int]:
        """The least and the most that an image can cost, by what is asked."""
        prices = [self.credits, *(self.price(price.credits) for _, price in self.model.prices())]
        return min(prices), max(prices)

    @property
    def input_credits(self) -> int:
        """What each picture that is given adds to an image's price."""
        return self.price(self.model.input_price())

    def credits_with(self, flag: str, value: str) -> int:
        """An image's price when this is asked, and nothing else."""
        return self.price(self.model.price(self.parameters_of({flag: value})).credits)

    def costs(self, flag: str) -> dict[str, int]:
        """An image's price with each value that is listed for a flag; empty where that decides nothing."""
        values = self.takes.get(flag, ()) if self.model.rates else ()
        prices = {value: self.credits_with(flag, value) for value in values}
        return prices if len(set(prices.values())) > 1 else {}

    def parameters_of(self, wishes: Mapping[str, str]) -> dict[str, str | int]:
        """What these wishes ask of the model; what it doesn't take is left out."""
        return fit(wishes, self.model, None)

    @property
    def takes(self) -> Mapping[str, tuple[str, ...]]:
        """What it takes, as flags with their values: () takes any text. Forms and autocompletion read it."""
        return house_rules.narrowed(taken(self.model).flags, self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A request's job; the message that is to be posted for it, where it is new and somebody waits for one."""

    job: Job
    message: Message | None
    fresh: bool


class Counter:
    """Takes orders."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        catalog: Catalog,
        panel: Panel,
        rulebook: Rulebook,
        sources: Sources,
        recognise: Recognise,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._settings = settings
        self._store = store
        self._catalog = catalog
        self._panel = panel
        self._rulebook = rulebook
        self._giving = Giving(store, recognise)
        self._sources = sources
        self._entropy = entropy

    async def accept(self, ask: Ask, *, parent: str | None, owner: str) -> Accepted:
        """The job of this request, leased to `owner`. Raises a Refusal, and StoreBusy where there is none."""
        try:
            return await self._accept(ask, parent=parent, owner=owner)
        except (Refusal, StoreBusy):
            # A repeat finds its job whatever has changed since: a rule, a limit, what is left of the credits.
            # So does who heard nothing of a commit: it may have come about.
            known = await self._store.jobs.by_request(ask.request_key)
            if known is None:
                raise
            return Accepted(job=known, message=None, fresh=False)

    async def _accept(self, ask: Ask, *, parent: str | None, owner: str) -> Accepted:
        now, who = self._store.now(), ask.requester
        known = await self._rulebook.before_order(who, ask.place)
        rules = known.rules
        house_rules.assert_place(who, ask.place, rules, now=now)
        await self._assert_no_pause(who, known, now=now)
        prompt, sources = await self._giving.read(ask)
        if prompt.private is None and await self._sources.any_private(sources):
            prompt = replace(prompt, private=True)
        ask = replace(ask, sources=sources)
        order = self._made(ask, known, prompt, now=now)
        house_rules.assert_order(order, self._catalog.style_name(prompt), rules)
        await self._sources.assert_may(order.sources, who, rules, parent=parent)
        order = await self._judge(ask, order, rules, now=now)
        acceptance = self._acceptance(ask, order, rules, parent=parent, owner=owner, now=now)
        try:
            job, fresh = await self._store.jobs.accept(acceptance)
        except NotEnoughCredits as error:
            raise self._with_advice(error, ask, known, prompt, now=now) from None
        except NotAllowed as error:
            await self._note_spent(error, acceptance)
            raise
        return Accepted(job=job, message=acceptance.message if fresh else None, fresh=fresh)

    def _made(self, ask: Ask, known: BeforeOrder, prompt: prompts.Prompt, *, now: float) -> Order:
        rules = known.rules
        order = self._catalog.order(
            prompt,
            now=now,
            defaults={**house_rules.wishes(known.own, rules), **ask.suggested},
            price=lambda model, listed: quotas.price_of(model, ask.requester, rules, listed=listed),
            permits=lambda model: house_rules.permits(model, rules),
            inputs=len(_pictures(ask.sources)),
            masked=any(source.use is Use.MASK for source in ask.sources),
        )
        given = self._given(ask, order)
        worded = with_uses(order.prompt, given)
        return replace(order, negative=prompt.negative or "", sources=given, prompt=worded)

    def _given(self, ask: Ask, order: Order) -> tuple[Source, ...]:
        """What is sent along: a mask only to a model that takes one, and one for the first picture."""
        route = self._catalog.route(order.provider, order.model)
        pictures = _pictures(ask.sources)
        masks = tuple(source for source in ask.sources if source.use is Use.MASK)
        return pictures + (masks[:1] if pictures and route is not None and route.masks else ())

    async def _judge(self, ask: Ask, order: Order, rules: Rules, *, now: float) -> Order:
        """The local layers' word, before anything is made. Raises PromptRefused."""
        policy = self._rulebook.policy(rules, age_restricted=ask.place.age_restricted)
        judgement = await self._panel.judge_now(order.subject, policy, negative=order.negative)
        refusal = await self._noted(judgement.notes, ask, order, rules, now=now)
        if judgement.verdict.severity.stops:
            raise PromptRefused(appeal=refusal, category=judgement.verdict.category)
        order = replace(order, spoiler=order.spoiler or judgement.verdict.severity is Severity.SPOILER)
        return await self._judge_with_pictures(ask, order, rules, policy, now=now) if order.sources else order

    async def _noted(
        self, notes: Sequence[Verdict], ask: Ask, order: Order, rules: Rules, *, now: float
    ) -> str:
        """Keeps what the layers said, once: a repeat of the request is no second prompt, nor a second strike.

        Answers the audit's line that can be appealed against, where there is one.
        """
        if not notes or await self._store.jobs.by_request(ask.request_key) is not None:
            return ""
        return await self._store.events.refused(
            notes,
            ask.requester,
            order.said,
            now=now,
            channel=ask.place.channel,
            pausing=pausing_of(rules),
            private=order.private,
            address=ask.place.address,
        )

    async def _judge_with_pictures(
        self, ask: Ask, order: Order, rules: Rules, policy: Policy, *, now: float
    ) -> Order:
        """The rule on minors looks at the words together with those of the pictures that it begins with.

        No strike: of what stands on somebody else's picture its words may say more than one sees. The audit keeps this
        person's own words only, and there is no appeal: they pass alone, so that nothing in them could be allowed.
        """
        behind = await self._sources.behind(order.sources)
        words = [order.subject, *(before.subject for before in behind)]
        verdict, young = await self._panel.judge_together(words, policy, negative=order.negative)
        if verdict.severity.stops:
            await self._noted([verdict], ask, order, rules, now=now)
            raise PromptRefused(category=verdict.category)
        return replace(order, young=young or any(one.young for one in behind))

    async def assert_may_ask(self, who: Requester, place: Place) -> None:
        """Whether any order of this person would be refused there. Raises NotAllowed."""
        now = self._store.now()
        known = await self._rulebook.before_order(who, place)
        house_rules.assert_place(who, place, known.rules, now=now)
        await self._assert_no_pause(who, known, now=now)
        for block in await self._store.communities.blocks(who.surface, who.community, now=now):
            if block.user == who.user:
                raise NotAllowed("blocked", why=block.reason, until=block.until)
        # A picture under way may be done before the form is.
        await self._store.jobs.assert_within(who, Limits(cooldown_s=known.rules.cooldown_s), now=now)
        await self._assert_some_credits(who, known.rules, now=now)

    async def _assert_some_credits(self, who: Requester, rules: Rules, *, now: float) -> None:
        """Whether there is enough for one picture of the model that costs least. Raises NotEnoughCredits."""
        least = min((offer.range[0] for offer in self.offers(who, rules)), default=0)
        allowance = self.allowance(who, rules)
        funds = quotas.funds(who, rules, allowance=allowance, now=now)
        left = (await self._store.ledger.balance(funds, who, now=now)).available if least else 0
        if left < least:
            raise NotEnoughCredits(
                price=least,
                available=left,
                missing=least - left,
                renews=quotas.next_renewal(rules, now) if allowance else None,
            )

    async def _assert_no_pause(self, who: Requester, known: BeforeOrder, *, now: float) -> None:
        rules = known.rules
        since = now - rules.strikes_window_s - rules.pause_s
        if not rules.strikes or known.last_strike_at is None or known.last_strike_at <= since:
            return
        strikes = await self._store.audit.strikes(who, since=since, now=now)
        until = paused_until(strikes, rules, now=now)
        if until is not None:
            last = await self._store.audit.last_refusal(who, since=since, now=now)
            raise NotAllowed("paused-strikes", appeal=last, until=until)

    def _acceptance(
        self, ask: Ask, order: Order, rules: Rules, *, parent: str | None, owner: str, now: float
    ) -> Acceptance:
        who = ask.requester
        language = who.language if order.private and who.language else self._language(rules, ask.place)
        return Acceptance(
            job=new_job_id(now, self._entropy(10)),
            request_key=ask.request_key,
            requester=replace(who, language=language),
            channel=ask.place.channel,
            within=ask.place.within,
            priority=priority_of(who, rules),
            age_restricted=ask.place.age_restricted,
            address=ask.place.address,
            order=order,
            parent=parent,
            funds=quotas.funds(who, rules, allowance=self.allowance(who, rules), now=now),
            limits=Limits(
                per_requester=rules.per_requester,
                per_community=rules.per_community,
                cooldown_s=rules.cooldown_s,
            ),
            reserves=quotas.reserves(
                who,
                order,
                rules,
                self._settings.quotas,
                list_credits=self._catalog.list_price(order).credits * order.images,
                now=now,
            ),
            now=now,
            deadline_s=self._settings.worker.deadline_s,
            lease_owner=owner,
            lease_s=self._settings.worker.lease_s,
            screened=not self._panel.screens and not order.sources,
        )

    def _with_advice(
        self, error: NotEnoughCredits, ask: Ask, known: BeforeOrder, prompt: prompts.Prompt, *, now: float
    ) -> NotEnoughCredits:
        """What is missing, when it renews, and which model would take the same order for what there is."""
        who, rules = ask.requester, known.rules
        orders = [
            self._instead(ask, known, prompt, offer.model, now=now) for offer in self.offers(who, rules)
        ]
        fitting = [order for order in orders if order and order.credits <= error.facts["available"]]
        best = max(fitting, key=lambda order: order.credits, default=None)
        renews = quotas.next_renewal(rules, now) if self.allowance(who, rules) else None
        return NotEnoughCredits(
            error.reason,
            **error.facts,
            renews=renews,
            cheaper=tail(best.model) if best else None,
        )

    async def _note_spent(self, error: NotAllowed, acceptance: Acceptance) -> None:
        """The community's budget is spent: nobody may learn of it by being refused alone."""
        spent = next((one for one in acceptance.reserves if one.refusal == error.reason), None)
        if spent is not None and error.reason == "budget-spent":
            await self._store.events.spent(spent, acceptance.requester, now=acceptance.now)

    def _instead(
        self, ask: Ask, known: BeforeOrder, prompt: prompts.Prompt, model: Model, *, now: float
    ) -> Order | None:
        """The same order for another model, as it would be made; None where it would be refused."""
        try:
            order = self._made(ask, known, replace(prompt, model=model.id), now=now)
            house_rules.assert_order(order, self._catalog.style_name(prompt), known.rules)
        except Refusal:
            return None
        return order if order.model == model.id else None

    def allowance(self, who: Requester, rules: Rules) -> int:
        """Credits this person gets in a whole period here."""
        if not quotas.has_allowance(who, self._settings.quotas.communities):
            return 0
        return quotas.allowance_of(who, rules)

    def _language(self, rules: Rules, place: Place) -> str:
        """That the community has set, else the one that its platform tells, else the operator's."""
        return rules.language or place.language or self._settings.bot.language

    def _default_model(self, rules: Rules, now: float) -> str:
        try:
            if rules.default_model:
                return self._catalog.find(rules.default_model).id
            return self._catalog.default(now, permits=lambda m: house_rules.permits(m, rules))[0].id
        except Refusal:
            return ""

    def offers(self, who: Requester, rules: Rules) -> list[Offer]:
        """The same from memory, for autocompletion."""
        now = self._store.now()
        permitted = [m for m in self._catalog.open_models(now) if house_rules.permits(m, rules)]
        default = self._default_model(rules, now)

        def offer(model: Model) -> Offer:
            def price(listed: int) -> int:
                return quotas.price_of(model, who, rules, listed=listed)

            listed = model.price().credits
            return Offer(
                model=model, credits=price(listed), price=price, rules=rules, is_default=model.id == default
            )

        return [offer(model) for model in permitted]

    def resting(self, rules: Rules) -> list[Model]:
        """The models that this community allows, and that nobody draws by just now."""
        now = self._store.now()
        there = {m.id: m for m in self._catalog.all_routes() if house_rules.permits(m, rules)}
        return [model for model in there.values() if not self._catalog.is_open(model, now)]


def _pictures(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    return tuple(source for source in sources if source.use is not Use.MASK)

"""The rules that hold for a request: the operator's defaults, a community's own, and a person's defaults."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.community import quotas
from bot.community.ceilings import under
from bot.community.conduct import Conduct, pausing_of, policy_for
from bot.community.holding import holding
from bot.community.rules_text import show
from bot.configuration.settings import Settings
from bot.errors import BadPrompt, StoreBusy
from bot.job import Job
from bot.moderation.lexicon.own import can_be_found
from bot.order import flags, prompts
from bot.order.catalog import Catalog
from bot.ports import Place, Policy, Requester
from bot.rules.floors import FLOORS, above
from bot.rules.rules import STRIKES_LEAST, Period, Rules
from bot.store import Store
from bot.store.rows import is_text

log = structlog.get_logger()

Change = Callable[[Mapping[str, Any]], Mapping[str, Any]]  # what a community has set -> what is set of it now
_TRIES = 20  # while other moderators are quicker


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeOrder:
    """What holds for one order: the rules, the person's own defaults, when they were last refused."""

    rules: Rules
    own: Mapping[str, Any]
    last_strike_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRules:
    """A community's rules: those that hold, what it has set itself, and what of that doesn't hold as it was set."""

    rules: Rules
    own: Mapping[str, Any]
    held_back: tuple[str, ...] = ()  # by the operator's floors and ceilings
    left_out: tuple[str, ...] = ()  # can't be read


class Rulebook:
    """Reads rules afresh for every request, so that a change applies at once on every replica."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._standard = standard_rules(settings)

    async def of(self, who: Requester) -> Rules:
        """The rules of this person's community, under the operator's ceilings."""
        (own,) = await self._store.communities.settings(community_scope(who))
        return self._merged(own, who)

    async def before_order(self, who: Requester, place: Place) -> BeforeOrder:
        """All that is to be known of a person and their community before an order there, in one look."""
        (community, own), last_strike_at = await self._store.communities.before_order(
            who, community_scope(who), person_scope(who)
        )
        rules = holding(self._merged(community, who), who, place)
        return BeforeOrder(rules=rules, own=readable_defaults(own), last_strike_at=last_strike_at)

    async def change(self, who: Requester, change: Change, *, now: float) -> Rules:
        """Sets rules of a community (None unsets one), of two moderators at once those of both.

        Raises pydantic.ValidationError and StoreBusy: nothing was changed.
        """
        for _ in range(_TRIES):
            changed = await self._change_newest(who, change, now=now)
            if changed is not None:
                return changed
        raise StoreBusy("a community's rules are being changed all the time")

    async def _change_newest(self, who: Requester, change: Change, *, now: float) -> Rules | None:
        """None: somebody else changed them meanwhile, and what was made of the old ones is worth nothing."""
        version, own = await self._store.communities.versioned(community_scope(who))
        values = change(own)
        known = self._known(own, who)  # What a newer version has set beside it stays, and is in nobody's way.
        after = {k: v for k, v in {**known, **values}.items() if v is not None}
        wanted = self._standard.changed(after)
        self._assert_no_milder(wanted, values)
        new = self._held(wanted, who)
        values = {**values, **_carried_schedules(self._merged(own, who), new, now=now)}
        kept = await self._store.communities.change_of(
            version, community_scope(who), values, actor=who, now=now
        )
        return None if kept is None else self._merged(kept, who)

    def _assert_no_milder(self, wanted: Rules, values: Mapping[str, Any]) -> None:
        """Nothing that was just set stands below the operator's floors: it would never hold. Raises BadPrompt."""
        held = above(wanted, self._standard, self._settings.communities.may_loosen)
        for name in FLOORS:
            asked, holds = getattr(wanted, name), getattr(held, name)
            if values.get(name) is not None and asked != holds:
                floor = show(getattr(self._standard, name))
                raise BadPrompt("setting-floor", name=name, value=show(asked), limit=floor)

    def may_loosen(self, name: str) -> bool:
        """Whether the operator lets communities loosen this rule."""
        leave = self._settings.communities.may_loosen
        return leave == "any" or name in leave

    def policy(self, rules: Rules, *, age_restricted: bool) -> Policy:
        """What moderation allows in one channel."""
        return policy_for(
            rules,
            age_restricted=age_restricted,
            when_unavailable=self._settings.moderation.when_unavailable,
        )

    async def conduct(self, job: Job) -> Conduct:
        """How a job's pictures are judged."""
        place = Place(address=None, channel=job.channel, within=job.within)
        rules = holding(await self.of(job.requester), job.requester, place)
        return Conduct(
            self.policy(rules, age_restricted=job.age_restricted),
            quarantine=rules.quarantine,
            inputs=rules.inputs,
            pausing=pausing_of(rules),
        )

    def _merged(self, own: Mapping[str, Any], who: Requester) -> Rules:
        return self._held(self._standard.changed(self._known(own, who)), who)

    def _held(self, rules: Rules, who: Requester) -> Rules:
        """What the operator's word leaves of a community's own."""
        held = above(rules, self._standard, self._settings.communities.may_loosen)
        return under(held, who, self._settings.quotas)

    def _known(self, own: Mapping[str, Any], who: Requester) -> dict[str, Any]:
        """What can be read of a community's own rules: the rest of them holds all the same."""
        bad = self._unreadable(own)
        if bad:
            rules = sorted({".".join(map(str, path)) for path in bad})
            log.warning("some of a community's rules can't be read", community=who.community, rules=rules)
        return _without(_as_read(own), bad)

    def _unreadable(self, own: Mapping[str, Any]) -> list[tuple[int | str, ...]]:
        """Where stands what was written by a newer version, or by hand, and means nothing here."""
        try:
            self._standard.changed(_as_read(own))
        except ValidationError as error:
            return [_what_is_bad(one) for one in error.errors(include_url=False) if one["loc"]]
        return []

    async def held(self, who: Requester) -> HeldRules:
        """How a community's own rules stand: which hold, and which the operator or we can't let."""
        (own,) = await self._store.communities.settings(community_scope(who))
        wanted = self._standard.changed(_without(_as_read(own), self._unreadable(own)))
        rules = self._held(wanted, who)
        held = [n for n in Rules.model_fields if n in own and getattr(wanted, n) != getattr(rules, n)]
        held = [n for n in held if n != "blocked_words"]  # a community's own stand beside the operator's
        return HeldRules(
            rules=rules,
            own=own,
            held_back=tuple(held),
            left_out=self.left_out(own),
        )

    def left_out(self, own: Mapping[str, Any]) -> tuple[str, ...]:
        """The rules of a community that can't be read, wholly or in part: orders go on without them."""
        names = {str(path[0]) for path in self._unreadable(own)}
        for name in ("blocked_words", "allowed_words", "misread"):
            words = own.get(name)
            if isinstance(words, list) and not all(can_be_found(str(word)) for word in words):
                names.add(name)
        return tuple(sorted(names))

    async def own_values(self, who: Requester) -> dict[str, Any]:
        """Only what the community itself has set."""
        (own,) = await self._store.communities.settings(community_scope(who))
        return own

    async def own_defaults(self, who: Requester) -> dict[str, Any]:
        """What a person has set as own defaults."""
        (own,) = await self._store.communities.settings(person_scope(who))
        return readable_defaults(own)

    async def set_own_defaults(
        self, who: Requester, values: Mapping[str, str | None], *, catalog: Catalog
    ) -> dict[str, Any]:
        """Changes a person's defaults. Raises BadPrompt or UnknownModel for what can't be."""
        checked: dict[str, str | None] = {}
        for name, value in values.items():
            if name not in flags.defaults():
                raise BadPrompt("setting-unknown", name=name, values=", ".join(flags.defaults()))
            checked[name] = _checked(name, value, catalog) if value and value.strip() else None
        kept = await self._store.communities.change(
            person_scope(who), checked, actor=who, now=self._store.now()
        )
        return readable_defaults(kept)


def readable_defaults(own: Mapping[str, Any]) -> dict[str, Any]:
    """What can be read of a person's own defaults. Whoever has set `private` in any shape wants it."""
    known = {name: value for name, value in own.items() if name in flags.defaults() and is_text(value)}
    if own.get("private") not in (None, False):
        known.setdefault("private", "yes")
    return known


def _as_read(own: Mapping[str, Any]) -> dict[str, Any]:
    """A community's own rules as they mean now: a pause at the first refusal, which could once be set, comes at the second."""
    return dict(own) | ({"strikes": STRIKES_LEAST} if own.get("strikes") == 1 else {})


def _what_is_bad(error: ErrorDetails) -> tuple[int | str, ...]:
    """A key that we don't know goes alone; a rule with a value that we don't know goes whole."""
    return error["loc"] if error["type"] == "extra_forbidden" else error["loc"][:1]


def _without(values: Mapping[str, Any], paths: Sequence[tuple[int | str, ...]]) -> dict[str, Any]:
    """The values without what stands at these paths."""
    heads = {path[0] for path in paths if len(path) == 1}
    kept = {name: value for name, value in values.items() if name not in heads}
    for name, value in kept.items():
        inner = [path[1:] for path in paths if path[0] == name]
        if inner:
            kept[name] = _without(value, inner)
    return kept


def standard_rules(settings: Settings) -> Rules:
    """What holds where a community has set nothing."""
    moderation = settings.moderation
    return Rules(
        allowance=settings.quotas.daily_allowance,
        period=settings.quotas.period,
        time_zone=settings.quotas.time_zone,
        per_requester=settings.limits.per_requester,
        per_community=settings.limits.per_community,
        cooldown_s=settings.limits.cooldown_s,
        level=moderation.level,
        relaxed_where_age_restricted=moderation.relaxed_where_age_restricted,
        blocked_words=moderation.blocked_words,
        allowed_words=moderation.allowed_words,
        art_nudity=moderation.art_nudity,
        real_people=moderation.real_people,
        insults=moderation.insults,
        inputs=moderation.inputs,
        quarantine=moderation.quarantine,
        strikes=moderation.strikes,
        strikes_window_s=moderation.strikes_window_s,
        pause_s=moderation.pause_s,
    )


def community_scope(who: Requester) -> str:
    """Where a community's rules are kept."""
    return f"community:{quotas.community_key(who)}"


def person_scope(who: Requester) -> str:
    """Where a person's defaults are kept."""
    return f"person:{quotas.person_key(who)}"


def _checked(name: str, value: str, catalog: Catalog) -> str:
    said = prompts.parse("x", {name: value}).said()[name]
    return catalog.find(said).id if flags.NAMED[name].kind is flags.FlagKind.MODEL else said


def _carried_schedules(old: Rules, new: Rules, *, now: float) -> dict[str, Any]:
    """A new period or time zone begins when the running period is over: nothing is paid twice."""
    carried = {}
    if (new.period, new.time_zone) != (old.period, old.time_zone):
        carried["schedule_before"] = _until_over(*old.schedule(now), now=now)
    if (new.budget_period, new.time_zone) != (old.budget_period, old.time_zone):
        carried["budget_before"] = _until_over(*old.budget_schedule(now), now=now)
    return carried


def _until_over(period: Period, time_zone: str, *, now: float) -> dict[str, Any]:
    return {"period": period, "time_zone": time_zone, "until": quotas.renews_at(period, time_zone, now)}

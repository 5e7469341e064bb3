"""`admin ...` as text, one grammar for every surface that has no forms for it: Slack, the page.

grant @mina 100 for the poster      take @mina 50          refund JOB why       books @mina
allowance 500 day                   budget 20000 month     models all           channels #art
block @tom 2d spamming              unblock @tom           set NAME VALUE       settings
usage 30                            audit
"""

import re
from collections.abc import Awaitable, Callable

from bot import reports, rules_text
from bot.desk import Desk
from bot.errors import BadPrompt
from bot.ports import Requester
from bot.words import Words

PersonOf = Callable[[str], Requester | None]  # a mention or name, as typed -> who is meant
Reply = list[str]

_SPAN = re.compile(r"(\d+)\s*(min|m|h|d|w)", re.IGNORECASE)
_UNIT_S = {"m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_ALL = {"all", "any", "none", "*", "모두"}


class AdminText:
    """Reads a line, acts at the desk, answers in lines. Raises a Refusal for what can't be."""

    def __init__(self, desk: Desk, words: Words) -> None:
        self._desk = desk
        self._words = words
        self._verbs: dict[str, Callable[[Requester, list[str], PersonOf, str], Awaitable[Reply]]] = {
            "grant": self._grant,
            "take": self._take,
            "refund": self._refund,
            "books": self._books,
            "allowance": self._allowance,
            "budget": self._budget,
            "models": self._models,
            "channels": self._channels,
            "block": self._block,
            "unblock": self._unblock,
            "set": self._set,
            "settings": self._settings,
            "usage": self._usage,
            "audit": self._audit,
        }

    @property
    def verbs(self) -> tuple[str, ...]:
        """What can be typed first."""
        return tuple(self._verbs)

    async def answer(self, actor: Requester, text: str, *, person_of: PersonOf, key: str) -> Reply:
        """Does what the line says, once for `key`."""
        self._desk.require(actor)
        verb, *rest = text.split() or ["help"]
        act = self._verbs.get(verb.casefold())
        if act is None:
            return [self._words.say("admin-help"), *(__doc__ or "").splitlines()[2:]]
        return await act(actor, rest, person_of, key)

    # ── Credits ──────────────────────────────────────────────────────────────────────────────────────

    async def _grant(self, actor: Requester, rest: list[str], person_of: PersonOf, key: str) -> Reply:
        to, amount, memo = self._person_and_amount(rest, person_of, "grant @name 100 why")
        given = await self._desk.grant(actor, to, amount, memo=memo, key=key)
        return [
            self._words.say(
                "admin-granted", amount=given.amount, name=to.name or to.user, available=given.available
            )
        ]

    async def _take(self, actor: Requester, rest: list[str], person_of: PersonOf, key: str) -> Reply:
        of, amount, memo = self._person_and_amount(rest, person_of, "take @name 100 why")
        taken = await self._desk.take(actor, of, amount, memo=memo, key=key)
        name = "admin-taken" if taken.amount == amount else "admin-taken-less"
        facts = {"amount": taken.amount, "asked": amount, "available": taken.available}
        return [self._words.say(name, name=of.name or of.user, **facts)]

    async def _refund(self, actor: Requester, rest: list[str], _: PersonOf, key: str) -> Reply:
        del key  # a refund's own id makes it happen once
        job = _first(rest, "refund JOB why")
        given = await self._desk.refund(actor, job, memo=" ".join(rest[1:]))
        if not given:
            return [self._words.say("admin-refunded-already")]
        return [self._words.say("admin-refunded", amount=given, name=job)]

    async def _books(self, actor: Requester, rest: list[str], person_of: PersonOf, key: str) -> Reply:
        del actor, key
        who = _person(rest, person_of, "books @name")
        purse = await self._desk.books(who)
        title = self._words.say("admin-books-title", name=who.name or who.user)
        held = self._words.say("admin-books-line", available=purse.balance.available, held=purse.balance.held)
        return [title, held, *reports.movement_lines(purse.movements, self._words)]

    # ── Rules ────────────────────────────────────────────────────────────────────────────────────────

    async def _allowance(self, actor: Requester, rest: list[str], _: PersonOf, key: str) -> Reply:
        del key
        values = {"allowance": rules_text.read("allowance", _first(rest, "allowance 500 day"))}
        if len(rest) > 1:
            values["period"] = rest[1].casefold()
        rules = await self._desk.change(actor, values)
        return [self._words.say("admin-allowance", amount=rules.allowance, period=_spoken(rules.period))]

    async def _budget(self, actor: Requester, rest: list[str], _: PersonOf, key: str) -> Reply:
        del key
        if not rest:
            return await self._spent(actor)
        values = {"budget": rules_text.read("budget", rest[0])}
        if len(rest) > 1:
            values["budget_period"] = rest[1].casefold()
        rules = await self._desk.change(actor, values)
        return [self._words.say("admin-budget", amount=rules.budget, period=_spoken(rules.budget_period))]

    async def _spent(self, actor: Requester) -> Reply:
        report = await self._desk.usage(actor, days=1)
        if report.percent is None:
            return [self._words.say("admin-budget", amount=None, period="monthly")]
        facts = {"percent": report.percent, "spent": report.spent_credits, "budget": report.budget}
        return [self._words.say("admin-budget-warning", **facts)]

    async def _models(self, actor: Requester, rest: list[str], _: PersonOf, key: str) -> Reply:
        del key
        return [self._words.say("admin-models", values=await self._list(actor, "models", rest))]

    async def _channels(self, actor: Requester, rest: list[str], _: PersonOf, key: str) -> Reply:
        del key
        return [self._words.say("admin-channels", values=await self._list(actor, "channels", rest))]

    async def _list(self, actor: Requester, name: str, rest: list[str]) -> str | None:
        if rest:
            text = "" if rest[0].casefold() in _ALL else ",".join(" ".join(rest).replace(",", " ").split())
            rules = await self._desk.change(actor, {name: rules_text.read(name, text)})
        else:
            rules, _ = await self._desk.settings(actor)
        return ", ".join(getattr(rules, name)) or None

    async def _set(self, actor: Requester, rest: list[str], _: PersonOf, key: str) -> Reply:
        del key
        name, value = await self._desk.set_text(actor, _first(rest, "set NAME VALUE"), " ".join(rest[1:]))
        return [self._words.say("admin-saved", name=name, value=value)]

    async def _settings(self, actor: Requester, rest: list[str], _: PersonOf, key: str) -> Reply:
        del rest, key
        rules, own = await self._desk.settings(actor)
        lines = [
            self._words.say("admin-setting-line", name=name, value=rules_text.show(getattr(rules, name)))
            + (" *" if name in own else "")
            for name in rules_text.NAMES
        ]
        return [self._words.say("admin-settings-title"), *lines]

    # ── People and reports ───────────────────────────────────────────────────────────────────────────

    async def _block(self, actor: Requester, rest: list[str], person_of: PersonOf, key: str) -> Reply:
        del key
        who = _person(rest, person_of, "block @name 2d why")
        seconds, words = span_of(rest[1:])
        until = await self._desk.block(actor, who, reason=" ".join(words), seconds=seconds)
        return [self._words.say("admin-blocked", name=who.name or who.user, until=until)]

    async def _unblock(self, actor: Requester, rest: list[str], person_of: PersonOf, key: str) -> Reply:
        del key
        who = _person(rest, person_of, "unblock @name")
        was = await self._desk.unblock(actor, who)
        name = "admin-unblocked" if was else "admin-not-blocked"
        return [self._words.say(name, name=who.name or who.user)]

    async def _usage(self, actor: Requester, rest: list[str], _: PersonOf, key: str) -> Reply:
        del key
        days = int(rest[0]) if rest and rest[0].isdecimal() else 7
        report = await self._desk.usage(actor, days=min(days, 366))
        title = self._words.say("admin-usage-title", days=report.days)
        return [title, *reports.usage_lines(report.lines, report.top, self._words)]

    async def _audit(self, actor: Requester, rest: list[str], _: PersonOf, key: str) -> Reply:
        del rest, key
        entries = await self._desk.audit(actor, limit=20)
        return [self._words.say("admin-audit-title"), *reports.audit_lines(entries, self._words)]

    def _person_and_amount(
        self, rest: list[str], person_of: PersonOf, usage: str
    ) -> tuple[Requester, int, str]:
        who = _person(rest, person_of, usage)
        if len(rest) < 2 or not rest[1].replace(",", "").isdecimal():  # noqa: PLR2004 - name and amount
            raise BadPrompt("admin-usage", usage=usage)
        return who, int(rest[1].replace(",", "")), " ".join(rest[2:])


def span_of(words: list[str]) -> tuple[float | None, list[str]]:
    """A length of time at the beginning (`30m`, `2h`, `7d`, `2w`), and the words behind it."""
    match = _SPAN.fullmatch(words[0]) if words else None
    if match is None:
        return None, words
    return float(int(match[1]) * _UNIT_S[match[2].casefold()]), words[1:]


def _first(rest: list[str], usage: str) -> str:
    if not rest:
        raise BadPrompt("admin-usage", usage=usage)
    return rest[0]


def _person(rest: list[str], person_of: PersonOf, usage: str) -> Requester:
    typed = _first(rest, usage)
    found = person_of(typed)
    if found is None:
        raise BadPrompt("admin-person-unknown", value=typed)
    return found


def _spoken(period: str) -> str:
    return {"day": "daily", "week": "weekly"}.get(period, "monthly")

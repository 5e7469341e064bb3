"""What moderators type -> acts at the desk and lines to answer; the verbs stand in bot/talk/verbs.py."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime

from bot.abilities import Named
from bot.community import rules_text
from bot.community.naming import names_in
from bot.community.powers import Power
from bot.job import Job
from bot.ports import Requester
from bot.rules.rules import ChannelRule, RoleRule
from bot.staff.desk import Desk
from bot.staff.rulemaking import NamingRule, Rulemaking
from bot.store.communities import Block
from bot.talk import reports
from bot.talk.admin_line import AdminLine, PersonOf, span_of
from bot.talk.admin_rules import CHANNEL_PARTS, ROLE_PARTS, parted, read, shown
from bot.talk.answers import Chart
from bot.talk.charting import chart_of
from bot.talk.selling import purchase_lines
from bot.talk.verbs import BY_WORD, VERBS
from bot.words.words import Words

ReplyLines = list[str]

_MOVEMENTS = 20


class AdminText:
    """Reads a line, acts at the desk, answers in lines. Raises a Refusal for what can't be."""

    def __init__(self, desk: Desk, rulemaking: Rulemaking, words: Words) -> None:
        self._desk = desk
        self._rulemaking = rulemaking
        self._words = words
        self._acts: dict[str, Callable[[AdminLine], Awaitable[ReplyLines]]] = {
            "grant": self._grant,
            "take": self._take,
            "refund": self._refund,
            "books": self._books,
            "allowance": self._allowance,
            "budget": self._budget,
            "models": self._models,
            "channels": self._channels,
            "channel": self._channel,
            "role": self._role,
            "roles": self._roles,
            "room": self._room,
            "moderators": self._moderators,
            "block": self._block,
            "unblock": self._unblock,
            "blocked": self._blocked,
            "held": self._held,
            "release": self._release,
            "discard": self._discard,
            "set": self._set,
            "settings": self._settings,
            "history": self._history,
            "usage": self._usage,
            "audit": self._audit,
            "purchases": self._purchases,
        }

    async def answer(
        self, actor: Requester, text: str, *, person_of: PersonOf, key: str
    ) -> tuple[ReplyLines, Mapping[str, Named]]:
        """Does what the line says, once for `key`. Answers in lines, and what stands in them by its id."""
        typed, *rest = text.split() or [""]
        word = typed.casefold()
        verb = BY_WORD.get(word)
        await self._desk.require(actor, verb.needs if verb is not None else Power.JUDGE)
        if verb is None:
            return self._help(actor.language), {}
        line = AdminLine(actor=actor, verb=verb, words=self._words, rest=rest, person_of=person_of, key=key)
        return await self._acts[word](line), line.names

    def _help(self, language: str) -> ReplyLines:
        """All verbs, and then what each is good for."""
        told = [
            f"{example} · {self._words.say(f'verb-{verb.name}', language)}"
            for verb in VERBS
            for example in verb.examples
        ]
        return [", ".join(verb.name for verb in VERBS), *told]

    # ── Credits ──────────────────────────────────────────────────────────────────────────────────────

    async def _grant(self, line: AdminLine) -> ReplyLines:
        to, amount, memo = line.person_and_amount()
        lasts_s, words = span_of(memo.split())
        given = await self._desk.grant(
            line.actor, to, amount, memo=" ".join(words), key=line.key, lasts_s=lasts_s
        )
        facts = {"amount": given.amount, "available": given.available, "until": given.lapses_at}
        return [line.say("admin-granted", name=line.name_of(to), **facts)]

    async def _take(self, line: AdminLine) -> ReplyLines:
        of, amount, memo = line.person_and_amount()
        taken = await self._desk.take(line.actor, of, amount, memo=memo, key=line.key)
        name = "admin-taken" if taken.amount == amount else "admin-taken-less"
        facts = {"amount": taken.amount, "asked": amount, "available": taken.available}
        return [line.say(name, name=line.name_of(of), **facts)]

    async def _refund(self, line: AdminLine) -> ReplyLines:
        job = await self._of_another(line)
        if not job.captured_credits:
            return [line.say("admin-refund-nothing")]
        given = await self._desk.refund(line.actor, job.id, memo=" ".join(line.rest[1:]))
        if not given:
            return [line.say("admin-refunded-already")]
        return [line.say("admin-refunded", amount=given, name=line.name_of(job.requester))]

    async def _of_another(self, line: AdminLine) -> Job:
        """The job that the first word names. Raises NotAllowed where a moderator would judge in their own matter."""
        job = await self._desk.job(line.actor, line.first())
        await self._desk.require(line.actor, line.verb.needs, about=job.requester.user)
        return job

    async def _books(self, line: AdminLine) -> ReplyLines:
        who = line.person()
        purse = await self._desk.books(who, movements=_MOVEMENTS)
        held = line.say("admin-books-line", available=purse.balance.available, held=purse.balance.held)
        moves = reports.movement_lines(purse.movements, self._words, line.actor.language)
        return [line.say("admin-books-title", name=line.name_of(who)), held, *moves[:_MOVEMENTS]]

    # ── Rules ────────────────────────────────────────────────────────────────────────────────────────

    async def _allowance(self, line: AdminLine) -> ReplyLines:
        values = {"allowance": rules_text.read("allowance", line.first())}
        if len(line.rest) > 1:
            values["period"] = rules_text.read("period", line.rest[1])
        rules = await self._rulemaking.change(line.actor, values)
        said = line.say("admin-allowance", amount=rules.allowance, period=_spoken(rules.period))
        return [said, *await self._but(line, values)]

    async def _budget(self, line: AdminLine) -> ReplyLines:
        if not line.rest:
            report = await self._desk.usage(line.actor, days=1)
            return [reports.budget_line(report.budget, self._words, line.actor.language)]
        values = {"budget": rules_text.read("budget", line.rest[0])}
        if len(line.rest) > 1:
            values["budget_period"] = rules_text.read("budget_period", line.rest[1])
        rules = await self._rulemaking.change(line.actor, values)
        said = line.say("admin-budget", amount=rules.budget, period=_spoken(rules.budget_period))
        return [said, *await self._but(line, values)]

    async def _models(self, line: AdminLine) -> ReplyLines:
        return [line.say("admin-models", values=await self._list(line, "models"))]

    async def _channels(self, line: AdminLine) -> ReplyLines:
        return [line.say("admin-channels", values=await self._list(line, "channels"))]

    async def _channel(self, line: AdminLine) -> ReplyLines:
        return await self._part(line, "channel_rules", CHANNEL_PARTS)

    async def _role(self, line: AdminLine) -> ReplyLines:
        return await self._part(line, "roles", ROLE_PARTS)

    async def _part(self, line: AdminLine, rule: NamingRule, parts: Mapping[str, str]) -> ReplyLines:
        """The rule of one role or channel: looked at, changed, or taken away."""
        line.first()
        typed, given = parted(line.rest, parts)
        if not typed:
            raise line.misread()
        values = None if given is None else {part: read(part, text) for part, text in given.items()}
        one, rules = await self._rulemaking.set_part(line.actor, rule, typed, values)
        held = rules.roles.get(one) if rule == "roles" else rules.channel_rules.get(one)
        line.names.update(names_in(rules))
        told = [line.say("admin-part", name=one, value=shown(held) if held is not None else None)]
        return [*told, *(await self._but(line, [rule]) if values else [])]

    async def _roles(self, line: AdminLine) -> ReplyLines:
        rules, _ = await self._rulemaking.settings(line.actor)
        told: dict[str, RoleRule | ChannelRule] = {**rules.roles, **rules.channel_rules}
        if not told:
            return [line.say("admin-parts-empty")]
        line.names.update(names_in(rules))
        return [line.say("admin-parts-title"), *(f"{one} · {shown(rule)}" for one, rule in told.items())]

    async def _room(self, line: AdminLine) -> ReplyLines:
        if not line.rest:
            rules, _ = await self._rulemaking.settings(line.actor)
            line.names.update(names_in(rules))
            return [line.say("admin-room", value=rules.room or None)]
        off = line.rest[0].casefold() in rules_text.OFF
        room = await self._rulemaking.set_room(line.actor, None if off else line.rest[0])
        line.names.update(dict.fromkeys([room] if room else [], Named.CHANNEL))
        return [line.say("admin-room", value=room or None)]

    async def _moderators(self, line: AdminLine) -> ReplyLines:
        """Named one and all at once: people by mention, roles and user groups as the platform knows them."""
        if line.rest:
            off = line.rest[0].casefold() in rules_text.OFF
            named = [] if off else " ".join(line.rest).replace(",", " ").split()
            people = {one: found.user for one in named if (found := line.person_of(one)) is not None}
            values = [people.get(one, one) for one in named]
            rules = await self._rulemaking.change(line.actor, {"moderators": values or None})
        else:
            rules, _ = await self._rulemaking.settings(line.actor)
        line.names.update(await self._rulemaking.names(line.actor, rules))
        told = line.say("admin-moderators", values=", ".join(rules.moderators) or None)
        return [told, *([line.say("admin-moderators-may")] if rules.moderators else [])]

    async def _list(self, line: AdminLine, name: str) -> str | None:
        if line.rest:
            all_of_them = line.rest[0].casefold() in rules_text.ALL
            text = "" if all_of_them else ",".join(" ".join(line.rest).replace(",", " ").split())
            rules = await self._rulemaking.change(line.actor, {name: rules_text.read(name, text)})
        else:
            rules, _ = await self._rulemaking.settings(line.actor)
        line.names.update(names_in(rules))
        return ", ".join(getattr(rules, name)) or None

    async def _set(self, line: AdminLine) -> ReplyLines:
        typed = line.first()
        name, value = await self._rulemaking.set_text(line.actor, typed, " ".join(line.rest[1:]))
        rules, _ = await self._rulemaking.settings(line.actor)
        line.names.update(await self._rulemaking.names(line.actor, rules))
        return [line.say("admin-saved", name=name, value=value), *await self._but(line, [name])]

    async def _but(self, line: AdminLine, names: Iterable[str]) -> ReplyLines:
        """Where the operator lets less than was set."""
        held_back = (await self._rulemaking.held(line.actor)).held_back
        return [line.say("admin-held-back", name=name) for name in names if name in held_back]

    async def _settings(self, line: AdminLine) -> ReplyLines:
        if len(line.rest) > 1:  # as it is said where settings are picked
            return await self._set(line)
        found = await self._rulemaking.held(line.actor)
        line.names.update(await self._rulemaking.names(line.actor, found.rules))
        lines = [
            line.say("admin-setting-line", name=name, value=rules_text.shown(found.rules, name))
            + (" *" if name in found.own else "")
            for name in rules_text.NAMES
        ]
        notes = [line.say("admin-left-out", name=name) for name in found.left_out]
        notes += [line.say("admin-held-back", name=name) for name in found.held_back]
        return [line.say("admin-settings-title"), *notes, *lines]

    async def _history(self, line: AdminLine) -> ReplyLines:
        versions = await self._rulemaking.history(line.actor)
        if not versions:
            return [line.say("admin-history-empty")]
        line.name_people(one["actor"] for one in versions)
        return [
            line.say(
                "admin-history-line",
                when=f"{datetime.fromtimestamp(one['changed_at'], UTC):%Y-%m-%d %H:%M}",
                version=one["version"],
                who=one["actor"],
            )
            for one in versions
        ]

    # ── Withheld pictures ────────────────────────────────────────────────────────────────────────────

    async def _held(self, line: AdminLine) -> ReplyLines:
        jobs = await self._desk.held(line.actor)
        if not jobs:
            return [line.say("admin-held-empty")]
        told = [
            line.say(
                "admin-held-line",
                job=job.id,
                name=line.name_of(job.requester),
                prompt="" if job.order.private else reports.cut(job.order.subject),
            )
            for job in jobs
        ]
        return [line.say("admin-held-title"), *told]

    async def _release(self, line: AdminLine) -> ReplyLines:
        await self._desk.release(line.actor, (await self._of_another(line)).id)
        return [line.say("admin-released")]

    async def _discard(self, line: AdminLine) -> ReplyLines:
        await self._desk.discard(line.actor, line.first())
        return [line.say("admin-discarded")]

    # ── People and reports ───────────────────────────────────────────────────────────────────────────

    async def _block(self, line: AdminLine) -> ReplyLines:
        who = line.person()
        seconds, words = span_of(line.rest[1:])
        until = await self._desk.block(line.actor, who, reason=" ".join(words), seconds=seconds, key=line.key)
        return [line.say("admin-blocked", name=line.name_of(who), until=until)]

    async def _unblock(self, line: AdminLine) -> ReplyLines:
        who = line.person()
        await self._desk.require(line.actor, line.verb.needs, about=who.user)
        was = await self._desk.unblock(line.actor, who)
        return [line.say("admin-unblocked" if was else "admin-not-blocked", name=line.name_of(who))]

    async def _blocked(self, line: AdminLine) -> ReplyLines:
        found = await self._desk.blocked(line.actor)
        if not found:
            return [line.say("admin-blocked-list")]
        line.name_people(one.user for one in found)
        return [line.say("admin-blocked-title"), *(self._one_blocked(line, one) for one in found)]

    def _one_blocked(self, line: AdminLine, one: Block) -> str:
        name = "admin-paused-line" if one.paused else "admin-blocked-line"
        until = reports.moment(one.until) if one.until is not None else None
        return line.say(name, name=one.user, when=until, why=one.reason or None)

    async def _usage(self, line: AdminLine) -> ReplyLines:
        report = await self._desk.usage(line.actor, days=line.days())
        line.name_people(one.user for one in report.top if not one.name)
        lines = reports.usage_lines(
            report.lines,
            report.top,
            self._words,
            line.actor.language,
            refused_prompts=report.refused_prompts,
            spent=report.spent,
        )
        if report.budget is not None:
            lines.append(reports.budget_line(report.budget, self._words, line.actor.language))
        return [line.say("admin-usage-title", days=report.days), *lines]

    async def chart(self, actor: Requester, text: str) -> Chart | None:
        """The chart beside a line's answer, where that has one."""
        word, *rest = text.split() or [""]
        verb = BY_WORD.get(word.casefold())
        if verb is None or verb.name != "usage":
            return None
        line = AdminLine(
            actor=actor, verb=verb, words=self._words, rest=rest, person_of=lambda _: None, key=""
        )
        return await chart_of(await self._desk.usage(actor, days=line.days()), self._words, actor.language)

    async def _purchases(self, line: AdminLine) -> ReplyLines:
        found = await self._desk.purchases(line.actor)
        line.name_people(one.buyer.user for one in found)
        return purchase_lines(found, _MOVEMENTS, self._words, line.actor.language)

    async def _audit(self, line: AdminLine) -> ReplyLines:
        entries = await self._desk.audit(line.actor, limit=20)
        line.name_people(one for entry in entries for one in (entry.user, entry.actor))
        links = await self._desk.links(line.actor, (entry.job for entry in entries if entry.job))
        lines = reports.audit_lines(entries, self._words, line.actor.language, links=links)
        return [line.say("admin-audit-title"), *lines]


def _spoken(period: str) -> str:
    return {"day": "daily", "week": "weekly"}.get(period, "monthly")

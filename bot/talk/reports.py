"""What people and moderators are told about credits, models, history and usage: lines of text, the same everywhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.job import Job
from bot.money import Budget, Movement, Purse, Transfer
from bot.order.fitting import tail
from bot.store.audit import AuditLine
from bot.store.favourites import Favourite
from bot.store.usage import DayUse, Spent, Top
from bot.studio.counter import Offer
from bot.talk.answers import Lines, TableRow
from bot.talk.deeds import Topic
from bot.words.words import Say, Words

_SUBJECT = 40  # characters of a prompt in a list
_PRICED_MOST = 8  # values of a flag whose prices a list of models tells

_LAPSES_SHOWN = 3


def credits_answer(purse: Purse, words: Words, language: str = "") -> Lines:
    """What is left, what is held, when it renews, the last movements in words."""
    balance = purse.balance

    def say(name: str, **facts: object) -> str:
        return words.say(name, language, **facts)

    lines = []
    if balance.held:
        lines.append(say("credits-held-line", held=balance.held))
    if purse.allowance:
        lines.append(say("credits-renew", allowance=purse.allowance, renews=purse.renews_at))
    lapsing = sum(lapse.amount for lapse in balance.lapses)
    lines += [
        say("credits-lapse", amount=lapse.amount, until=lapse.at) for lapse in balance.lapses[:_LAPSES_SHOWN]
    ]
    if balance.granted > lapsing:
        lines.append(say("credits-granted", granted=balance.granted - lapsing))
    if purse.budget is not None and purse.budget.low:
        lines.append(budget_line(purse.budget, words, language))
    moves = movement_lines(purse.movements, words, language)[: purse.told]
    return Lines(
        topic=Topic.CREDITS,
        title=say("credits-left", available=balance.available),
        lines=tuple(lines),
        rows=tuple(TableRow(label=move, text=move) for move in moves),
        rows_title=say("credits-movements"),
    )


def credits_lines(purse: Purse, words: Words, language: str = "") -> list[str]:
    """The same as plain lines."""
    answer = credits_answer(purse, words, language)
    return [answer.title, *answer.plain]


def budget_line(budget: Budget | None, words: Words, language: str = "") -> str:
    """How much of the community's budget is spent."""
    if budget is None:
        return words.say("admin-budget", language, amount=None, period="monthly")
    return words.say(
        "admin-budget-warning", language, percent=budget.percent, spent=budget.spent, budget=budget.credits
    )


def movement_lines(movements: Iterable[Movement], words: Words, language: str = "") -> list[str]:
    """Movements as people think of them: what a picture cost, and what came back and why."""
    return [line for line in (movement_line(m, words, language) for m in joined_movements(movements)) if line]


def joined_movements(movements: Iterable[Movement]) -> list[Movement]:
    """A hold that drew on two accounts is one movement to its owner, and what came back of it is another."""
    joined: dict[tuple[str, str], Movement] = {}
    for number, row in enumerate(movements):
        # A capture took what the hold had shown already: only what it left is news.
        movement = (
            row
            if row.kind is not Transfer.CAPTURE
            else replace(row, kind=Transfer.RELEASE, amount=row.held + row.amount)
        )
        key = (movement.kind, movement.job or f"#{number}")
        before = joined.get(key)
        joined[key] = movement if before is None else replace(before, amount=before.amount + movement.amount)
    return list(joined.values())


def movement_line(movement: Movement, words: Words, language: str = "") -> str:
    """One movement in words; "" for a row that says nothing new to a person."""
    told = _told(movement, words, language)
    if told is None:
        return ""
    name, amount, what = told
    return words.say(f"movement-{name}", language, amount=amount, what=what)


def _told(  # noqa: C901, PLR0911 - one arm a kind, and none can be forgotten
    movement: Movement, words: Words, language: str
) -> tuple[str, int, str] | None:
    """Which sentence, how much, and what for; None for a row that says nothing new to a person."""
    what, amount = _what(movement) or words.say("movement-a-picture", language), abs(movement.amount)
    if amount == 0 and movement.kind is not Transfer.HOLD:
        return None
    match movement.kind:
        case Transfer.HOLD:
            return "hold" if movement.live else "capture", amount, what
        case Transfer.RELEASE:
            return "release", amount, words.say(_reason_of(movement, words), language)
        case Transfer.GRANT if (movement.actor, movement.memo) == ("easel", "allowance"):
            return "allowance", amount, ""
        case Transfer.REFUND:
            return "refund", amount, movement.memo or what
        case Transfer.GIFT:
            return "gift" if movement.amount > 0 else "gift-given", amount, movement.memo
        case Transfer.EXPIRE:
            return "expire", amount, ""
        case (
            Transfer.GRANT
            | Transfer.REVOKE
            | Transfer.CAPTURE
            | Transfer.REDEEM
            | Transfer.PURCHASE
            | Transfer.CHARGEBACK
        ):
            return movement.kind, amount, movement.memo


def _reason_of(movement: Movement, words: Words) -> str:
    """`failed-provider` is told exactly where there are words for it, else as `failed`."""
    names = (f"back-{movement.reason}", f"back-{movement.reason.partition('-')[0]}")
    return next((name for name in names if words.knows(name)), "back-failed")


def _what(movement: Movement) -> str:
    return movement.memo if movement.subject is None else cut(movement.subject)


def cut(text: str, length: int = _SUBJECT) -> str:
    """A text short enough for a line."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def models_answer(offers: Sequence[Offer], words: Words, language: str = "") -> Lines:
    """The open models with this person's price and the flags they take."""
    default = next((offer.name for offer in offers if offer.is_default), None)
    return Lines(
        topic=Topic.MODELS,
        title=words.say("models-title", language),
        lines=(words.say("models-default", language, model=default),) if default else (),
        rows=tuple(_model_row(offer, words, language) for offer in offers),
    )


def offer_price(offer: Offer, say: Say) -> str:
    """What an image costs, for a person: one price, or from and to."""
    least, most = offer.range
    if least == most:
        return say("credits-value", credits=offer.credits)
    return say("credits-range", least=least, most=most)


def offer_note(offer: Offer, say: Say) -> str:
    """A model's price, and what it is good for in a word."""
    good_for = [say(f"good-for-{offer.model.good_for}")] if offer.model.good_for else []
    return " · ".join([offer_price(offer, say), *good_for])


def _model_row(offer: Offer, words: Words, language: str) -> TableRow:
    say = Say(words, language)
    pictures = [say("models-pictures", most=offer.model.inputs)] if offer.model.inputs else []
    takes = ", ".join([*pictures, *(f"{flag}{_priced(offer, flag)}" for flag in offer.takes)])
    return TableRow(
        label=offer.name,
        value=offer_note(offer, say),
        detail=takes,
        text=words.say("models-line", language, model=offer.name, price=offer_note(offer, say), takes=takes),
    )


def _priced(offer: Offer, flag: str) -> str:
    """What an image costs with each value of a flag, where that decides the price: ` (low 6, high 211)`."""
    prices = offer.costs(flag)
    if not 0 < len(prices) <= _PRICED_MOST:
        return ""
    return f" ({', '.join(f'{value} {price}' for value, price in prices.items())})"


def defaults_rows(kept: Mapping[str, object], words: Words, language: str = "") -> list[TableRow]:
    """A person's own defaults, by name."""
    return [
        TableRow(
            label=name,
            value=str(value),
            text=words.say("defaults-line", language, name=name, value=value),
        )
        for name, value in sorted(kept.items())
    ]


def history_lines(jobs: Sequence[Job], words: Words, language: str = "") -> list[str]:
    """One's last pictures, a line each."""
    if not jobs:
        return [words.say("history-empty", language)]
    return [
        words.say(
            "history-line",
            language,
            prompt=cut(job.order.subject),
            model=tail(job.order.model),
            credits=job.captured_credits or 0,
        )
        for job in jobs
    ]


def favourite_lines(kept: Sequence[Favourite], words: Words, language: str = "") -> list[str]:
    """What one keeps, a line each: its name, and which picture of how many."""
    if not kept:
        return [words.say("favourites-empty", language)]
    return [
        words.say(
            "favourite-line",
            language,
            name=one.name,
            picture=f"{one.index}/{len(one.job.images)}" if one.index and len(one.job.images) > 1 else "",
            prompt=cut(one.job.order.subject),
            model=tail(one.job.order.model),
        )
        for one in kept
    ]


def usage_lines(
    lines: Sequence[DayUse],
    top: Sequence[Top],
    words: Words,
    language: str = "",
    *,
    refused_prompts: int = 0,
    undelivered: tuple[int, int] = (0, 0),
    spent: Sequence[Spent] = (),
) -> list[str]:
    """A community's use by day and model, and who used most. `refused_prompts` never became orders."""
    if not lines and not refused_prompts:
        return [words.say("admin-usage-empty", language)]
    told = [
        words.say(
            "admin-usage-line",
            language,
            day=day_name(line.day),
            model=tail(line.model),
            pictures=line.pictures,
            credits=line.credits,
            money=money(line.usd_micros),
        )
        for line in lines
    ]
    told.append(
        words.say(
            "admin-usage-total",
            language,
            pictures=sum(line.pictures for line in lines),
            credits=sum(line.credits for line in lines),
            money=money(sum(line.usd_micros for line in lines)),
            refused=sum(line.refused for line in lines) + refused_prompts,
            failed=sum(line.failed for line in lines),
        )
    )
    unseen, back = undelivered
    if unseen:
        told.append(words.say("admin-usage-undelivered", language, pictures=unseen, credits=back))
    people = [
        _top_line(number, one, words, language, spent)
        for number, one in enumerate((one for one in top if one.credits), 1)
    ]
    return [*told, *([words.say("admin-top-title", language), *people] if people else [])]


def _top_line(number: int, top: Top, words: Words, language: str, spent: Sequence[Spent]) -> str:
    """One of those who spent most, by the number that a chart calls them, and on which models."""
    name = cut(top.name or top.user)
    line = words.say("admin-top-line", language, name=name, credits=top.credits, jobs=top.jobs)
    models = ", ".join(f"{model} {credits_}" for model, credits_ in models_of(top, spent))
    return " · ".join(part for part in (f"#{number} {line}", models) if part)


def models_of(top: Top, spent: Sequence[Spent]) -> list[tuple[str, int]]:
    """What a person spent on each model, most first."""
    used: dict[str, int] = {}
    for one in spent:
        if one.user == top.user and one.credits:
            used[tail(one.model)] = used.get(tail(one.model), 0) + one.credits
    return sorted(used.items(), key=lambda item: (-item[1], item[0]))


def audit_lines(
    entries: Sequence[AuditLine], words: Words, language: str = "", *, links: Mapping[str, str] | None = None
) -> list[str]:
    """The log, a line each: when, what, about whom and by whom, and the words where they are not their owner's alone."""
    if not entries:
        return [words.say("admin-audit-empty", language)]
    where = links or {}
    return [_audit_line(entry, words, language, where.get(entry.job or "", "")) for entry in entries]


def _audit_line(entry: AuditLine, words: Words, language: str, link: str) -> str:
    def say(message_id: str, /, **facts: object) -> str:
        return words.say(message_id, language, **facts)

    what = " ".join(part for part in (entry.action, entry.severity, entry.category) if part)
    parts = [moment(entry.at), what, entry.user]
    if entry.actor and entry.actor not in (entry.user, "easel"):
        parts.append(say("admin-audit-by", name=entry.actor))
    if entry.memo or entry.rule:
        parts.append(cut(entry.memo or entry.rule, 80))
    if entry.job:
        parts.append(say("admin-audit-job", job=entry.job))
    if entry.prompt:
        parts.append(say("admin-audit-private") if entry.private else f"“{cut(entry.prompt, 80)}”")
    return " · ".join(part for part in (*parts, link) if part)


def moment(at: float) -> str:
    """A moment as people read it, where no platform writes it for them."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def day_name(day: int) -> str:
    """A day counted since 1970 as 2026-11-21."""
    return f"{datetime.fromtimestamp(day * 86_400, UTC):%Y-%m-%d}"


def money(usd_micros: int) -> str:
    """Millionths of a US dollar as people write them."""
    return f"${usd_micros / 1_000_000:.2f}"

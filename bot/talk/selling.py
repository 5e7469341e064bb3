"""Lines of what was bought for money, for whoever runs a community."""

from collections.abc import Sequence

from bot.credits.purchases import months_of
from bot.shops import Purchase
from bot.talk.reports import moment
from bot.words.words import Words

_MONTHS_SHOWN = 3


def purchase_lines(purchases: Sequence[Purchase], shown: int, words: Words, language: str = "") -> list[str]:
    """Months with their totals, then the newest purchases, at most so many."""
    if not purchases:
        return [words.say("admin-purchases-empty", language)]
    months = [
        words.say(
            "admin-purchases-month",
            language,
            month=one.month,
            purchases=one.purchases,
            amount=one.credits,
            reversed=one.reversed,
        )
        for one in months_of(purchases)[:_MONTHS_SHOWN]
    ]
    return [*months, *(_line(one, words, language) for one in purchases[:shown])]


def _line(one: Purchase, words: Words, language: str) -> str:
    return words.say(
        "admin-purchase",
        language,
        at=moment(one.at),
        name=one.buyer.user,
        product=one.product,
        amount=one.credits,
        reversed=one.reversed,
        taken=one.taken,
        test="yes" if one.test else "no",
        placed="yes" if one.placed else "no",
    )

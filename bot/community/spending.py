"""Who may spend how much of the operator's money, in sentences: what `easel run` and `easel check` tell him. Pure."""

from bot.community.quotas import ANY, listed
from bot.configuration.settings import Quotas


def who_may_spend(quotas: Quotas) -> list[str]:
    """A sentence for strangers, one for the communities that he has named, one for all together."""
    return [strangers_spend(quotas) or _none_for_strangers(quotas), _named_spend(quotas), _all_spend(quotas)]


def strangers_spend(quotas: Quotas) -> str:
    """What a community may spend that the operator has not named, as a sentence; "" where only named ones may."""
    if ANY not in listed(quotas.communities):
        return ""
    named = _named(quotas)
    head = f"names {named}: each other" if named else "names none: each"
    month = "" if quotas.max_budget is None else f", {quotas.max_budget:,} a month"
    return (
        f"[quotas] communities {head} community that adds it gets {quotas.daily_allowance:,} credits a person"
        f" a {quotas.period}, and may use {_credits(quotas.unnamed_budget, quotas)} a day{month};"
        f" all of them, and direct messages, {_credits(quotas.unnamed_together, quotas)} a day"
    )


def _none_for_strangers(quotas: Quotas) -> str:
    return (
        "communities that [quotas] communities doesn't name get nothing but what you grant, of which they may use"
        f" {_credits(quotas.unnamed_budget, quotas)} a day"
    )


def _named_spend(quotas: Quotas) -> str:
    named = _named(quotas)
    if not named:
        return "no community is named: name yours in [quotas] communities, and their moderators say how much"
    ceilings = {
        "a person gets {} a period at most": quotas.max_allowance,
        "their moderators grant {} a month at most": quotas.max_grants,
        "each uses {} a month at most": quotas.max_budget,
    }
    told = [text.format(_credits(most, quotas)) for text, most in ceilings.items() if most is not None]
    return f"{named}: what their moderators set" + (
        ", but " + ", ".join(told) if told else ", without a ceiling"
    )


def _all_spend(quotas: Quotas) -> str:
    if quotas.monthly_usd is None:
        return "there is no stop in money: [quotas] monthly_usd sets one"
    return f"all together stop at {quotas.monthly_usd:g} US dollars a month"


def _named(quotas: Quotas) -> str:
    return ", ".join(sorted(listed(quotas.communities) - {ANY}))


def _credits(amount: int, quotas: Quotas) -> str:
    return f"{amount:,} credits (about ${amount * quotas.usd_a_credit:,.2f})"

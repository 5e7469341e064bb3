"""Prices and periods: exact across daylight saving and time zones, and no two people share an account."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.community import quotas
from bot.configuration.settings import Quotas
from bot.model import Model, Order
from bot.ports import Requester
from bot.rules.rules import RoleRule, Rules

BERLIN, SEOUL, NEW_YORK, SANTIAGO = "Europe/Berlin", "Asia/Seoul", "America/New_York", "America/Santiago"


def at(text, zone="UTC"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def person(**more):
    return Requester(**({"surface": "slack", "community": "c", "user": "u"} | more))


@pytest.mark.parametrize(
    ("period", "zone", "now", "name", "renews"),
    [
        ("day", "UTC", "2026-11-21T23:59:59", "2026-11-21", "2026-11-22T00:00:00"),
        ("day", SEOUL, "2026-11-21T00:00:00", "2026-11-21", "2026-11-22T00:00:00"),
        # The clock goes forward: a day of 23 hours; back: one of 25.
        ("day", BERLIN, "2026-03-29T12:00:00", "2026-03-29", "2026-03-30T00:00:00"),
        ("day", BERLIN, "2026-10-25T12:00:00", "2026-10-25", "2026-10-26T00:00:00"),
        ("week", BERLIN, "2026-03-29T23:59:59", "week-2026-03-23", "2026-03-30T00:00:00"),
        ("week", NEW_YORK, "2026-11-02T00:00:00", "week-2026-11-02", "2026-11-09T00:00:00"),
        ("month", BERLIN, "2026-03-31T12:00:00", "month-2026-03-01", "2026-04-01T00:00:00"),
        ("month", BERLIN, "2026-01-31T12:00:00", "month-2026-01-01", "2026-02-01T00:00:00"),
        ("month", "UTC", "2028-02-29T12:00:00", "month-2028-02-01", "2028-03-01T00:00:00"),
        ("month", "UTC", "2026-12-31T12:00:00", "month-2026-12-01", "2027-01-01T00:00:00"),
    ],
)
def test_a_period_has_its_first_day_for_a_name_and_ends_at_the_zones_midnight(
    period, zone, now, name, renews
):
    moment = at(now, zone)
    assert quotas.period_name(period, zone, moment) == name
    assert quotas.renews_at(period, zone, moment) == at(renews, zone)


@pytest.mark.parametrize(
    "zone", ["UTC", BERLIN, SEOUL, NEW_YORK, SANTIAGO, "Australia/Lord_Howe", "Asia/Kathmandu"]
)
@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_periods_follow_one_another_without_a_gap_all_year(period, zone):
    moment = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    for _ in range({"day": 370, "week": 54, "month": 13}[period]):
        following = quotas.renews_at(period, zone, moment)
        assert following > moment
        assert quotas.period_name(period, zone, following - 1) == quotas.period_name(period, zone, moment)
        assert quotas.period_name(period, zone, following) != quotas.period_name(period, zone, moment)
        moment = following


def test_where_midnight_does_not_exist_the_day_still_begins_once():
    """Santiago's clocks go forward at midnight: the day begins at one."""
    before = at("2026-09-05T12:00:00", SANTIAGO)
    following = quotas.renews_at("day", SANTIAGO, before)
    assert quotas.period_name("day", SANTIAGO, following) == "2026-09-06"
    assert quotas.period_name("day", SANTIAGO, following - 1) == "2026-09-05"


def test_no_two_people_share_an_account_whatever_their_names():
    people = [
        person(), person(user="u:c"), person(community="c:u", user=""), person(community="c", user="u%3A"),
        person(surface="discord"), person(user="U"), person(community="c%3Au"),
    ]  # fmt: skip
    accounts = {quotas.granted_fund(p).account for p in people}
    assert len(accounts) == len(people)


def test_the_allowance_is_drawn_before_what_was_given():
    first, second = quotas.funds(person(), Rules(), allowance=7, now=at("2026-11-21T12:00:00"))
    assert (first.kind, first.entitled, second.kind) == ("allowance", 7, "granted")
    assert first.account.endswith("2026-11-21")


def test_the_highest_allowance_of_ones_roles_counts_and_zero_is_an_allowance():
    rules = Rules(
        allowance=10, roles={"a": RoleRule(allowance=50), "b": RoleRule(allowance=0), "c": RoleRule()}
    )
    of = lambda *roles: quotas.allowance_of(person(roles=frozenset(roles)), rules)  # noqa: E731
    assert [of(), of("a"), of("b"), of("a", "b"), of("c")] == [10, 50, 0, 50, 10]


def test_prices_are_rounded_up_and_the_exempt_pay_nothing():
    model = Model(id="m", provider="p", credits=39)
    rules = Rules(
        price_factors={"m": 0.5}, roles={"vip": RoleRule(exempt=True), "m-fan": RoleRule(free_models=("m",))}
    )
    price = lambda **who: quotas.price_of(model, person(**who), rules)  # noqa: E731
    assert price() == 20
    assert price(roles=frozenset({"vip"})) == 0
    assert price(roles=frozenset({"m-fan"})) == 0


def test_only_the_operators_communities_get_an_allowance():
    assert quotas.has_allowance(person(), "any")
    assert quotas.has_allowance(person(), ("c",))
    assert not quotas.has_allowance(person(community="d"), ("c",))


def test_a_stop_in_real_money_reserves_at_accept_what_the_order_may_cost():
    order = Order(provider="p", model="m", prompt="x", images=3, credits_each=2, usd_micros_each=40_000)
    now, known = at("2026-11-21T12:00:00"), (person().community,)
    (budget,) = quotas.reserves(person(), order, Rules(), Quotas(communities=known), list_credits=6, now=now)
    assert (budget.unit, budget.amount, budget.cap) == ("credits", 6, None)
    _, money = quotas.reserves(
        person(), order, Rules(), Quotas(communities=known, monthly_usd=1.5), list_credits=6, now=now
    )
    assert (money.unit, money.amount, money.cap, money.refusal) == (
        "usd_micros",
        120_000,
        1_500_000,
        "money-stop",
    )

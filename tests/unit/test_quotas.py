"""Properties of periods and allowances: whatever the zone, the moment and the rules, nobody is paid twice."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.community import quotas
from bot.community.rulebook import _carried_schedules
from bot.model import Model, Order
from bot.ports import Requester
from bot.rules.rules import RoleRule, Rules
from tests.fakes.house import at

# Whole-hour, half-hour and quarter-hour zones, both hemispheres, midnights that are skipped or come twice,
# a day that never was (Apia, Kwajalein), and the edges of the date line.
ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Asia/Seoul", "Asia/Kolkata",
    "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Africa/Cairo", "America/Havana", "Asia/Beirut",
    "America/Santiago", "America/Sao_Paulo", "Pacific/Apia", "Pacific/Kwajalein", "Pacific/Kiritimati",
    "Pacific/Pago_Pago", "Africa/Casablanca", "Antarctica/Troll",
]  # fmt: skip
PERIODS = ["day", "week", "month"]
LONGEST_S = {"day": 49 * 3600, "week": 8 * 86_400, "month": 32 * 86_400}

zones = st.sampled_from(ZONES)
periods = st.sampled_from(PERIODS)
moments = st.integers(int(at("1990-01-01")), int(at("2090-01-01"))).map(float)
MINA = Requester(surface="discord", community="club", user="mina")


@given(periods, zones, moments)
def test_periods_partition_time(period, zone, now):
    """The one begins where the other ends, and every moment between has the same name."""
    name = quotas.period_name(period, zone, now)
    begins = quotas.period_start(period, zone, now).timestamp()
    ends = quotas.renews_at(period, zone, now)
    assert begins <= now < ends
    assert ends - begins <= LONGEST_S[period]
    for moment in (begins, (begins + now) // 2, (now + ends) // 2, ends - 1):
        assert quotas.period_name(period, zone, moment) == name
        assert quotas.renews_at(period, zone, moment) == ends
    assert quotas.period_name(period, zone, ends) > name
    assert quotas.period_name(period, zone, begins - 1) < name
    assert quotas.renews_at(period, zone, begins - 1) == begins


@given(periods, zones, moments, st.integers(0, 40 * 86_400))
def test_names_never_go_back(period, zone, now, later_s):
    assert quotas.period_name(period, zone, now) <= quotas.period_name(period, zone, now + later_s)


@given(periods, zones, moments)
def test_a_renewal_is_in_the_future_and_at_a_local_midnight_if_there_is_one(period, zone, now):
    renews = quotas.renews_at(period, zone, now)
    assert renews > now
    before = datetime.fromtimestamp(renews - 1, ZoneInfo(zone))
    after = datetime.fromtimestamp(renews, ZoneInfo(zone))
    assert before.date() < after.date()


@given(zones, moments, st.integers(0, 60))
def test_a_day_of_so_many_days_ago_is_that_day(zone, now, days):
    start = quotas.day_start(zone, now, days_ago=days)
    today = datetime.fromtimestamp(now, ZoneInfo(zone)).date()
    found = datetime.fromtimestamp(start, ZoneInfo(zone)).date()
    # A day that a zone left out altogether begins where it would have.
    assert (today - found).days in (days, days - 1)
    assert start <= now


changes = st.fixed_dictionaries(
    {},
    optional={
        "period": periods,
        "time_zone": zones,
        "budget_period": periods,
        "allowance": st.integers(0, 1000),
    },
)


@settings(max_examples=150, deadline=None)
@given(moments, st.lists(st.tuples(st.integers(0, 10 * 86_400), changes), max_size=25))
def test_no_instant_has_two_allowances_and_no_date_is_paid_twice(now, history):
    """However often the schedule is changed."""
    rules, began = Rules(), now
    paid: dict[Any, Any] = {}
    for wait_s, change in history:
        now += wait_s
        new = rules.changed(change)
        meter = quotas.budget_meter(MINA, rules, now)
        before = quotas.funds(MINA, rules, allowance=rules.allowance, now=now)[0].account
        rules = new.changed(_carried_schedules(rules, new, now=now))
        after = quotas.funds(MINA, rules, allowance=rules.allowance, now=now)[0].account
        assert after == before, "a change of the schedule pays nothing at once"
        assert quotas.budget_meter(MINA, rules, now) == meter, "nor does it renew the budget"
        assert quotas.next_renewal(rules, now) > now
        paid.setdefault(after, now)
    # Each account is a date of its own; there are no more of them than days went by (two at the date line).
    assert len(paid) <= (now - began) / 86_400 + 3


roles = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d"]),
    st.builds(
        RoleRule,
        allowance=st.none() | st.integers(0, 10_000),
        free_models=st.sampled_from([(), ("m",)]),
        exempt=st.booleans(),
    ),
)


@given(roles, st.sets(st.sampled_from(["a", "b", "c", "d", "e"])), st.integers(0, 10_000))
def test_one_more_role_never_takes_anything_away_but_a_none(rules_by_role, held, everyone):
    rules = Rules(allowance=everyone, roles=rules_by_role)
    who = Requester(surface="discord", community="club", user="mina", roles=frozenset(held))
    named = [r.allowance for name, r in rules_by_role.items() if name in held and r.allowance is not None]
    assert quotas.allowance_of(who, rules) == (max(named) if named else everyone)
    model = Model(id="m", provider="p", credits=7)
    free = any(r.exempt or r.free_models for name, r in rules_by_role.items() if name in held)
    assert quotas.price_of(model, who, rules) == (0 if free else 7)


@given(st.integers(0, 10_000), st.decimals(0, 100, places=3))
def test_a_price_is_never_below_its_factor_and_less_than_a_credit_above(listed, factor):
    model = Model(id="m", provider="p", credits=listed)
    price = quotas.price_of(model, MINA, Rules(price_factors={"m": float(factor)}))
    assert 0 <= price - listed * factor < 1


names = st.text("abc:/%~é ", min_size=1, max_size=4)


@given(names, names, names, names, names, names)
def test_no_two_people_share_a_key(s1, c1, u1, s2, c2, u2):
    one = Requester(surface=s1, community=c1, user=u1)
    two = Requester(surface=s2, community=c2, user=u2)
    assert (quotas.person_key(one) == quotas.person_key(two)) == ((s1, c1, u1) == (s2, c2, u2))


@pytest.mark.parametrize("budget", [None, 100])
@pytest.mark.parametrize(("monthly_usd", "max_budget"), [(None, None), (5.0, None), (5.0, 70)])
def test_an_order_reserves_of_every_cap_that_there_is(budget, monthly_usd, max_budget):
    from bot.configuration.settings import Quotas

    order = Order(provider="p", model="m", prompt="x", images=2, credits_each=10, usd_micros_each=1000)
    caps = quotas.reserves(
        MINA,
        order,
        Rules(budget=budget),
        Quotas(communities=(MINA.community,), monthly_usd=monthly_usd, max_budget=max_budget),
        list_credits=60,
        now=at("2026-11-21"),
    )
    told = {one.refusal: (one.unit, one.amount, one.cap) for one in caps}
    expected = {"budget-spent": ("credits", 20, budget)}
    if max_budget is not None:
        expected["budget-ceiling"] = ("list_credits", 60, max_budget)
    if monthly_usd is not None:
        expected["money-stop"] = ("usd_micros", 2000, 5_000_000)
    assert told == expected

"""What a community can live by: allowances, roles, budgets, limits and reports, as laws at the front door."""

import asyncio
import contextlib
import json
import time
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from bot.cli import calling
from bot.community.powers import Power
from bot.configuration.settings import ModerationSection
from bot.errors import (
    BadPrompt,
    NotAllowed,
    NotEnoughCredits,
    NotThere,
    Refusal,
    TooFast,
    TooMany,
    UnknownModel,
)
from bot.job import Job, State
from bot.ports import Place
from bot.talk import reports
from bot.talk.admin_text import AdminText
from bot.words.words import Words
from tests.fakes.house import (
    FOX,
    FOX_CREDITS,
    MINI,
    MINI_CREDITS,
    Clock,
    Town,
    at,
    new_sqlite,
    open_house,
    open_town,
)
from tests.fakes.there import there

pytest_plugins = ("tests.fakes.postgres",)


@pytest.fixture
async def town(tmp_path):
    async with open_town(tmp_path) as town:
        yield town


@contextlib.contextmanager
def refused(reason: str, kind: type[Refusal] = NotAllowed, **facts):
    """The refusal that is expected, with a whole sentence in both languages."""
    with pytest.raises(kind) as caught:
        yield caught
    error = caught.value
    assert error.reason == reason
    for name, value in facts.items():
        assert error.facts[name] == value
    for language in ("en", "ko"):
        sentence = Words(language).refusal(error)
        assert sentence[-1] in ".!?요"
        assert "{ $" not in sentence


# ── The allowance ────────────────────────────────────────────────────────────────────────────────────

NEW_PERIODS = [
    # period, zone, a moment, the last moment of its period, the first of the next
    ("day", "UTC", "2026-11-21 12:00", "2026-11-21 23:59:59", "2026-11-22 00:00"),
    ("day", "Asia/Seoul", "2026-11-21 23:00", "2026-11-21 23:59:59", "2026-11-22 00:00"),
    ("day", "America/St_Johns", "2026-11-21 01:00", "2026-11-21 23:59:59", "2026-11-22 00:00"),
    ("day", "Europe/Berlin", "2026-03-29 01:00", "2026-03-29 23:59:59", "2026-03-30 00:00"),  # 23 hours
    ("day", "Europe/Berlin", "2026-10-25 01:00", "2026-10-25 23:59:59", "2026-10-26 00:00"),  # 25 hours
    ("day", "Africa/Cairo", "2026-04-23 12:00", "2026-04-23 23:59:59", "2026-04-24 01:00"),  # no midnight
    ("day", "UTC", "2028-02-28 12:00", "2028-02-28 23:59:59", "2028-02-29 00:00"),
    ("day", "UTC", "2028-02-29 12:00", "2028-02-29 23:59:59", "2028-03-01 00:00"),
    ("day", "UTC", "2026-12-31 12:00", "2026-12-31 23:59:59", "2027-01-01 00:00"),
    ("week", "UTC", "2026-11-21 12:00", "2026-11-22 23:59:59", "2026-11-23 00:00"),  # Monday
    ("week", "Europe/Berlin", "2026-03-23 00:00", "2026-03-29 23:59:59", "2026-03-30 00:00"),
    ("week", "Asia/Seoul", "2026-12-29 12:00", "2027-01-03 23:59:59", "2027-01-04 00:00"),
    ("month", "UTC", "2026-11-21 12:00", "2026-11-30 23:59:59", "2026-12-01 00:00"),
    ("month", "UTC", "2027-02-01 00:00", "2027-02-28 23:59:59", "2027-03-01 00:00"),
    ("month", "UTC", "2028-02-01 00:00", "2028-02-29 23:59:59", "2028-03-01 00:00"),
    ("month", "UTC", "2026-01-31 23:00", "2026-01-31 23:59:59", "2026-02-01 00:00"),
    ("month", "Pacific/Auckland", "2026-12-01 00:00", "2026-12-31 23:59:59", "2027-01-01 00:00"),
]


@pytest.mark.parametrize(("period", "zone", "now", "last", "first"), NEW_PERIODS)
async def test_an_allowance_is_used_or_lost_and_renewed_at_the_communitys_own_midnight(
    tmp_path, period, zone, now, last, first
):
    quotas = {"daily_allowance": 100, "period": period, "time_zone": zone}
    async with open_town(tmp_path, quotas=quotas) as town:
        town.clock.to(now, zone)
        await town.draw()
        assert (await town.app.studio.credits(town.person())).renews_at == at(first, zone)
        for moment, left in ((last, 70), (first, 100)):
            town.clock.to(moment, zone)
            assert await town.left() == left
        await town.draw()
        assert await town.left() == 70
        given = await town.rows("SELECT SUM(amount) AS n FROM transfers WHERE kind = 'grant'")
        assert given[0]["n"] == 200


async def test_the_hour_that_comes_twice_pays_once(tmp_path):
    """Havana's clocks go back from 01:00 to 00:00: midnight comes twice."""
    quotas = {"daily_allowance": 100, "time_zone": "America/Havana"}
    async with open_town(tmp_path, quotas=quotas) as town:
        for fold in (0, 1):
            town.clock.now_s = at("2026-11-01 00:30", "America/Havana", fold=fold)
            await town.draw()
        assert await town.left() == 40


async def test_a_clock_that_is_set_back_does_not_pay_again(town: Town):
    await town.rules(allowance=100)
    await town.draw()
    town.clock.to("2026-11-22 08:00")
    await town.draw()
    town.clock.to("2026-11-21 08:00")
    assert await town.left() == 70
    town.clock.to("2026-11-22 09:00")
    assert await town.left() == 70


async def test_many_requests_at_midnight_renew_once(town: Town):
    await town.rules(allowance=90, per_requester=100)
    town.clock.to("2026-11-22 00:00")
    made = await asyncio.gather(*(town.ask() for _ in range(12)), return_exceptions=True)
    assert sum(not isinstance(one, Exception) for one in made) == 3
    assert await town.left() == 0


async def test_the_allowance_is_spent_before_granted_credits(town: Town):
    await town.rules(allowance=40)
    mina = town.person()
    await town.app.desk.grant(town.mod, mina, 100, memo="for the poster", key="k")
    await town.draw()
    balance = (await town.app.studio.credits(mina)).balance
    assert (balance.allowance, balance.granted) == (10, 100)
    await town.draw()  # 10 of the allowance, 20 of the gift
    balance = (await town.app.studio.credits(mina)).balance
    assert (balance.allowance, balance.granted) == (0, 80)
    town.clock.to("2026-11-22 00:00")
    balance = (await town.app.studio.credits(mina)).balance
    assert (balance.allowance, balance.granted) == (40, 80)


async def test_what_comes_back_after_midnight_falls_into_yesterday(town: Town):
    await town.rules(allowance=40)
    job = await town.ask()
    town.clock.to("2026-11-22 00:00:01")
    assert (await town.app.studio.credits(town.person())).balance.held == FOX_CREDITS
    await town.fail(job)
    assert await town.left() == 40


async def test_raised_in_mid_period_pays_the_difference_once_and_lowered_counts_from_the_next(town: Town):
    await town.rules(allowance=100)
    await town.draw()
    for allowance, left in [(150, 120), (150, 120), (80, 120), (150, 120), (200, 170), (30, 170)]:
        await town.rules(allowance=allowance)
        assert await town.left() == left
        await town.fail(await town.ask())  # opens and tops up; gives back
        assert await town.left() == left
    town.clock.to("2026-11-22 00:00")
    assert await town.left() == 30


SCHEDULE_CHANGES = [
    # the rules at noon of 21 November (a Saturday), by UTC and daily before; when they begin
    ({"period": "week"}, "2026-11-22 00:00"),
    ({"period": "month"}, "2026-11-22 00:00"),
    ({"time_zone": "Asia/Seoul"}, "2026-11-22 00:00"),
    ({"time_zone": "America/Los_Angeles"}, "2026-11-22 08:00"),
    ({"time_zone": "Pacific/Kiritimati"}, "2026-11-22 00:00"),
]


@pytest.mark.parametrize(("change", "begins"), SCHEDULE_CHANGES)
async def test_a_new_schedule_begins_at_the_next_boundary_and_pays_nothing_twice(tmp_path, change, begins):
    async with open_town(tmp_path, quotas={"daily_allowance": 100}) as town:
        await town.draw()
        await town.rules(**change)
        assert await town.left() == 70
        town.clock.now_s = at(begins) - 1
        assert await town.left() == 70
        town.clock.now_s = at(begins)
        assert await town.left() == 100


async def test_switching_to_and_fro_pays_nothing(tmp_path):
    async with open_town(tmp_path, quotas={"daily_allowance": 100}) as town:
        await town.draw()
        zones = ("Asia/Seoul", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC")
        for hour in range(12, 24):
            town.clock.to(f"2026-11-21 {hour}:59")
            for period in ("week", "month", "day"):
                await town.rules(period=period, time_zone=zones[hour % 4])
                assert await town.left() == 70


async def test_years_of_switching_never_pay_more_than_an_allowance_a_day(tmp_path):
    """However the schedule is changed, no local date is paid twice."""
    async with open_town(tmp_path, quotas={"daily_allowance": 30}) as town:
        zones = ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata", "America/New_York"]
        for hours in range(0, 24 * 20, 5):
            town.clock.now_s = at("2026-11-01 00:00") + hours * 3600
            await town.rules(period=("day", "week", "month")[hours % 3], time_zone=zones[hours % 5])
            with contextlib.suppress(NotEnoughCredits):
                await town.draw()
        accounts = await town.rows("SELECT id, given FROM accounts WHERE kind = 'allowance'")
        assert all(row["given"] == 30 for row in accounts)
        assert len(accounts) <= 20 + 2


# ── Roles ────────────────────────────────────────────────────────────────────────────────────────────

ROLES = {
    "patron": {"allowance": 1000, "free_models": ["gpt-image-1-mini"]},
    "artist": {"allowance": 300},
    "guest": {"allowance": 0},
    "helper": {"exempt": True},
    "plain": {},
}
WHO_GETS_WHAT = [
    ((), 100, FOX_CREDITS, MINI_CREDITS),
    (("stranger",), 100, FOX_CREDITS, MINI_CREDITS),
    (("plain",), 100, FOX_CREDITS, MINI_CREDITS),
    (("artist",), 300, FOX_CREDITS, MINI_CREDITS),
    (("artist", "patron"), 1000, FOX_CREDITS, 0),
    (("guest",), 0, FOX_CREDITS, MINI_CREDITS),
    (("guest", "artist"), 300, FOX_CREDITS, MINI_CREDITS),
    (("helper",), 100, 0, 0),
]


@pytest.mark.parametrize(("roles", "allowance", "fox", "mini"), WHO_GETS_WHAT)
async def test_the_highest_role_that_applies_wins(town: Town, roles, allowance, fox, mini):
    await town.rules(allowance=100, roles=ROLES)
    who = town.person(roles=roles)
    purse = await town.app.studio.credits(who)
    assert (purse.allowance, purse.balance.available) == (allowance, allowance)
    prices = {offer.model.id: offer.credits for offer in await town.app.studio.models(who)}
    assert prices["black-forest-labs/flux-2-pro"] == fox
    assert prices["gpt-image-1-mini"] == mini
    if mini <= allowance:
        assert (await town.draw(who, MINI)).captured_credits == mini


async def test_free_models_may_be_named_as_people_name_them(town: Town):
    await town.rules(roles={"patron": {"free_models": ["flux-2-pro"]}})
    assert (await town.ask(town.person(roles=["patron"]))).order.credits == 0


async def test_who_gets_no_allowance_can_spend_what_was_granted(town: Town):
    await town.rules(roles={"guest": {"allowance": 0}})
    guest = town.person(roles=["guest"])
    with refused("credits-missing", NotEnoughCredits, missing=FOX_CREDITS, renews=None):
        await town.ask(guest)
    await town.app.desk.grant(town.mod, guest, 30, memo="", key="k")
    await town.draw(guest)
    assert await town.left(guest) == 0


@pytest.mark.parametrize(("exempt", "price"), [(True, 0), (False, FOX_CREDITS)])
async def test_owners_are_exempt_if_so_set(town: Town, exempt, price):
    await town.rules(owners_exempt=exempt)
    assert (await town.draw(town.mod)).captured_credits == price


async def test_a_price_of_zero_still_makes_a_hold_and_is_counted(town: Town):
    await town.rules(owners_exempt=True)
    await town.draw(town.mod)
    holds = await town.rows("SELECT amount FROM transfers WHERE kind = 'hold'")
    assert holds == [{"amount": 0}]


@pytest.mark.parametrize(("days", "may"), [(0, False), (2, False), (3, True), (400, True)])
async def test_newcomers_wait(town: Town, days, may):
    await town.rules(newcomer_wait_s=3 * 86_400)
    joined = town.clock() - days * 86_400
    new = town.person(joined_at=joined)
    if may:
        await town.ask(new)
    else:
        with refused("waiting-newcomer", until=joined + 3 * 86_400):
            await town.ask(new)
    await town.ask(town.person("long-known"))  # the surface doesn't tell when


# ── The community's budget ───────────────────────────────────────────────────────────────────────────


async def test_a_budget_warns_once_at_four_fifths_and_stops_at_its_end(town: Town):
    await town.rules(budget=100, allowance=1000)
    for spent in (30, 60):
        await town.draw()
        assert await town.audited("budget-warning") == []
        assert there((await town.app.studio.credits(town.person())).budget).percent == spent
    job = await town.ask()  # 90 of 100
    for _ in range(3):  # it fails, and the line is crossed again
        assert [e.memo for e in await town.audited("budget-warning")] == ["90 of 100"]
        await town.fail(job)
        job = await town.ask()
    lines = reports.credits_lines(await town.app.studio.credits(town.person()), Words())
    assert "90 % of this community's budget is spent (90 of 100)." in lines
    with refused("budget-spent", renews=at("2026-12-01 00:00")):
        await town.ask(town.person("another"))
    await town.ask(town.person("another"), MINI)  # 98
    assert len(await town.audited("budget-warning")) == 1
    town.clock.to("2026-12-01 00:00")
    await town.draw()


async def test_a_raised_budget_warns_again(town: Town):
    await town.rules(budget=30, allowance=1000)
    await town.draw()
    await town.rules(budget=60)
    town.clock.now_s += 60
    await town.draw()
    assert [e.memo for e in await town.audited("budget-warning")] == ["60 of 60", "30 of 30"]


async def test_a_spent_budget_lets_free_pictures_pass(town: Town):
    await town.rules(budget=30, owners_exempt=True)
    await town.draw()
    with refused("budget-spent"):
        await town.ask()
    await town.draw(town.mod)


@pytest.mark.parametrize("budget", [0, 29])
async def test_a_budget_smaller_than_the_picture_stops_it(town: Town, budget):
    await town.rules(budget=budget)
    with refused("budget-spent"):
        await town.ask()


async def test_many_at_once_never_overrun_a_budget(town: Town):
    await town.rules(budget=100, allowance=1000, per_requester=100)
    asked = await asyncio.gather(*(town.ask(town.person(f"p{n}")) for n in range(20)), return_exceptions=True)
    assert sum(not isinstance(one, Exception) for one in asked) == 3


async def test_switching_the_budgets_period_does_not_renew_it(town: Town):
    await town.rules(budget=30, allowance=1000)
    await town.draw()
    for change in ({"budget_period": "day"}, {"budget_period": "week", "time_zone": "Asia/Seoul"}):
        await town.rules(**change)
        with refused("budget-spent", renews=at("2026-12-01 00:00")):
            await town.ask()
    town.clock.to("2026-12-01 00:00")
    await town.draw()


async def test_what_a_cancel_after_submit_cost_counts_in_the_budget(town: Town):
    await town.rules(budget=60)
    job = await town.go(await town.ask(), State.CLEARED, State.SUBMITTING)
    await town.app.studio.cancel(job.id, town.person())
    assert there((await town.app.studio.credits(town.person())).budget).spent == FOX_CREDITS
    assert await town.left() == 500


async def test_uncertain_submits_that_were_repeated_add_up(town: Town):
    """Each may have been billed (ruling 4)."""
    job = await town.go(await town.ask(), State.CLEARED, State.SUBMITTING)
    for _ in range(2):
        job = await town.end(job, State.SUBMITTING, again=True, doubtful=True)
    job = await town.end(job, State.FAILED, capture=0, reason="failed-provider")
    assert (await town.store.jobs.get(job.id)).cost_usd_micros == 2 * 30_000


# ── What may be ordered ──────────────────────────────────────────────────────────────────────────────

MINI_ONLY = {"models": ["gpt-image-1-mini"]}
ORDERS = [
    # rules, text, the reason of the refusal or "" when it passes
    (MINI_ONLY, MINI, ""),
    (MINI_ONLY, "a red fox", ""),  # the default is the first that is allowed
    (MINI_ONLY, FOX, "model-not-allowed"),
    ({"models": ["flux-2-pro"]}, FOX, ""),
    ({"styles": ["anime"]}, f"{FOX} --style anime", ""),
    ({"styles": ["ANIME"]}, f"{FOX} --style anime", ""),
    ({"styles": ["anime"]}, f"{FOX} --style ink", "style-not-allowed"),
    ({"styles": ["anime"]}, FOX, ""),
    ({"sizes": ["1024x1024"]}, f"{MINI} --size 1024x1024", ""),
    ({"sizes": ["1024x1024"]}, f"{MINI} --size 1536x1024", "size-not-allowed"),
    ({"sizes": ["1024x1024"]}, f"{MINI} --ar 16:9", "size-not-allowed"),
    ({"sizes": ["1024x1024"]}, FOX, ""),
    ({"images_max": 2}, f"{FOX} --n 2", ""),
    ({"images_max": 2}, f"{FOX} --n 3", "images-not-allowed"),
    ({"max_price": 30}, FOX, ""),
    ({"max_price": 30}, f"{FOX} --n 4", ""),  # a picture costs 30
    ({"max_price": 29}, FOX, "price-too-high"),
    ({"max_price": 29}, MINI, ""),
    ({"max_price": 0, "price_factors": {"gpt-image-1-mini": 0}}, MINI, ""),
]
STYLES = {"anime": {"template": "{prompt}, anime"}, "ink": {"template": "{prompt}, ink"}}


@pytest.mark.parametrize(("rules", "text", "reason"), ORDERS)
async def test_a_community_says_what_may_be_ordered(tmp_path, rules, text, reason):
    async with open_town(tmp_path, styles=STYLES) as town:
        await town.rules(**rules)
        if not reason:
            await town.ask(text=text)
            return
        with refused(reason):
            await town.ask(text=text)
        assert await town.left() == 500


async def test_ones_own_defaults_give_way_to_the_communitys_rules(tmp_path):
    """What nobody typed is left out rather than refused, and never a way around."""
    async with open_town(tmp_path, styles=STYLES) as town:
        mina = town.person()
        await town.app.studio.set_defaults(
            mina, {"style": "ink", "size": "1536x1024", "model": "gpt-image-1-mini"}
        )
        job = await town.ask(mina, "a red fox")
        assert "ink" in job.order.prompt
        assert job.order.parameters["size"] == "1536x1024"
        await town.rules(styles=["anime"], sizes=["1024x1024"], models=["gpt-image-1"])
        job = await town.ask(mina, "a red fox")
        assert "ink" not in job.order.prompt
        assert job.order.parameters.get("size") in (None, "1024x1024")
        assert job.order.model == "gpt-image-1"


FACTORS = [(1, 30), (2, 60), (0.5, 15), (0.01, 1), (1.1, 33), (1.01, 31), (0, 0), (100, 3000)]


@pytest.mark.parametrize(("factor", "price"), FACTORS)
async def test_a_price_factor_is_exact_and_rounded_up(town: Town, factor, price):
    await town.rules(price_factors={"flux-2-pro": factor}, allowance=5000)
    assert (await town.ask()).order.credits == price


@pytest.mark.parametrize(("listed", "factor", "price"), [(100, 1.1, 110), (100, 1.15, 115), (3, 1.1, 4)])
async def test_no_factor_costs_a_credit_more_by_a_fraction_nobody_typed(tmp_path, listed, factor, price):
    models = {"gpt-image-1-mini": {"credits": listed}}
    async with open_town(tmp_path, models=models) as town:
        await town.rules(price_factors={"gpt-image-1-mini": factor})
        assert (await town.ask(text=MINI)).order.credits == price


# ── Where, when, how many ────────────────────────────────────────────────────────────────────────────


async def test_easel_answers_in_its_channels_and_moderators_everywhere(town: Town):
    await town.rules(channels=["art"])
    await town.ask(channel="art")
    with refused("channel-closed"):
        await town.ask(channel="general")
    await town.ask(town.mod, channel="general")


async def test_a_cooldown_is_each_persons_own(town: Town):
    await town.rules(cooldown_s=30)
    await town.fail(await town.ask())
    town.clock.now_s += 10
    with refused("too-fast", TooFast, seconds=20):
        await town.ask()
    await town.ask(town.person("tom"))
    town.clock.now_s += 20
    await town.ask()


async def test_no_form_opens_for_who_can_order_nothing_now(town: Town):
    """Too soon, or without the credits for the cheapest model there; what is free opens it."""
    who, there = town.person(), Place(address=None, channel="art")

    async def opens() -> None:
        await town.app.studio.assert_may_ask(who, there)

    await town.rules(cooldown_s=30, allowance=FOX_CREDITS)
    await opens()
    await town.draw()
    with refused("too-fast", TooFast, seconds=30):
        await opens()
    town.clock.now_s += 30
    with refused("credits-missing", NotEnoughCredits, available=0) as caught:
        await opens()
    assert caught.value.facts["price"] < FOX_CREDITS, "the cheapest"
    with refused("credits-missing", NotEnoughCredits):
        await town.app.studio.assert_may_ask(who, there)
    await town.app.rulemaking.set_part(town.mod, "roles", "patron", {"exempt": True})
    await town.app.studio.assert_may_ask(town.person(roles={"patron"}), there)
    await town.app.desk.grant(town.mod, who, 5, memo="", key="k")
    await opens()


async def test_jobs_at_once_are_limited_for_a_person_and_for_a_community(town: Town):
    await town.rules(per_requester=2, per_community=3)
    first = await town.ask()
    await town.ask()
    with refused("too-many-mine", TooMany, limit=2):
        await town.ask()
    await town.ask(town.person("tom"))
    with refused("too-many-community", TooMany, limit=3):
        await town.ask(town.person("ann"))
    await town.fail(first)
    await town.ask(town.person("ann"))


# ── The operator's ceilings ──────────────────────────────────────────────────────────────────────────


async def test_no_community_allows_more_than_the_operators_ceiling(tmp_path):
    async with open_town(tmp_path, quotas={"daily_allowance": 500, "max_allowance": 200}) as town:
        assert await town.left() == 200  # also where nobody has set anything
        await town.rules(allowance=1000, roles={"patron": {"allowance": 5000}})
        assert await town.left() == 200
        assert await town.left(town.person("ann", roles=["patron"])) == 200


async def test_moderators_grants_stay_under_the_months_ceiling(tmp_path):
    async with open_town(tmp_path, quotas={"max_grants": 100}) as town:
        desk, mina = town.app.desk, town.person()
        await desk.grant(town.mod, mina, 60, memo="", key="a")
        await desk.grant(town.mod, mina, 60, memo="", key="a")  # the same press
        with refused("grant-ceiling"):
            await desk.grant(town.mod, town.person("tom"), 41, memo="", key="b")
        await desk.grant(town.mod, town.person("tom"), 40, memo="", key="c")
        operator = town.person("root", surface="cli", community="local", moderator=True)
        await desk.grant(operator, mina, 1000, memo="", key="d")
        town.clock.to("2026-12-01 00:00")
        await desk.grant(town.mod, mina, 100, memo="", key="e")


async def test_no_rule_of_a_community_renews_the_operators_ceiling_on_it(tmp_path):
    async with open_town(tmp_path, quotas={"max_budget": 100, "daily_allowance": 1000}) as town:
        assert (await town.app.rulemaking.settings(town.mod))[0].budget == 100
        await town.rules(budget=5000, budget_period="day")
        town.clock.to("2027-01-01 12:00")
        for _ in range(3):
            await town.draw()
        town.clock.to("2027-01-02 12:00")
        with refused("budget-ceiling", renews=at("2027-02-01 00:00")):
            await town.ask()
        town.clock.to("2027-02-01 00:00")
        await town.draw()


async def test_what_a_community_makes_free_is_not_free_for_the_operator(tmp_path):
    async with open_town(tmp_path, quotas={"max_budget": 100}) as town:
        await town.rules(owners_exempt=True, price_factors={"gpt-image-1-mini": 0})
        for _ in range(3):
            await town.draw(town.mod)
        with refused("budget-ceiling"):
            await town.ask(town.mod)
        await town.draw(text=MINI)
        with refused("budget-ceiling"):
            await town.ask(text=MINI)


async def test_what_was_not_drawn_is_given_back_to_the_ceiling(tmp_path):
    async with open_town(tmp_path, quotas={"max_budget": 120}) as town:
        await town.rules(owners_exempt=True)
        await town.fail(await town.ask(town.mod, f"{FOX} --n 4"))
        await town.draw(town.mod, f"{FOX} --n 4", made=1)
        await town.draw(town.mod, f"{FOX} --n 3")
        with refused("budget-ceiling"):
            await town.ask(town.mod)


@pytest.mark.parametrize(
    ("communities", "community", "left"),
    [("any", "club", 500), (("club",), "club", 500), (("club",), "elsewhere", 0), ((), "club", 0)],
)
async def test_the_operator_lists_who_gets_an_allowance(tmp_path, communities, community, left):
    async with open_town(tmp_path, community=community, quotas={"communities": communities}) as town:
        assert await town.left() == left


async def test_nobody_mints_the_operators_money_where_he_gives_none(tmp_path):
    async with open_town(tmp_path, quotas={"communities": ["another"]}) as town:
        await town.rules(
            allowance=10_000,
            owners_exempt=True,
            roles={"r": {"allowance": 1000, "exempt": True, "free_models": ["flux-2-pro"]}},
            price_factors={"flux-2-pro": 0},
        )
        for who in (town.mod, town.person(roles=["r"])):
            with refused("credits-missing", NotEnoughCredits):
                await town.ask(who)
        with refused("grant-ceiling"):
            await town.app.desk.grant(town.mod, town.mod, 1, memo="", key="k")
        operator = town.person("root", surface="cli", community="local", moderator=True)
        await town.app.desk.grant(operator, town.person(), 30, memo="", key="k")
        await town.draw()


async def test_direct_messages_are_one_community_that_nobody_runs(tmp_path):
    async with open_town(tmp_path, community="personal") as town:
        with refused("not-moderator"):
            await town.app.desk.require(town.mod, Power.RUN)
        job = await town.draw()
        with refused("not-yours"):
            await town.app.studio.delete(job.id, town.mod)


async def test_the_stop_in_money_holds_over_all_communities_and_cannot_be_overrun(tmp_path):
    """30 credits cost 0.03 dollars: 0.10 is enough for three, however many ask at once."""
    clock, url = Clock(at("2026-11-21 12:00")), new_sqlite(tmp_path)
    quotas = {"monthly_usd": 0.10}
    async with open_house(url, clock, quotas=quotas) as one, open_house(url, clock, quotas=quotas) as two:
        towns = [Town(app, clock, community=f"c{n}") for n, app in enumerate([one, two] * 10)]
        asked = await asyncio.gather(
            *(t.ask(key=f"r{n}") for n, t in enumerate(towns)), return_exceptions=True
        )
        jobs = [job for job in asked if isinstance(job, Job)]
        refusals = [refusal for refusal in asked if isinstance(refusal, Refusal)]
        assert (len(jobs), len(refusals)) == (3, len(asked) - 3)
        assert {refusal.reason for refusal in refusals} == {"money-stop"}
        await towns[0].fail(jobs[0])  # costs nothing
        await towns[0].finish(jobs[1])
        await towns[0].ask(key="later")
        with refused("money-stop", renews=at("2026-12-01 00:00")):
            await towns[1].ask(key="too-late")
        clock.to("2026-12-01 00:00")
        await towns[1].ask(key="next-month")


# ── Moderators ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_block_has_a_reason_and_an_end(town: Town):
    desk, tom = town.app.desk, town.person("tom")
    until = await desk.block(town.mod, tom, reason="spamming", seconds=7200, key="press-1")
    town.clock.now_s += 60
    await desk.block(town.mod, tom, reason="spamming", seconds=7200, key="press-1")
    with refused("blocked", why="spamming", until=until):
        await town.ask(tom)
    assert [(b.user, b.reason, b.until) for b in await desk.blocked(town.mod)] == [("tom", "spamming", until)]
    town.clock.now_s = until
    assert await desk.blocked(town.mod) == []
    await town.ask(tom)
    assert len(await town.audited("block")) == 1


async def test_unblocking_helps_at_once(town: Town):
    desk, tom = town.app.desk, town.person("tom")
    await desk.block(town.mod, tom, reason="")
    with refused("blocked"):
        await town.ask(tom)
    assert await desk.unblock(town.mod, tom)
    assert not await desk.unblock(town.mod, tom)
    await town.ask(tom)


async def test_what_the_operator_blocks_no_moderator_unblocks(town):
    """A stranger moderates her own server, and would let herself in again."""
    desk, tom = town.app.desk, town.person("tom")
    root = town.person("root", surface="cli", community="local", moderator=True)
    await desk.block(root, tom, reason="spam", seconds=3600)
    for act in (desk.unblock(town.mod, tom), desk.block(town.mod, tom, reason="", seconds=60)):
        with refused("blocked-by-operator"):
            await act
    with refused("blocked"):
        await town.ask(tom)
    assert [(one.reason, one.actor) for one in await desk.blocked(town.mod)] == [("spam", "root")]
    town.clock.now_s += 3601
    await town.ask(tom)
    await desk.block(town.mod, tom, reason="again")
    assert await desk.unblock(root, tom)
    await town.app.desk.block(root, tom, reason="for good")
    assert await desk.unblock(root, tom)


async def test_a_block_that_is_over_leaves_with_its_reason(town):
    await town.app.desk.block(town.mod, town.person("tom"), reason="spam", seconds=60)
    await town.app.desk.block(town.mod, town.person("eve"), reason="more spam")
    town.clock.now_s += 61
    await town.app.chores.prune()
    assert [row["reason"] for row in await town.rows("SELECT reason FROM blocks")] == ["more spam"]


async def test_a_grant_happens_once_for_its_key_and_each_person(town: Town):
    desk = town.app.desk
    await asyncio.gather(*(desk.grant(town.mod, town.person(), 100, memo="m", key="k") for _ in range(20)))
    await desk.grant(town.mod, town.person("tom"), 100, memo="m", key="k")
    assert await town.left() == 600
    assert await town.left(town.person("tom")) == 600
    assert [(e.actor, e.memo) for e in await town.audited("grant")] == [("mod", "100 m")] * 2


async def test_taking_back_takes_at_most_what_is_there_and_once(town: Town):
    desk, mina = town.app.desk, town.person()
    await desk.grant(town.mod, mina, 100, memo="", key="g")
    await town.rules(allowance=0)
    await town.ask()  # holds 30
    taken = await desk.take(town.mod, mina, 1000, memo="mistake", key="t")
    assert (taken.amount, taken.available) == (70, 0)
    await desk.grant(town.mod, mina, 50, memo="", key="g2")
    assert (await desk.take(town.mod, mina, 1000, memo="mistake", key="t")).amount == 70
    assert await town.left() == 50


async def test_a_refund_gives_back_once_into_credits_that_stay(town: Town):
    job = await town.draw()
    given = await asyncio.gather(*(town.app.desk.refund(town.mod, job.id, memo="blurry") for _ in range(9)))
    assert sorted(given) == [0] * 8 + [30]
    assert (await town.app.studio.credits(town.person())).balance.granted == 30
    failed = await town.fail(await town.ask())
    assert await town.app.desk.refund(town.mod, failed.id, memo="") == 0


@pytest.mark.parametrize("amount", [0, -5, 10**9 + 1])
async def test_an_amount_is_a_whole_number_above_zero(town: Town, amount):
    for act in (town.app.desk.grant, town.app.desk.take):
        with refused("amount-bad"):
            await act(town.mod, town.person(), amount, memo="", key="k")


async def test_moderators_reach_only_their_own_community(town: Town):
    desk, stranger = town.app.desk, town.person("eve", community="elsewhere")
    for act in (
        desk.grant(town.mod, stranger, 5, memo="", key="k"),
        desk.take(town.mod, stranger, 5, memo="", key="k"),
        desk.block(town.mod, stranger, reason=""),
        desk.unblock(town.mod, stranger),
    ):
        with refused("user-unknown", NotThere):
            await act
    job = await Town(town.app, town.clock, community="elsewhere").draw()
    with refused("not-there", NotThere):
        await desk.refund(town.mod, job.id, memo="")
    operator = town.person("root", surface="cli", community="local", moderator=True)
    assert await desk.refund(operator, job.id, memo="") == FOX_CREDITS


async def test_only_moderators_stand_at_the_desk(town: Town):
    with refused("not-moderator"):
        await say(town, "settings", who=town.person())


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────────

BAD_VALUES = [
    ("allowance", "-5", "setting-range"),
    ("allowance", "many", "setting-number"),
    ("allowance", "1.5", "setting-number"),
    ("images_max", "9", "setting-range"),
    ("period", "fortnight", "setting-choice"),
    ("level", "wild", "setting-choice"),
    ("time_zone", "Middle/Earth", "setting-zone"),
    ("owners_exempt", "perhaps", "setting-choice"),
    ("price_factors", "flux-2-pro=-1", "setting-range"),
    ("price_factors", "flux-2-pro=cheap", "setting-number"),
    ("price_factors", "flux-2-pro", "setting-pairs"),
    ("roles", '{"x": {"allowance": "much"}}', "setting-number"),
    ("roles", '{"x": {"rank": 1}}', "setting-part"),
    ("roles", "{broken", "setting-json"),
    ("roles", "patron=5", "setting-json"),
    ("price_factors", '{"flux-2-pro": [1]}', "setting-number"),
    ("roles", '{"x": {"exempt": "perhaps"}}', "setting-choice"),
    ("alowance", "5", "setting-unknown"),
    ("schedule_before", "x", "setting-unknown"),
    ("budget_before", "x", "setting-unknown"),
]


@pytest.mark.parametrize(("name", "text", "reason"), BAD_VALUES)
async def test_a_bad_setting_is_refused_by_a_sentence_and_changes_nothing(town: Town, name, text, reason):
    with refused(reason, BadPrompt):
        await town.app.rulemaking.set_text(town.mod, name, text)
    assert (await town.app.rulemaking.settings(town.mod))[1] == {}


@pytest.mark.parametrize("name", ["models", "default_model", "price_factors", "roles"])
async def test_a_model_that_is_not_there_is_named_with_the_nearest(town: Town, name):
    values = {
        "models": ["flux-3"],
        "default_model": "flux-3",
        "price_factors": {"flux-3": 2},
        "roles": {"x": {"free_models": ["flux-3"]}},
    }
    with refused("model-unknown", UnknownModel):
        await town.rules(**{name: values[name]})


GOOD_VALUES = [
    ("allowance", "1,000", 1000, "1000"),
    ("period", "weekly", "week", "week"),
    ("Owners-Exempt", "yes", True, "yes"),
    ("owners exempt", "아니요", False, "no"),
    ("models", "flux-2-pro, gpt-image-1-mini", ("black-forest-labs/flux-2-pro", "gpt-image-1-mini"), None),
    ("price_factors", "flux-2-pro=1.5", {"black-forest-labs/flux-2-pro": 1.5}, None),
    ("budget", "5000", 5000, "5000"),
    ("cooldown_s", "2.5", 2.5, "2.5"),
    ("channels", "art, lab", ("art", "lab"), "art, lab"),
    ("time_zone", "Asia/Seoul", "Asia/Seoul", "Asia/Seoul"),
]


@pytest.mark.parametrize(("name", "text", "value", "shown"), GOOD_VALUES)
async def test_a_setting_is_read_as_people_type_it(town: Town, name, text, value, shown):
    setting, told = await town.app.rulemaking.set_text(town.mod, name, text)
    rules, own = await town.app.rulemaking.settings(town.mod)
    assert getattr(rules, setting) == value
    assert setting in own
    assert shown in (None, told)
    await town.app.rulemaking.set_text(town.mod, name, "default")
    assert setting not in (await town.app.rulemaking.settings(town.mod))[1]


async def test_settings_keep_their_history_with_who_and_when(town: Town):
    await town.rules(allowance=100)
    await town.rules(allowance=100)  # nothing new
    town.clock.now_s += 60
    await town.rules(budget=5)
    history = await town.app.rulemaking.history(town.mod)
    assert [(h["version"], h["actor"], h["settings"]) for h in history] == [
        (2, "mod", {"allowance": 100, "budget": 5}),
        (1, "mod", {"allowance": 100}),
    ]
    assert history[0]["changed_at"] - history[1]["changed_at"] == 60
    assert len(await town.audited("settings")) == 2


async def test_a_change_applies_at_once_on_every_replica(tmp_path):
    clock, url = Clock(at("2026-11-21 12:00")), new_sqlite(tmp_path)
    async with open_house(url, clock) as one, open_house(url, clock) as two:
        here, there = Town(one, clock), Town(two, clock)
        await there.ask(key="a")
        await here.rules(max_price=10)
        with refused("price-too-high"):
            await there.ask(key="b")


async def test_one_unreadable_setting_does_not_undo_the_others(town: Town):
    await town.rules(channels=["art"], allowance=7)
    broken = json.dumps({"allowance": 7, "channels": ["art"], "period": "aeon", "gone": 1})
    await town.rows("UPDATE settings SET settings_json = :broken", broken=broken)
    rules, _ = await town.app.rulemaking.settings(town.mod)
    assert (rules.allowance, rules.channels, rules.period) == (7, ("art",), "day")


async def test_no_single_refusal_pauses_anybody_and_a_rule_that_once_said_so_waits_for_two(town: Town):
    with pytest.raises(BadPrompt) as caught:
        await town.app.rulemaking.set_text(town.mod, "strikes", "1")
    assert caught.value.reason == "setting-strikes"
    for language, said in (("en", "one refusal may be a misreading"), ("ko", "잘못 읽은 것일 수 있어")):
        assert said in Words(language).refusal(caught.value)
    with pytest.raises(ValidationError, match="one refusal pauses nobody"):
        ModerationSection(strikes=1)
    await town.rules(allowance=7)
    await town.rows(
        "UPDATE settings SET settings_json = :old", old=json.dumps({"allowance": 7, "strikes": 1})
    )
    rules, _ = await town.app.rulemaking.settings(town.mod)
    assert (rules.allowance, rules.strikes) == (7, 2)


# ── Told in words ────────────────────────────────────────────────────────────────────────────────────


async def words_of(town: Town, language: str = "en") -> list[str]:
    purse = await town.app.studio.credits(town.person(), movements=10)
    return reports.credits_lines(purse, Words(language, clock=town.clock))


async def test_credits_tell_what_is_left_what_is_held_and_when_it_renews(town: Town):
    await town.rules(allowance=100)
    await town.app.desk.grant(town.mod, town.person(), 50, memo="for the poster", key="k")
    town.clock.now_s += 60
    await town.ask()
    assert await words_of(town) == [
        "You have 120 credits.",
        "30 more are held for pictures under way.",
        "Your allowance of 100 renews in 12 h.",
        "50 of them were granted and don't lapse.",
        "",
        "Lately:",
        "(30 held) a red fox",
        "+100 allowance",
        "+50 granted: for the poster",
    ]


MOVED = [
    # what happened, the lines that tell it (newest first)
    ("failed-provider", ["+30 given back: the provider failed", "−30 a red fox"]),
    ("failed-deadline", ["+30 given back: it took too long", "−30 a red fox"]),
    ("failed-anything-new", ["+30 given back: the picture failed", "−30 a red fox"]),
]


@pytest.mark.parametrize(("reason", "lines"), MOVED)
async def test_a_failure_is_told_in_words(town: Town, reason, lines):
    job = await town.ask()
    town.clock.now_s += 5
    await town.fail(job, reason)
    assert (await words_of(town))[-3:-1] == lines


async def test_an_order_over_two_accounts_is_one_movement(town: Town):
    """Also where only some pictures came out: 90 held, 30 captured."""
    await town.rules(allowance=40)
    await town.app.desk.grant(town.mod, town.person(), 100, memo="", key="k")
    town.clock.now_s += 5
    job = await town.ask(text=f"{FOX} --n 3")
    town.clock.now_s += 5
    await town.finish(job, made=1)
    assert (await words_of(town))[-4:-2] == ["+60 given back: not all pictures came out", "−90 a red fox"]


async def test_the_last_ten_movements_are_ten_and_whole(town: Town):
    await town.rules(allowance=40)
    await town.app.desk.grant(town.mod, town.person(), 10_000, memo="", key="k")
    for n in range(12):
        town.clock.now_s += 5
        await town.draw(text=f"fox number {n} --model flux-2-pro")
    lines = await words_of(town)
    assert lines[-10:] == [f"−30 fox number {n}" for n in range(11, 1, -1)]


async def test_refunds_and_takings_are_told(town: Town):
    job = await town.draw()
    town.clock.now_s += 5
    await town.app.desk.refund(town.mod, job.id, memo="blurry")
    town.clock.now_s += 5
    await town.app.desk.take(town.mod, town.person(), 10, memo="oops", key="t")
    town.clock.now_s += 5
    await town.app.desk.take(town.mod, town.person("mina"), 999, memo="", key="t2")
    town.clock.now_s += 5
    await town.app.desk.take(town.mod, town.person("mina"), 999, memo="", key="t3")  # nothing is left
    assert (await words_of(town))[-5:-1] == [
        "−20 taken back",
        "−10 taken back: oops",
        "+30 refunded: blurry",
        "−30 a red fox",
    ]


async def test_out_of_credits_says_how_much_is_missing_when_it_renews_and_what_would_fit(town: Town):
    await town.rules(allowance=20)
    with pytest.raises(NotEnoughCredits) as caught:
        await town.ask()
    sentence = Words("en", clock=town.clock).refusal(caught.value)
    assert sentence == (
        "This costs 30 credits and you have 20: 10 are missing. Your credits renew in 12 h."
        " grok-imagine-image would still fit."
    )
    await town.rules(models=["flux-2-pro"])
    with pytest.raises(NotEnoughCredits) as caught:
        await town.ask()
    assert "would still fit" not in Words("en", clock=town.clock).refusal(caught.value)


# ── The desk by text ─────────────────────────────────────────────────────────────────────────────────


async def say(town: Town, text: str, *, who=None, key: str = "press", language: str = "en") -> list[str]:
    people = {"@mina": town.person(), "@tom": town.person("tom")}
    who = who or town.person("mod", moderator=True, language=language)
    admin = AdminText(town.app.desk, town.app.rulemaking, Words("en", clock=town.clock))
    lines, _ = await admin.answer(who, text, person_of=people.get, key=key)
    return lines


TALK = [
    ("grant @mina 1,000 for the poster", "1,000 credits granted to Mina; now 1,500."),
    ("take @mina 50", "Only 0 of 50 could be taken from Mina; now 500."),
    ("allowance 300 weekly", "The allowance is now 300 credits a week."),
    ("allowance default", "The allowance is now 500 credits a day."),
    ("budget 2000 monthly", "The budget is now 2,000 credits a month."),
    ("budget none", "This community has no budget limit now."),
    ("budget 지우기", "This community has no budget limit now."),
    ("budget clear", "This community has no budget limit now."),
    ("budget", "This community has no budget limit now."),
    ("models flux-2-pro", "Allowed models: black-forest-labs/flux-2-pro."),
    ("models all", "Allowed models: all."),
    ("models", "Allowed models: all."),
    ("channels art lab", "I answer in: art, lab."),
    ("block @tom 2d spamming", "Tom can't make pictures here now, for 2 days."),
    ("block @tom", "Tom can't make pictures here now."),
    ("unblock @tom", "Tom wasn't blocked."),
    ("blocked", "Blocked: nobody."),
    ("set cooldown_s 30", "Saved: cooldown_s is now 30.0."),
    ("history", "Nothing has been changed here yet."),
    ("books @mina", "Books of Mina"),
    ("usage 30", "Usage in the last 30 days"),
    ("usage 30d", "Usage in the last 30 days"),
    ("audit", "The last events"),
    ("settings", "Settings of this community"),
    ("dance", "settings, grant, take, refund, books, allowance, budget, models, channels"),
]


@pytest.mark.parametrize(("text", "answer"), TALK)
async def test_what_moderators_type_is_answered(town: Town, text, answer):
    assert (await say(town, text))[0].startswith(answer)
    korean = (await say(town, text, language="ko", key="again"))[0]
    assert korean != answer or text == "dance"


@pytest.mark.parametrize(
    "text",
    ["grant", "grant @mina", "grant @mina -5", "refund", "allowance", "usage ever", "usage 0", "block"],
)
async def test_what_moderators_get_wrong_is_answered_by_an_example(town: Town, text):
    with pytest.raises(BadPrompt) as caught:
        await say(town, text)
    assert caught.value.reason == "admin-usage"
    assert Words().refusal(caught.value).startswith("Try: ")


async def test_a_refund_by_text_says_what_happened(town: Town):
    job, failed = await town.draw(), await town.fail(await town.ask())
    assert await say(town, f"refund {job.id} blurry") == ["30 credits refunded to Mina."]
    assert await say(town, f"refund {job.id}") == ["That picture was refunded before."]
    assert await say(town, f"refund {failed.id}") == ["Nothing was charged for that picture."]


# ── Reports ──────────────────────────────────────────────────────────────────────────────────────────


async def test_usage_tells_credits_and_money_by_day_and_model(town: Town):
    await town.rules(allowance=1000, budget=1000)
    await town.draw(text=f"{FOX} --n 2")
    await town.draw(town.person("tom"), MINI)
    await town.fail(await town.ask())
    town.clock.to("2026-11-22 12:00")
    deleted = await town.draw()
    await town.app.studio.delete(deleted.id, town.person())
    await town.end(await town.ask(), State.REFUSED, capture=0, reason="refused-provider")
    report = await town.app.desk.usage(town.mod, days=2)
    told = [
        (
            reports.day_name(x.day),
            x.model.split("/")[-1],
            x.jobs,
            x.pictures,
            x.credits,
            x.usd_micros,
            x.refused,
            x.failed,
        )
        for x in report.lines
    ]
    assert told == [
        ("2026-11-22", "flux-2-pro", 2, 1, 30, 30_000, 1, 0),
        ("2026-11-21", "flux-2-pro", 2, 2, 60, 60_000, 0, 1),
        ("2026-11-21", "gpt-image-1-mini", 1, 1, 8, 8_000, 0, 0),
    ]
    assert [(t.user, t.credits, t.jobs) for t in report.top] == [("mina", 90, 4), ("tom", 8, 1)]
    assert there(report.budget).spent == 98
    lines = await say(town, "usage 2")
    assert "Together 4 pictures, 98 credits, $0.10; 1 refused, 1 failed." in lines
    assert lines[-1] == "9 % of this community's budget is spent (98 of 1,000)."


async def test_usage_counts_what_the_lexicon_refused(town: Town):
    with pytest.raises(Refusal):
        await town.ask(text="a naked schoolgirl")
    report = await town.app.desk.usage(town.mod, days=1)
    assert (report.refused_prompts, report.lines) == (1, ())


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        ("2026-03-29", "2026-03-28 23:30", "2026-03-30 00:10"),
        ("2026-10-25", "2026-10-24 23:30", "2026-10-26 00:10"),
    ],
)
async def test_usage_counts_days_of_23_and_25_hours_as_days(tmp_path, day, before, after):
    berlin = "Europe/Berlin"
    async with open_town(tmp_path, quotas={"time_zone": berlin, "daily_allowance": 5000}) as town:
        for moment in (before, f"{day} 00:30", f"{day} 01:59", f"{day} 23:30", after):
            town.clock.to(moment, berlin)
            await town.draw(text=MINI)
        report = await town.app.desk.usage(town.mod, days=3)
        days = {reports.day_name(line.day): line.jobs for line in report.lines}
        middle = date.fromisoformat(day)
        assert days == {str(middle - timedelta(1)): 1, day: 3, str(middle + timedelta(1)): 1}
        assert sum(x.jobs for x in (await town.app.desk.usage(town.mod, days=2)).lines) == 4
        assert sum(x.jobs for x in (await town.app.desk.usage(town.mod, days=1)).lines) == 1


def test_the_command_line_tells_usage_as_json_and_csv(tmp_path):
    url = new_sqlite(tmp_path)

    async def month() -> None:
        async with open_house(url, Clock(time.time())) as app:
            town = Town(app, Clock(app.store.now()))
            await town.draw()
            await town.fail(await town.ask())
            await town.app.desk.grant(town.mod, town.person(), 50, memo="thanks", key="k")

    asyncio.run(month())
    file = tmp_path / "easel.toml"
    file.write_text(f'[store]\nurl = "{url}"\n[assets]\nurl = "{tmp_path}/assets"\n')

    def run(*words: str) -> str:
        result = CliRunner().invoke(calling.load(words[0]), [*words[1:], "--config", str(file)])
        assert result.exit_code == 0, result.output
        return result.stdout

    told = json.loads(run("usage", "--json"))
    assert [(x["model"], x["credits"], x["usd_micros"], x["failed"]) for x in told["lines"]] == [
        ("black-forest-labs/flux-2-pro", 30, 30_000, 1)
    ]
    assert told["top"][0]["user"] == "mina"
    rows = run("usage", "--csv").splitlines()
    assert rows[0] == "day,model,jobs,pictures,credits,usd_micros,refused,failed"
    assert rows[1].split(",")[1:] == ["black-forest-labs/flux-2-pro", "2", "1", "30", "30000", "0", "1"]
    jobs = json.loads(run("jobs", "list", "--json"))
    assert sorted((j["state"], j["captured"], j["cost_usd_micros"]) for j in jobs) == [
        ("failed", 0, 0),
        ("finished", 30, 30_000),
    ]
    finished = next(j["id"] for j in jobs if j["state"] == "finished")
    assert json.loads(run("credits", "refund", finished, "--json"))["refunded"] == 30
    assert json.loads(run("credits", "refund", finished, "--json"))["refunded"] == 0
    where = ("--surface", "discord", "--community", "club", "--user", "mina")
    assert json.loads(run("credits", "show", *where, "--json"))["granted"] == 80


# ── Forgetting ───────────────────────────────────────────────────────────────────────────────────────


async def test_forgetting_erases_prompts_and_pictures_and_keeps_the_books(town: Town):
    await town.draw(text="my secret fox --model flux-2-pro")
    under_way = await town.go(await town.ask(text="another secret --model flux-2-pro"), State.CLEARED)
    with pytest.raises(Refusal):
        await town.ask(text="a naked schoolgirl in secret")
    before = await town.left()
    assert await town.app.studio.forget(town.person()) == 2
    kept = [
        str(row) for table in ("jobs", "assets", "audit") for row in await town.rows(f"SELECT * FROM {table}")
    ]
    assert not any("secret" in row for row in kept)
    assert (await town.store.jobs.get(under_way.id)).state is State.CANCELLED
    assert await town.left() == before + FOX_CREDITS
    assert (await words_of(town))[-4:-1] == ["+30 given back: cancelled", "−30 a picture", "−30 a picture"]
    assert sum(x.credits for x in (await town.app.desk.usage(town.mod)).lines) == 30


async def test_a_left_communitys_people_are_erased_after_the_grace_time(town: Town):
    await town.draw(text="a secret fox --model flux-2-pro")
    tom = town.person("tom")
    with pytest.raises(Refusal):
        await town.ask(tom, "a naked schoolgirl in secret")
    await town.app.studio.set_defaults(tom, {"model": "gpt-image-1-mini"})
    await town.app.desk.block(town.mod, tom, reason="a secret")
    neighbour = Town(town.app, town.clock, community="club2")
    await neighbour.app.studio.set_defaults(neighbour.person("tom"), {"model": "gpt-image-1-mini"})
    await town.app.residence.left("discord", "club")

    async def secrets() -> int:
        tables = ("jobs", "audit", "blocks", "settings", "settings_history")
        rows = [str(row) for table in tables for row in await town.rows(f"SELECT * FROM {table}")]
        return sum("secret" in row.replace("secret fox --model", "secret") for row in rows)

    town.clock.now_s += 29 * 86_400
    await town.app.chores.forget_the_left()
    assert await secrets() >= 3
    town.clock.now_s += 2 * 86_400
    await town.app.chores.forget_the_left()
    left = [str(row) for table in ("jobs", "blocks") for row in await town.rows(f"SELECT * FROM {table}")]
    assert not any("secret" in row for row in left)
    assert await town.rows("SELECT prompt FROM audit WHERE prompt IS NOT NULL") == []
    assert await town.app.studio.defaults(tom) == {}
    assert await neighbour.app.studio.defaults(neighbour.person("tom")) == {"model": "gpt-image-1-mini"}
    assert (await town.rows("SELECT SUM(amount) AS n FROM transfers WHERE kind = 'capture'"))[0]["n"] == 30


async def test_a_community_that_comes_back_in_time_keeps_everything(town: Town):
    await town.draw()
    await town.app.residence.left("discord", "club")
    town.clock.now_s += 10 * 86_400
    await town.app.residence.joined("discord", "club")
    town.clock.now_s += 60 * 86_400
    await town.app.chores.forget_the_left()
    assert len(await town.app.studio.history(town.person())) == 1


# ── Two hundred at once ──────────────────────────────────────────────────────────────────────────────


async def _two_hundred(town: Town) -> None:
    await town.rules(allowance=3 * FOX_CREDITS + 5, per_requester=1000, per_community=1000)
    asked = await asyncio.gather(*(town.ask() for _ in range(200)), return_exceptions=True)
    made = [job for job in asked if not isinstance(job, BaseException)]
    assert len(made) == 3
    assert {type(one) for one in asked} - {type(made[0])} == {NotEnoughCredits}
    for job in made:
        assert (await town.finish(job)).captured_credits == FOX_CREDITS
    assert await town.left() == 5


async def test_two_hundred_requests_with_credits_for_three_make_three_pictures(town: Town):
    await _two_hundred(town)


async def test_two_hundred_requests_make_three_pictures_on_postgresql(tmp_path, postgres):
    async with open_town(tmp_path, url=postgres) as town:
        await _two_hundred(town)


async def test_two_hundred_repeats_of_one_request_make_one_picture(town: Town):
    jobs = await asyncio.gather(*(town.ask(key="same") for _ in range(200)))
    assert len({job.id for job in jobs}) == 1
    assert await town.left() == 470


async def test_a_request_that_is_sent_again_finds_its_job_whatever_has_changed_since(town):
    """Its answer was lost; the limit is reached by it, the word is blocked since, and it is no second strike."""
    await town.rules(per_requester=1)
    job = await town.ask(text="a pineapple --model flux-2-pro", key="once")
    assert (await town.ask(text="a pineapple --model flux-2-pro", key="once")).id == job.id
    await town.rules(blocked_words=("pineapple",), channels=("elsewhere",))
    assert (await town.ask(text="a pineapple --model flux-2-pro", key="once")).id == job.id
    await town.rules(channels=None)
    assert (await town.ask(text="a pineapple --model flux-2-pro", key="once")).id == job.id
    assert await town.audited("verdict") == []
    with pytest.raises(Refusal):
        await town.ask(text="a pineapple --model flux-2-pro", key="another")
    assert len(await town.audited("verdict")) == 1


# ── What moderators may not see ──────────────────────────────────────────────────────────────────────


async def test_what_a_private_picture_was_of_is_its_owners_alone(town: Town):
    await town.draw(text="a secret fox --private --model flux-2-pro")
    await town.draw(text="an open fox --model flux-2-pro")
    for language in ("en", "ko"):
        mod = town.person("mod", moderator=True, language=language)
        admin = AdminText(town.app.desk, town.app.rulemaking, town.app.words)
        lines, _ = await admin.answer(mod, "books @mina", person_of=lambda _: town.person(), key="k")
        told = "\n".join(lines)
        assert "an open fox" in told
        assert "secret" not in told
    assert "−30 a secret fox" in await words_of(town)

"""Nobody spends the operator's money without a bound: what a community that he has not named may do, whatever it sets.

The attacks go through the desk and the studio as a platform's moderator would; the bill is what the provider
was asked to draw, at list price.
"""

import contextlib
import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.community import spending
from bot.configuration.settings import Quotas
from bot.errors import BadPrompt, NotAllowed, Refusal
from bot.job import State
from tests.fakes.house import FOX, FOX_CREDITS, Town, open_town

BUDGET, TOGETHER, GRANTS = 2_000, 10_000, 1_000  # smaller than what is built in, and soon spent
DEAREST = "a fox --model gpt-image-1 --n 4"
NOTHING_NAMED = {"quotas": {}, "communities": {}, "limits": {"per_requester": 1000, "per_community": 1000}}


@contextlib.asynccontextmanager
async def strange(tmp_path, **sections):
    """A server that somebody has added the bot to; the operator has set nothing."""
    sections = NOTHING_NAMED | sections
    sections["quotas"] = {
        "communities": "any",
        "unnamed_budget": BUDGET,
        "unnamed_grants": GRANTS,
        **sections["quotas"],
    }
    async with open_town(tmp_path, **sections) as town:
        yield town


async def bill(town: Town) -> int:
    """What all drawn pictures cost the operator, by list price."""
    prices = {model.id: model.price().credits for model in town.app.catalog.models}
    rows = await town.rows("SELECT model, pictures FROM jobs")
    return sum(prices[row["model"]] * row["pictures"] for row in rows)


async def spend(town: Town, who=None, text: str = f"{FOX} --n 4", times: int = 30) -> None:
    for _ in range(times):
        with contextlib.suppress(Refusal):
            await town.draw(who or town.mod, text)


async def test_the_attack_that_was_seen_stays_under_the_days_ceiling(tmp_path):
    """An allowance of a billion, moderators exempt, 30 orders of four of a dear model, 900 million for herself."""
    async with strange(tmp_path) as town:
        desk, rulemaking, mod = town.app.desk, town.app.rulemaking, town.mod
        await rulemaking.change(mod, {"allowance": 1_000_000_000})
        await rulemaking.set_text(mod, "owners_exempt", "yes")
        with pytest.raises(NotAllowed) as caught:
            await desk.grant(mod, mod, 900_000_000, memo="", key="k")
        assert caught.value.reason == "grant-ceiling"
        await spend(town)
        await spend(town, text=DEAREST)
        assert 0 < await bill(town) <= BUDGET
        with pytest.raises(NotAllowed) as caught:
            await town.ask(mod, f"{FOX} --n 4")
        assert caught.value.reason == "unnamed-spent"
        assert "name the community" in town.app.words.refusal(caught.value)


WAYS: dict[str, dict[str, Any]] = {
    "everyone's allowance": {"allowance": 10**9},
    "a role's allowance": {"roles": {"r": {"allowance": 10**12}}},
    "an exempt role": {"roles": {"r": {"exempt": True}}},
    "free models": {"roles": {"r": {"free_models": ["flux-2-pro"]}}},
    "a price of nothing": {"price_factors": {"flux-2-pro": 0}},
    "a price of next to nothing": {"price_factors": {"flux-2-pro": 0.0001}},
    "moderators exempt": {"owners_exempt": True},
    "no budget of its own": {"budget": 10**12, "budget_period": "day"},
    "all at once": {
        "allowance": 10**9, "owners_exempt": True, "price_factors": {"flux-2-pro": 0},
        "roles": {"r": {"allowance": 10**12, "exempt": True}}, "budget": 10**12,
    },
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
async def test_no_rule_of_a_stranger_lifts_the_days_ceiling(tmp_path, way):
    async with strange(tmp_path) as town:
        await town.rules(**WAYS[way])
        for name in "abcde":
            await spend(town, town.person(name, roles=["r"], moderator=True), times=8)
        assert BUDGET - 4 * FOX_CREDITS < await bill(town) <= BUDGET


@pytest.mark.parametrize("surface", ["discord", "slack", "robot"])
async def test_a_server_called_like_the_operators_own_is_a_strangers(tmp_path, surface):
    async with strange(tmp_path) as town:
        who = town.person("eve", surface=surface, community="local", moderator=True)
        rules = await town.app.rulemaking.change(who, {"owners_exempt": True, "allowance": 10**9})
        assert rules.allowance <= 10**9 // 1000
        with pytest.raises(NotAllowed):
            await town.app.desk.grant(who, who, 900_000_000, memo="", key="k")
        await spend(town, who)
        assert 0 < await bill(town) <= BUDGET


async def test_switching_periods_and_zones_makes_no_new_day(tmp_path):
    async with strange(tmp_path) as town:
        for zone, period in itertools.product(
            ("Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"), ("day", "week")
        ):
            await town.rules(time_zone=zone, period=period, allowance=10**9, owners_exempt=True)
            await spend(town, times=10)
        assert await bill(town) <= BUDGET
        town.clock.to("2026-11-22 00:00")
        await spend(town)
        assert BUDGET < await bill(town) <= 2 * BUDGET


async def test_refunds_deletions_and_cancels_after_the_provider_began_give_no_room(tmp_path):
    async with strange(tmp_path) as town:
        await town.rules(owners_exempt=True)
        for n in range(30):
            with contextlib.suppress(Refusal):
                job = await town.draw(town.mod, f"{FOX} --n 4")
                await town.app.desk.refund(town.mod, job.id, memo=str(n))
                await town.app.studio.delete(job.id, town.mod)
                begun = await town.go(
                    await town.ask(town.mod, f"{FOX} --n 4"), State.CLEARED, State.SUBMITTING
                )
                await town.app.studio.cancel(begun.id, town.mod)
        assert await bill(town) <= BUDGET / 2


async def test_pictures_that_were_paid_for_and_not_shown_count(tmp_path):
    """Of four that were drawn a check withholds three: the operator pays four."""
    async with strange(tmp_path) as town:
        await town.rules(owners_exempt=True)
        drawn = 0
        for _ in range(30):
            with contextlib.suppress(Refusal):
                job = await town.go(await town.ask(town.mod, f"{FOX} --n 4"), State.CLEARED, State.SUBMITTING)
                await town.end(job, State.FINISHED, capture=0, cost_usd_micros=4 * 30_000, reason="partial")
                drawn += 4
        assert drawn * FOX_CREDITS <= BUDGET


async def test_thirty_servers_of_one_stranger_share_one_ceiling(tmp_path):
    async with strange(tmp_path) as town:
        for n in range(30):
            server = Town(town.app, town.clock, community=f"server-{n}", numbers=town.numbers)
            await server.rules(owners_exempt=True, allowance=10**9)
            await spend(server, times=8)
        assert TOGETHER - BUDGET < await bill(town) <= TOGETHER
        with pytest.raises(NotAllowed) as caught:
            await Town(town.app, town.clock, community="one-more", numbers=town.numbers).ask(
                text=f"{FOX} --n 4"
            )
        assert caught.value.reason == "unnamed-spent-together"


async def test_direct_messages_live_under_the_same_ceiling(tmp_path):
    async with strange(tmp_path) as town:
        direct = Town(town.app, town.clock, community="personal", numbers=town.numbers)
        for n in range(12):
            await spend(direct, direct.person(f"p{n}"), times=5)
        assert BUDGET - 4 * FOX_CREDITS < await bill(town) <= BUDGET


async def test_who_is_named_is_not_held_up_by_strangers(tmp_path):
    async with strange(tmp_path, quotas={"communities": ["any", "friends"], "unnamed_together": 100}) as town:
        await spend(town, times=8)
        with pytest.raises(NotAllowed):
            await town.ask(town.mod, f"{FOX} --n 4")
        friends = Town(town.app, town.clock, community="friends", numbers=town.numbers)
        await friends.rules(allowance=100_000)
        await spend(friends, friends.person(), times=30)
        assert await bill(town) > BUDGET


async def test_grants_in_small_parts_to_many_stay_under_the_months_ceiling(tmp_path):
    async with strange(tmp_path) as town:
        for n in range(60):
            with contextlib.suppress(NotAllowed):
                await town.app.desk.grant(town.mod, town.person(f"p{n % 7}"), 100, memo="", key=f"k{n}")
        given = await town.rows("SELECT SUM(amount) AS n FROM transfers WHERE kind = 'grant' AND memo = ''")
        assert given[0]["n"] == GRANTS


async def test_what_a_stranger_granted_is_worth_no_more_when_the_community_is_named(tmp_path):
    """The ceiling on grants bounds what is left over for the day when the other ceilings go."""
    async with strange(tmp_path) as town:
        for n in range(20):
            with contextlib.suppress(NotAllowed):
                await town.app.desk.grant(town.mod, town.mod, 500, memo="", key=f"k{n}")
        assert await town.left(town.mod) == 500 + GRANTS


async def test_an_allowance_above_the_ceiling_is_told_of(tmp_path):
    async with strange(tmp_path) as town:
        told = await _typed(town, "allowance 1000000000 daily")
        assert told[0] == "The allowance is now 2,000 credits a day."
        assert any("as far as whoever runs this bot" in line for line in told[1:])
        assert len(await _typed(town, "allowance 400 daily")) == 1


async def _typed(town: Town, text: str) -> list[str]:
    from bot.talk.admin_text import AdminText

    admin = AdminText(town.app.desk, town.app.rulemaking, town.app.words)
    lines, _ = await admin.answer(town.mod, text, person_of=lambda _: town.person(), key=text)
    return lines


RULES = st.fixed_dictionaries(
    {},
    optional={
        "allowance": st.integers(0, 10**12),
        "period": st.sampled_from(["day", "week", "month"]),
        "time_zone": st.sampled_from(["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"]),
        "owners_exempt": st.booleans(),
        "budget": st.one_of(st.none(), st.integers(0, 10**12)),
        "budget_period": st.sampled_from(["day", "week", "month"]),
        "price_factors": st.dictionaries(
            st.sampled_from(["flux-2-pro", "gpt-image-1-mini"]), st.floats(0, 100)
        ),
        "roles": st.dictionaries(
            st.just("r"),
            st.fixed_dictionaries(
                {}, optional={"allowance": st.integers(0, 10**12), "exempt": st.booleans()}
            ),
        ),
    },
)
ACTS = st.lists(st.tuples(RULES, st.integers(1, 10**9), st.integers(1, 4)), min_size=1, max_size=8)


@settings(max_examples=15, deadline=None)
@given(acts=ACTS)
async def test_whatever_a_stranger_sets_and_grants_a_days_bill_is_bounded(tmp_path_factory, acts):
    async with strange(tmp_path_factory.mktemp("house")) as town:
        for number, (rules, amount, images) in enumerate(acts):
            with contextlib.suppress(BadPrompt):
                await town.rules(**rules)
            with contextlib.suppress(Refusal):
                await town.app.desk.grant(town.mod, town.mod, amount, memo="", key=f"k{number}")
            for who in (town.mod, town.person(roles=["r"])):
                await spend(town, who, f"{FOX} --n {images}", times=6)
        assert await bill(town) <= BUDGET


def test_the_operator_reads_who_may_spend_how_much():
    told = " ".join(spending.who_may_spend(Quotas()))
    for part in (
        "names none",
        "500 credits a person a day",
        "8,000 credits (about $8.00) a day",
        "10,000 credits",
    ):
        assert part in told
    named = " ".join(spending.who_may_spend(Quotas(communities=("club",), max_budget=5, monthly_usd=9)))
    for part in (
        "club: what their moderators set",
        "5 credits",
        "9 US dollars",
        "nothing but what you grant",
    ):
        assert part in named

"""What is sold and to whom, months of a subscription, what people are told unasked, and what the owner reads."""

import asyncio
import csv
import json
from dataclasses import dataclass, field, replace

import pytest

from bot.cards.events import Matter, card_of_event
from bot.credits.purchases import months_of, period_of
from bot.errors import ShowFailure, SurfaceError
from bot.jobs.messenger import BACK_OFF_S
from bot.ports import Address, Do, Place, Requester
from bot.shops import Reversal, Sale
from bot.talk.answers import Lines, Note
from bot.talk.deeds import Asked, Topic
from tests.fakes.command import called as easel
from tests.fakes.house import at, new_sqlite, open_town
from tests.fakes.reaching import Wall

PRODUCTS = {
    "starter": {"credits": 500, "title": "500 for 5 €", "shops": {"till": "price_1", "discord": "42"}},
    "patron": {"credits": 100, "monthly": True, "days": 31, "shops": {"elsewhere": "7", "discord": "43"}},
}
SALE = Sale(
    shop="till",
    origin="pi_1",
    product="starter",
    credits=500,
    buyer=Requester(surface="discord", community="", user="mina"),
    paid=500,
    currency="eur",
)


@dataclass
class Till:
    """A shop with links."""

    name: str = "till"
    links: list = field(default_factory=list)

    async def link(self, product, buyer, *, key):
        self.links.append((product.name, buyer.user, key))
        return f"https://till.example/{product.articles[self.name]}"

    async def run(self): ...

    async def aclose(self): ...


@pytest.fixture
async def town(tmp_path):
    async with open_town(tmp_path, products=PRODUCTS) as town:
        town.app.surfaces["discord"] = town.wall = Wall()
        town.app.purchases.shops["till"] = Till()
        yield town


async def asks(town, topic, text="", who=None, **facts):
    who = who or town.person()
    place = Place(address=Address(surface="discord", data={"channel": "art", "token": "t"}), channel="art")
    deed = Asked(who=who, place=place, key=f"k{next(town.numbers)}", topic=topic, text=text, **facts)
    return await town.app.talk.do(deed)


@pytest.mark.parametrize(
    ("began", "now", "period"),
    [
        ("2026-01-31 12:00", "2026-01-31 12:00", 1),
        ("2026-01-31 12:00", "2026-02-28 11:59", 1),
        ("2026-01-31 12:00", "2026-02-28 12:00", 2),
        ("2026-01-31 12:00", "2026-03-31 12:00", 3),
        ("2026-01-31 12:00", "2027-01-31 12:00", 13),
        ("2024-02-29 00:00", "2025-02-28 00:00", 13),
        ("2026-05-01 00:00", "2026-04-01 00:00", 1),
    ],
)
def test_a_month_ends_at_its_own_day_of_the_next(began, now, period):
    assert period_of(at(began), at(now)) == period


async def test_what_is_sold_is_shown_with_where_it_is_paid(town):
    shown = await asks(town, Topic.BUY)
    assert isinstance(shown, Lines)
    assert [(one.label, one.text) for one in shown.turns] == [("500 for 5 €", "starter")]
    assert [one.article for one in shown.pays] == ["42", "43"]
    assert "every month, to be spent within 31 days" in "\n".join(shown.lines)
    elsewhere = await asks(town, Topic.BUY, who=replace(town.person(), surface="slack"))
    assert [one.article for one in elsewhere.pays] == []


async def test_a_link_is_one_persons_and_what_nobody_sells_has_none(town):
    linked = await asks(town, Topic.BUY, "Starter")
    assert [one.address for one in linked.pays] == ["https://till.example/price_1"]
    assert town.app.purchases.shops["till"].links[0][:2] == ("starter", "mina")
    for unknown in ("patron", "moon"):
        refused = await asks(town, Topic.BUY, unknown)
        assert isinstance(refused, Note)
        assert "starter" in refused.text


async def test_nothing_is_sold_until_the_operator_says_so(tmp_path):
    async with open_town(tmp_path) as town:
        refused = await asks(town, Topic.BUY)
        assert isinstance(refused, Note)
        assert refused.refusal is not None
        assert refused.refusal.reason == "buy-off"


async def test_what_a_stranger_bought_is_theirs_where_they_come_first(town):
    assert await town.app.purchases.paid(SALE)
    await town.app.purchases.place_waiting()
    assert [one.placed for one in await town.store.purchases.list()] == [False]
    shown = await asks(town, Topic.CREDITS)
    assert "was waiting" in shown.lines[0]
    assert "+500 bought: starter" in [row.text for row in shown.rows]
    assert "was waiting" not in (await asks(town, Topic.CREDITS)).lines[0]
    assert await town.app.purchases.paid(replace(SALE, origin="pi_2"))
    assert [one.placed for one in await town.store.purchases.list()] == [True, True]


async def test_a_stranger_who_only_draws_has_it_by_the_chore(town):
    await town.app.purchases.paid(SALE)
    await town.app.desk.grant(town.mod, town.person(), 5, memo="", key="g")
    await town.app.purchases.place_waiting()
    assert [one.placed for one in await town.store.purchases.list()] == [True]


async def test_a_subscription_that_nobody_heard_of_is_caught_up(town):
    await asks(town, Topic.BUY)
    monthly = replace(SALE, origin="sub", product="patron", credits=100)
    for number in (5, 5, 7):  # it began before anything was set up
        await town.app.purchases.goes_on(replace(monthly, number=number))
    assert sorted(one.number for one in await town.store.purchases.list()) == [5, 6, 7]


async def test_who_is_given_something_is_told_alone_or_in_the_room(town):
    await town.app.rulemaking.change(town.mod, {"gifts": 100})
    mina, tom = town.person(), town.person("tom")
    await town.app.desk.grant(town.mod, mina, 100, memo="", key="g")
    for number, refuses in enumerate((None, SurfaceError("closed", kind=ShowFailure.FORBIDDEN))):
        town.wall.refuses = refuses
        await asks(town, Topic.GIFT, f"@tom {number + 1} thank you", people={"@tom": tom})
        assert await town.app.messenger.tell_what_is_due() == 1
    assert town.wall.told == [
        ("tom", "Mina has given you a credit: “thank you”. What you have: /easel credits")
    ]
    assert [one[:2] for one in town.wall.in_room] == [("art", "tom")]
    town.wall.refuses = None
    await town.app.rulemaking.change(town.mod, {"language": "ko"})
    await asks(town, Topic.GIFT, "@tom 3", people={"@tom": tom})
    await town.app.messenger.tell_what_is_due()
    assert town.wall.told[-1] == ("tom", "Mina 님이 3 크레딧을 선물했어요. 가진 크레딧 보기: /easel credits")
    assert await town.app.messenger.tell_what_is_due() == 0


async def test_what_can_t_be_told_now_is_told_later_and_not_for_ever(town):
    town.wall.refuses = SurfaceError("busy", kind=ShowFailure.LATER)
    await asks(town, Topic.BUY)
    await town.app.purchases.paid(SALE)
    for wait_s in BACK_OFF_S:
        assert await town.app.messenger.tell_what_is_due() == 1
        assert await town.app.messenger.tell_what_is_due() == 0
        town.clock.now_s += wait_s * 1.2
    assert await town.app.messenger.tell_what_is_due() == 1
    town.clock.now_s += 10 * 86_400
    assert await town.app.messenger.tell_what_is_due() == 0
    assert town.wall.told == []


async def test_another_processs_surface_is_left_to_it(town):
    await asks(town, Topic.BUY)
    await town.app.purchases.paid(SALE)
    del town.app.surfaces["discord"]
    assert await town.app.messenger.tell_what_is_due() == 1
    town.app.surfaces["discord"] = town.wall
    town.clock.now_s += 60
    told = await asyncio.gather(*(town.app.messenger.tell_what_is_due() for _ in range(4)))
    assert sum(told) == len(town.wall.told) == 1


async def test_moderators_read_what_went_back_and_who_it_was(town):
    await asks(town, Topic.BUY)
    await town.app.purchases.paid(SALE)
    await town.app.purchases.went_back(Reversal(shop="till", origin="pi_1", id="refund", part=1, whole=2))
    [event] = await town.store.events.of("discord", "club", limit=9)
    for language, said in (
        ("en", "250 credits of “starter” had to go (till); 250 were left, and were taken back."),
        ("ko", "“starter”의 250크레딧을 거둬야 했고(till), 남아 있던 250크레딧을 거둬들였어요."),
    ):
        card = card_of_event(event, Matter(), town.app.words, language)
        assert card.sentence == said
        assert ("mina" in dict(card.facts).values(), [one.do for one in card.actions][-1]) == (
            True,
            Do.DISMISS,
        )


async def test_the_owner_reads_what_was_bought_and_the_months(town):
    await asks(town, Topic.BUY)
    for origin in ("a", "b", "c"):
        await town.app.purchases.paid(replace(SALE, origin=origin, test=origin == "c"))
    await town.app.purchases.went_back(Reversal(shop="till", origin="a", id="refund", part=250, whole=500))
    [month] = months_of(await town.store.purchases.list())
    assert (month.month, month.purchases, month.paid, month.returned) == ("2026-11", 2, 1000, 250)
    assert (month.credits, month.reversed, month.taken) == (1000, 250, 250)
    shown = await asks(town, Topic.ADMIN, "purchases", who=town.mod)
    assert shown.lines[0] == "2026-11: 2 purchases, 1,000 credits; 250 went back"
    assert any("went back: 250" in line for line in shown.lines)
    assert any(line.endswith("a test") for line in shown.lines)
    refused = await asks(town, Topic.ADMIN, "purchases")
    assert isinstance(refused, Note)


def test_the_owner_has_totals_a_table_and_receipts(tmp_path, monkeypatch, capsys):
    config, url = tmp_path / "easel.toml", new_sqlite(tmp_path)
    config.write_text(f"[store]\nurl = '{url}'\n[assets]\nurl = '{tmp_path}/a'\n")

    async def shop():
        async with open_town(tmp_path, url=url, products=PRODUCTS) as town:
            await asks(town, Topic.BUY)
            await town.app.purchases.paid(SALE)
            await town.app.purchases.paid(replace(SALE, origin="pi_2", paid=300, currency="jpy", test=True))
            await town.app.purchases.went_back(
                Reversal(shop="till", origin="pi_1", id="refund", part=1, whole=2)
            )

    asyncio.run(shop())
    place = ("--config", str(config))
    code, out, _ = easel(capsys, monkeypatch, "purchases", "csv", *place)
    rows = list(csv.DictReader(out.splitlines()))
    assert (code, [row["id"] for row in rows]) == (0, ["till:pi_1", "till:pi_2"])
    assert [(row["credits"], row["went_back"], row["paid"], row["currency"], row["test"]) for row in rows] == [
        ("500", "250", "5.00", "eur", "False"), ("500", "0", "300", "jpy", "True")
    ]  # fmt: skip
    code, out, _ = easel(capsys, monkeypatch, "purchases", "list", "--month", "2026-11", "--json", *place)
    [month] = json.loads(out)["months"]
    assert (month["paid"], month["returned"], month["purchases"]) == ("5.00", "2.50", 1)
    assert easel(capsys, monkeypatch, "purchases", "list", "--month", "2026-10", *place)[1].startswith(
        "Nothing"
    )
    assert "till:pi_1" in easel(capsys, monkeypatch, "purchases", "list", *place)[1]
    code, out, _ = easel(capsys, monkeypatch, "purchases", "receipt", "till:pi_1", *place)
    assert "Paid: 5.00 EUR, by till" in out
    assert "Went back: 250 of the credits" in out
    assert easel(capsys, monkeypatch, "purchases", "receipt", "till:pi_9", *place)[0] == 1
    assert easel(capsys, monkeypatch, "purchases", "list", "--month", "spring", *place)[0] == 2

"""Stripe's Checkout: a link that carries who pays, each payment once, lost calls found, refunds and disputes in any order."""

import asyncio
import contextlib
import itertools
import json
import random
import time
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import stripe as official
from starlette.applications import Starlette

from bot.errors import ConfigError, NotAllowed
from bot.house.app import tools_of
from bot.ports import Place, Requester
from bot.talk.answers import Lines
from bot.talk.deeds import Asked, Topic
from integrations.stripe import shop as module
from integrations.stripe._wire import StripeFault
from integrations.stripe.check import check
from integrations.stripe.events import TYPES, is_genuine
from integrations.stripe.settings import StripeSettings
from integrations.stripe.shop import PATH, THANKS, Stripe, open_shop
from tests.fakes.books import run
from tests.fakes.free_ports import free_port
from tests.fakes.house import Clock, Town, open_house
from tests.fakes.patience import PATIENCE_S
from tests.fakes.services import stripe as fake
from tests.fakes.services.ground import running
from tests.fakes.there import there

PRODUCTS = {"starter": {"credits": 100, "shops": {"stripe": "price_1"}}}
PUBLIC = "https://easel.example"


@dataclass
class Till:
    """One process with the shop, and what calls it."""

    shop: Stripe
    town: Town
    service: fake.Stripe
    client: httpx.AsyncClient

    async def link(self, user="mina"):
        return await self.shop.link(self.town.app.purchases.products[0], self.town.person(user), key=user)

    async def delivered(self, event, **facts):
        """A signed call, as Stripe makes it."""
        body = json.dumps(event).encode()
        stamp = facts.pop("at", self.service.now())
        headers = {"Stripe-Signature": fake.signed(body, facts.pop("secret", fake.SECRET), stamp)}
        answer = await self.client.post(PATH, content=facts.pop("body", body), headers=headers)
        return answer.status_code

    async def credits(self, user="mina"):
        return (await self.town.app.studio.credits(self.town.person(user))).balance.granted

    async def bought(self):
        return [
            (one.credits, one.paid, one.taken, one.test) for one in await self.town.store.purchases.list()
        ]


@contextlib.asynccontextmanager
async def till(folder, service, **section):
    """The house's shop; another process of the same house where it is opened twice."""
    clock = Clock(service.now())
    settings = {"api_key": fake.KEY, "webhook_secret": fake.SECRET, "base_url": service.url} | section
    async with open_house(
        f"sqlite:///{folder}/easel.db", clock, products=PRODUCTS, http={"public_url": PUBLIC}, stripe=settings
    ) as app:
        service.now = clock
        tools = tools_of(app)
        shop = open_shop(app.settings.section("stripe"), tools)
        app.purchases.shops["stripe"] = shop
        transport = httpx.ASGITransport(Starlette(routes=tools.mounts))
        try:
            async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as client:
                yield Till(shop, Town(app, clock), service, client)
        finally:
            await shop.aclose()
        assert await app.store.ledger.problems() == []


@pytest.fixture
async def service():
    async with fake.stripe() as service:
        yield service


@pytest.fixture
async def one(tmp_path, service):
    async with till(tmp_path, service) as made:
        yield made


async def test_a_link_carries_who_pays_and_is_made_once_for_its_key(one):
    assert await one.link() == await one.link() != await one.link("tom")
    session = next(iter(one.service.sessions.values()))
    assert session["client_reference_id"] == "discord:club:mina"
    assert session["metadata"] == {
        "easel_surface": "discord", "easel_community": "club", "easel_user": "mina", "easel_product": "starter",
        "easel_credits": "100",
    }  # fmt: skip
    assert (await one.client.get(THANKS)).text.startswith("Thank you!")
    korean = await one.client.get(THANKS, headers={"accept-language": "ko-KR"})
    assert korean.text.startswith("고마워요!")


async def test_what_is_paid_is_credits_once_however_often_it_is_told(one):
    await one.service.pays(await one.link())
    [event] = one.service.events
    assert [await one.delivered(event) for _ in range(3)] == [204] * 3
    one.shop._taken.clear()  # as another process
    await asyncio.gather(*(one.delivered(event) for _ in range(4)), one.shop.look())
    assert await one.bought() == [(100, 500, 0, True)]
    assert await one.credits() == 100


async def test_only_what_stripe_signed_now_is_read(one):
    await one.service.pays(await one.link())
    [event] = one.service.events
    now = one.service.now()
    assert await one.delivered(event, secret="whsec_another") == 401
    assert await one.delivered(event, at=now - 301) == 401
    assert await one.delivered(event, at=now + 301) == 401
    assert await one.delivered(event, body=json.dumps(event).encode() + b" ") == 401
    assert await one.delivered("[]", at=now) == 400
    assert await one.delivered({"id": "evt", "type": TYPES[0], "data": {}}) == 400
    assert await one.bought() == []
    for header in ("", "t=,v1=", "t=x,v1=y", f"t={now:.0f}", "v1=0", f"t={now:.0f},v1=ü", "t=²,v1=1"):
        assert not is_genuine(fake.SECRET, header, b"{}", now=now)
    assert await one.delivered(event, at=now - 299) == 204


async def test_a_payment_that_takes_days_counts_when_it_is_there(one):
    charge = await one.service.pays(await one.link(), later=True)
    await one.shop.look()
    assert await one.bought() == []
    await one.service.arrives(charge)
    await one.shop.look()
    assert await one.credits() == 100


async def test_lost_calls_are_found_from_where_the_last_look_ended(one, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PAGE", 2)
    for user in ("mina", "tom", "kim", "eve", "ann"):
        await one.service.pays(await one.link(user))
    one.town.clock.now_s += module.OVERLAP_S + 60
    await one.shop.look()
    assert len(await one.bought()) == 5
    one.town.clock.now_s += 20 * 86_400
    await one.service.pays(await one.link("bob"))
    one.service.asked.clear()
    async with till(tmp_path, one.service) as another:
        another.service.now = one.town.clock
        another.town.clock.now_s = one.town.clock.now_s
        await another.shop.look()
        assert (await another.credits("bob"), len(await another.bought())) == (100, 6)
    assert one.service.asked == ["GET /v1/events"]


async def test_a_look_that_breaks_in_the_middle_begins_there_again(one):
    charge = await one.service.pays(await one.link())
    await one.service.disputes(charge)
    one.service.breaks = 2
    for _ in range(2):
        with pytest.raises(StripeFault):
            await one.shop.look()
    assert await one.town.store.purchases.looked_until("stripe") == 0
    await one.shop.look()
    assert await one.bought() == [(100, 500, 100, True)]


async def test_refunds_and_disputes_take_what_is_left_in_any_order(one, seed):
    """Whatever order calls come in, and however often."""
    rng = random.Random(seed)
    for number, won in itertools.product(range(4), (True, False)):
        user, begun = f"p{number}{won}", len(one.service.events)
        charge = await one.service.pays(await one.link(user))
        await one.service.refunds(charge, 100)
        await one.service.refunds(charge, 150)
        await one.service.closes(await one.service.disputes(charge), "won" if won else "lost")
        told = one.service.events[begun:] * 2
        rng.shuffle(told)
        for event in told:
            one.shop._taken.clear()
            assert await one.delivered(event) == 204
        assert await one.credits(user) == (50 if won else 0)


async def test_a_mere_question_of_a_bank_takes_nothing(one):
    charge = await one.service.pays(await one.link())
    dispute = await one.service.disputes(charge, "warning_needs_response")
    await one.shop.look()
    assert await one.credits() == 100
    await one.service.closes(dispute, "warning_closed")
    await one.shop.look()
    assert await one.credits() == 100


async def test_what_others_sell_in_the_same_account_is_none_of_ours(one):
    foreign = {
        "id": "cs_9",
        "payment_status": "paid",
        "payment_intent": "pi_9",
        "metadata": {},
        "livemode": True,
    }
    by_address = {**foreign, "client_reference_id": "discord:club:mina"}  # anybody can write that
    charge = {"id": "ch_9", "amount": 500, "amount_refunded": 500, "payment_intent": "pi_9", "metadata": {}}
    one.service.charges["ch_9"] = charge
    for kind, about in ((TYPES[0], foreign), (TYPES[0], by_address), ("charge.refunded", charge)):
        await one.service.tell(kind, about)
    await one.service.disputes(charge)
    await one.shop.look()
    assert await one.bought() == []
    assert await run(one.town.store, "SELECT origin FROM reversals") == []


async def test_without_stripe_nothing_is_charged_and_the_person_is_told(one):
    one.service.prices.clear()
    with pytest.raises(NotAllowed) as refused:
        await one.link()
    assert refused.value.reason == "buy-away"
    one.service.breaks = 9
    with pytest.raises(NotAllowed):
        await one.link("tom")


async def test_what_it_can_t_sell_stops_the_start(tmp_path, service):
    monthly = {"club": {"credits": 5, "monthly": True, "shops": {"stripe": "price_1"}}}
    wrong: tuple[tuple[dict[str, Any], str], ...] = (({"products": monthly}, "monthly"), ({}, "return_url"))
    for facts, named in wrong:
        async with open_house(
            f"sqlite:///{tmp_path}/easel.db", Clock(1e9), stripe={"api_key": "k"}, **facts
        ) as app:
            tools = tools_of(app)
            with pytest.raises(ConfigError, match=named):
                open_shop(app.settings.section("stripe"), tools)


async def test_the_check_says_what_to_do(service):
    def section(key=fake.KEY, url=service.url, **facts):
        return StripeSettings(api_key=key, base_url=url, **facts)

    for settings, ok, fix in (
        (section(webhook_secret=fake.SECRET), True, ""),
        (section(), True, "webhook_secret"),
        (section("sk_test_wrong"), False, "right api_key"),
        (section(url=f"http://127.0.0.1:{free_port()}"), False, "reachable"),
    ):
        [row] = await check(settings)
        assert row["ok"] is ok
        assert fix in row["fix"]
        assert "rk_test" not in row["detail"]


async def test_the_whole_house_hears_of_a_payment_at_its_own_door(tmp_path, service):
    """What `easel run` opens: the link by the talk, the call at the listener, the credits in the books."""
    service.now = time.time
    till = {"api_key": fake.KEY, "webhook_secret": fake.SECRET, "base_url": service.url}
    async with running(tmp_path, providers={}, products=PRODUCTS, stripe=till) as studio:
        service.endpoint = studio.url + PATH
        robin = Requester(surface="web", community="local", user="robin", name="Robin")
        before = await studio.credits()
        deed = Asked(who=robin, place=Place(address=None), key="k", topic=Topic.BUY, text="starter")
        linked = await studio.house.talk.do(deed)
        assert isinstance(linked, Lines)
        await service.pays(linked.pays[0].address)
        assert service.answers == [204]
        assert await studio.credits() == before + 100
        async with asyncio.timeout(PATIENCE_S):
            while await run(studio.house.store, "SELECT id FROM notices"):
                await asyncio.sleep(0.05)


async def test_the_stand_in_is_one_that_the_official_library_understands(one):
    """It makes sessions, lists events in pages, verifies signed calls and knows the errors."""
    client = official.StripeClient(fake.KEY, base_addresses={"api": one.service.url})
    params: Any = {
        "mode": "payment", "success_url": PUBLIC, "line_items": [{"price": "price_1", "quantity": 1}],
        "metadata": {"easel_user": "mina"}, "payment_intent_data": {"metadata": {"easel": "starter"}},
    }  # fmt: skip

    def make(**facts):
        return client.v1.checkout.sessions.create(params | facts, {"idempotency_key": "k1"})

    session = await asyncio.to_thread(make)
    assert (await asyncio.to_thread(make)).id == session.id
    with pytest.raises(official.IdempotencyError):
        await asyncio.to_thread(make, success_url="https://elsewhere.example")
    assert (session.metadata["easel_user"], session.payment_status) == ("mina", "unpaid")
    charge = await one.service.pays(there(session.url))
    await one.service.refunds(charge, 500)
    found = await asyncio.to_thread(
        lambda: list(client.v1.events.list({"limit": 1, "types": list(TYPES)}).auto_paging_iter())
    )
    assert [event.type for event in found] == ["charge.refunded", "checkout.session.completed"]
    fetched = await asyncio.to_thread(client.v1.charges.retrieve, charge["id"])
    assert (fetched.refunded, fetched.metadata["easel"]) == (True, "starter")
    body = json.dumps(one.service.events[0])
    header = fake.signed(body.encode(), fake.SECRET, one.service.now())
    assert official.WebhookSignature.verify_header(body, header, fake.SECRET)
    theirs = official.WebhookSignature.generate_signature_header(body, fake.SECRET, int(one.service.now()))
    assert is_genuine(fake.SECRET, theirs, body.encode(), now=one.service.now())
    wrong = official.StripeClient("sk_test_wrong", base_addresses={"api": one.service.url})
    with pytest.raises(official.AuthenticationError):
        await asyncio.to_thread(wrong.v1.events.list)

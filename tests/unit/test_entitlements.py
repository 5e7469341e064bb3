"""What Discord sells: each entitlement once, told or found, consumed when it is in the books, taken back when it is deleted."""

import asyncio
import contextlib
import warnings
from dataclasses import dataclass, field

import pytest

from bot.process.background import Background
from bot.shops import Product
from integrations.discord._wire import Rest
from integrations.discord.settings import DiscordSettings
from tests.fakes.discord import DiscordServer, Misuse
from tests.fakes.discord.market import CONSUMABLE, DURABLE, MONTH_S, SUBSCRIPTION, TEST_MODE, USER_GIFT
from tests.fakes.discord_bot import pointed_at, running
from tests.fakes.house import Town, open_house
from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there

with warnings.catch_warnings():
    # discord.py's voice module imports audioop, which Python 3.13 drops.
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    import discord

    from integrations.discord import entitlements as module
    from integrations.discord.entitlements import Entitlements, entitlement, problems_of

pytestmark = pytest.mark.filterwarnings("ignore:'audioop' is deprecated:DeprecationWarning")


@dataclass
class Ground:
    """A local Discord with what it sells, and our books."""

    server: DiscordServer
    folder: object
    skus: dict = field(default_factory=dict)
    town: Town | None = None

    @contextlib.asynccontextmanager
    async def process(self):
        """One process that hears and looks; another one after a kill, or beside the first."""
        products = {
            name: {"credits": credits_, "monthly": monthly, "shops": {"discord": str(self.skus[name].id)}}
            for name, credits_, monthly in (("pack", 100, False), ("gem", 7, False), ("club", 30, True))
        }
        async with open_house(
            f"sqlite:///{self.folder}/easel.db", self.server.clock.now, products=products
        ) as app:
            self.town = Town(app, self.server.clock)
            settings = DiscordSettings(
                token=self.server.token,
                api_base_url=self.server.api_base_url,
                gateway_url=self.server.gateway_url,
            )
            rest, background = Rest(settings), Background("discord", most=99)
            shop = Entitlements(rest, app.purchases, background)
            shop._application = str(self.server.world.application_id)
            try:
                yield shop
            finally:
                await background.aclose()
                await rest.aclose()
            assert await app.store.ledger.problems() == []

    async def bought(self):
        return {
            one.origin: (one.product, one.credits, one.taken)
            for one in await there(self.town).store.purchases.list()
        }

    async def credits(self, user):
        return (
            await there(self.town).app.studio.credits(there(self.town).person(str(user.id)))
        ).balance.granted


@pytest.fixture
async def ground(tmp_path):
    async with DiscordServer() as server:
        ground = Ground(server, tmp_path)
        for name, kind in (("pack", CONSUMABLE), ("gem", DURABLE), ("club", SUBSCRIPTION)):
            ground.skus[name] = server.sku(kind, name)
        yield ground
        assert server.violations == []


async def at_home(ground, user):
    await ground.town.app.purchases.come(ground.town.person(str(user.id)), chooses=True)


async def test_what_was_lost_is_found_and_consumed_so_that_it_can_be_bought_again(ground):
    mina = ground.server.user("mina")
    first = await ground.server.buys(mina, ground.skus["pack"], told=False)
    gem = await ground.server.buys(mina, ground.skus["gem"], told=False)
    with pytest.raises(Misuse):
        await ground.server.buys(mina, ground.skus["pack"])
    async with ground.process() as shop:
        await at_home(ground, mina)
        assert await shop._look()
        assert (first.consumed, gem.consumed) == (True, False)
        again = await ground.server.buys(mina, ground.skus["pack"], told=False)
        for _ in range(2):
            assert await shop._look()
        assert again.consumed
        assert await ground.credits(mina) == 207


async def test_a_process_that_dies_before_it_consumes_leaves_that_to_the_next(ground):
    mina = ground.server.user("mina")
    one = await ground.server.buys(mina, ground.skus["pack"], told=False)
    for cut in (ground.server.faults.cut_before, ground.server.faults.cut_after):
        cut("POST /applications/*/entitlements/*/consume", times=1)
        async with ground.process() as shop:
            await at_home(ground, mina)
            assert not await shop._look()
    assert one.consumed
    async with ground.process() as shop:
        assert await shop._look()
        assert await ground.credits(mina) == 100
    assert (
        len(ground.server.calls("POST", "/applications/{application}/entitlements/{entitlement}/consume"))
        == 2
    )


async def test_two_replicas_and_doubled_events_make_one_purchase(ground):
    mina = ground.server.user("mina")
    one = await ground.server.buys(mina, ground.skus["gem"], told=False)
    async with ground.process() as first, ground.process() as second:
        await at_home(ground, mina)
        told = entitlement(one.json(ground.server))
        await asyncio.gather(first._look(), second._look(), first._heard(told), second._heard(told))
        assert await ground.bought() == {str(one.id): ("gem", 7, 0)}


async def test_a_refund_takes_back_what_is_left_whenever_it_is_heard_of(ground):
    mina, tom = ground.server.user("mina"), ground.server.user("tom")
    async with ground.process() as shop:
        for user in (mina, tom):
            await at_home(ground, user)
        one = await ground.server.buys(mina, ground.skus["pack"], told=False)
        assert await shop._look()
        early = await ground.server.buys(tom, ground.skus["pack"], told=False)
        before = entitlement(early.json(ground.server))
        for gone in (one, early):
            await ground.server.refunds(gone, told=False)
        assert await shop._look()
        await shop._heard(before)  # the event of the purchase comes after all
        assert await ground.bought() == {str(one.id): ("pack", 100, 100), str(early.id): ("pack", 100, 100)}
        assert (await ground.credits(mina), await ground.credits(tom)) == (0, 0)
    ground.server.forgive("consumed")  # asked for by the event that came too late


async def test_a_subscription_brings_its_credits_every_month_until_it_ends(ground):
    mina = ground.server.user("mina")
    async with ground.process() as shop:
        await at_home(ground, mina)
        one = await ground.server.buys(mina, ground.skus["club"], told=False)
        for months, credits_ in ((0, 30), (0, 30), (1.2, 60), (3.4, 120)):
            ground.server.clock.offset_s = months * MONTH_S
            assert await shop._look()
            assert await ground.credits(mina) == credits_
        await ground.server.ends(one, ground.server.clock.now() + 1)
        ground.server.clock.advance(9 * MONTH_S)
        assert await shop._look()
        assert await ground.credits(mina) == 120
        late = await ground.server.buys(mina, ground.skus["club"], told=False)
        await ground.server.ends(late, ground.server.clock.now(), told=False)
        assert await shop._look()
        assert await ground.credits(mina) == 120


async def test_gifts_test_purchases_and_a_servers_own_go_to_whom_they_are_for(ground):
    mina, tom, guild = (
        ground.server.user("mina"),
        ground.server.user("tom"),
        await ground.server.guild("Foxes"),
    )
    async with ground.process() as shop:
        gift = await ground.server.buys(tom, ground.skus["pack"], kind=USER_GIFT, told=False)
        tried = await ground.server.buys(mina, ground.skus["gem"], kind=TEST_MODE, told=False)
        theirs = await ground.server.entitles(ground.skus["club"], guild=guild)
        assert await shop._look()
        found = {one.origin: one for one in await ground.town.store.purchases.list()}
        assert {name: (one.buyer.user, one.test, one.placed) for name, one in found.items()} == {
            str(gift.id): (str(tom.id), False, False),
            str(tried.id): (str(mina.id), True, False),
            str(theirs.id): (str(guild.owner_id), True, True),
        }
        assert found[str(theirs.id)].buyer.community == str(guild.id)


async def test_a_list_of_many_pages_is_read_to_its_end(ground, monkeypatch):
    monkeypatch.setattr(module, "PAGE", 2)
    for number in range(5):
        await ground.server.buys(ground.server.user(f"p{number}"), ground.skus["gem"], told=False)
    async with ground.process() as shop:
        assert await shop._look()
        assert len(await ground.bought()) == 5


async def test_what_was_consumed_by_somebody_else_brings_nothing(ground):
    one = await ground.server.buys(ground.server.user("mina"), ground.skus["pack"], told=False)
    one.consumed = True
    async with ground.process() as shop:
        assert await shop._look()
        assert await ground.bought() == {}


async def test_the_stand_in_is_as_the_library_has_it(ground, monkeypatch):
    """discord.py hears each event, lists in its own way, and consumes."""
    pointed_at(ground.server, monkeypatch)
    heard: list[tuple[object, ...]] = []

    class Client(discord.Client):
        async def on_entitlement_create(self, one):
            heard.append(("create", one.id))

        async def on_entitlement_update(self, one):
            heard.append(("update", one.id, one.is_expired()))

        async def on_entitlement_delete(self, one):
            heard.append(("delete", one.id))

    async with running(ground.server, Client(intents=discord.Intents.none())) as client:
        mina = ground.server.user("mina")
        pack = await ground.server.buys(mina, ground.skus["pack"])
        club = await ground.server.buys(mina, ground.skus["club"])
        await ground.server.ends(club, ground.server.clock.now() - 1)
        assert [one.id async for one in client.entitlements()] == [club.id, pack.id]
        assert [
            one.id async for one in client.entitlements(user=discord.Object(mina.id), exclude_ended=True)
        ] == [pack.id]
        await (await client.fetch_entitlement(pack.id)).consume()
        assert (await client.fetch_entitlement(pack.id)).consumed
        await ground.server.refunds(pack)
        assert [one.id async for one in client.entitlements()] == [club.id]
        assert [one.name for one in await client.fetch_skus()] == ["pack", "gem", "club"]
        async with asyncio.timeout(PATIENCE_S):
            while len(heard) < 4:
                await asyncio.sleep(0.01)
    assert heard == [("create", pack.id), ("create", club.id), ("update", club.id, True), ("delete", pack.id)]


def test_a_product_that_discord_sells_otherwise_is_told():
    articles = {
        "1": Product(name="a", credits=1),
        "2": Product(name="b", credits=1, monthly=True),
        "3": Product(name="c", credits=1),
        "4": Product(name="d", credits=1, monthly=True),
    }
    told = problems_of(articles, {"1": 3, "2": 3, "3": 5, "4": 5})
    assert [one.split(":")[0] for one in told] == ["[products.b] shops.discord", "[products.c] shops.discord"]
    assert len(problems_of(articles, {})) == 4

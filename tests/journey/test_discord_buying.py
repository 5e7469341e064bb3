"""Credits that Discord sells: shown by its own button, given once when it tells, found again after a kill, and taken back."""

from tests.fakes.discord.market import CONSUMABLE
from tests.fakes.discord_process import house

PACK = 1_500_000_000_000_000_000


async def credits_of(server, user, channel):
    inv = await server.slash(user, channel, "easel credits", {})
    return (await inv.shows("credits.")).text


async def test_what_is_bought_is_there_once_through_a_kill_and_goes_with_its_refund(tmp_path):
    more = f'[products.pack]\ncredits = 100\nshops = {{ discord = "{PACK}" }}\n[quotas]\ndaily_allowance = 0'
    async with house(tmp_path, more=more) as (server, easel, _sim):
        pack = server.sku(CONSUMABLE, "pack", id=PACK)
        guild = await server.guild("Foxes")
        channel, mina = await server.channel(guild), server.user("mina")
        server.join(guild, mina)
        offer = await (await server.slash(mina, channel, "easel buy", {})).shows("pack")
        assert [one["sku_id"] for one in offer.controls] == [str(PACK)]
        first = await server.buys(mina, pack)
        await server.until(lambda: first.consumed)
        direct = server.dm(mina)
        await server.until(lambda: any("100 credits are yours" in one.text for one in direct.visible))
        easel.kill()
        await easel.gone()
        lost = await server.buys(mina, pack, told=False)
        await easel.start()
        await server.until(lambda: lost.consumed)
        assert "You have 200 credits" in await credits_of(server, mina, channel)
        await server.refunds(first)
        await server.until(lambda: any("went back to you" in one.text for one in direct.visible))
        assert "You have 100 credits" in await credits_of(server, mina, channel)
        assert server.violations == []

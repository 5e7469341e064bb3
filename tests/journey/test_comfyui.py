"""A ComfyUI from the order to the picture: the running program, a strict local server, real sockets."""

import asyncio

import pytest

from bot.job import State
from bot.ports import Requester
from tests.fakes.discord_process import house
from tests.fakes.patience import PATIENCE_S
from tests.fakes.services import comfyui as fake
from tests.fakes.services import ground
from tests.fakes.there import there


def section(server, **more):
    return {"comfyui": {"base_url": server.url, "api_key": fake.KEY, **more}}


@pytest.mark.parametrize("new", [True, False], ids=["a new server", "an old server"])
async def test_a_lost_answer_is_found_and_nothing_is_drawn_twice(tmp_path, new):
    async with fake.comfyui(new=new) as server:
        server.lose_answers = 2
        async with ground.running(tmp_path, providers=section(server), listens=False) as studio:
            before = await studio.credits()
            jobs = await asyncio.gather(*[studio.imagine("a red fox") for _ in range(2)])
            jobs = [await studio.over(job) for job in jobs]
            assert [job.state for job in jobs] == [State.FINISHED] * 2
            assert server.submits == 2
            assert before - await studio.credits() == 2 * 5
            assert [job.cost_usd_micros for job in jobs] == [0, 0]


async def test_a_restarted_server_is_asked_once_more(tmp_path):
    async with (
        fake.comfyui(draws=False) as server,
        ground.running(tmp_path, providers=section(server), listens=False) as studio,
    ):
        job = await studio.imagine("a red fox")
        await studio.until(job, lambda one: one.state is State.RENDERING)
        server.draws, server.running = True, None
        assert (await studio.over(job)).state is State.FINISHED
        assert server.submits == 2


async def test_who_calls_an_order_off_stops_the_run_and_keeps_the_credits(tmp_path):
    async with (
        fake.comfyui(draws=False) as server,
        ground.running(tmp_path, providers=section(server), listens=False) as studio,
    ):
        before = await studio.credits()
        job = await studio.imagine("a red fox")
        job = await studio.until(job, lambda one: one.state is State.RENDERING)
        assert there(server.running).id == job.operation
        who = Requester(surface="web", community="local", user="robin", name="Robin")
        await studio.house.studio.cancel(job.id, who)
        job = await studio.over(job)
        assert job.state is State.CANCELLED
        async with asyncio.timeout(PATIENCE_S):
            while server.running is not None:
                await asyncio.sleep(0.02)
        assert await studio.credits() == before


async def test_how_far_it_is_stands_beside_the_countdown_on_discord(tmp_path):
    """A countdown goes on by itself and needs no edit; what it can't tell is said all the same."""
    async with fake.comfyui(draws=False) as server:
        more = f'[providers.comfyui]\nbase_url = "{server.url}"\napi_key = "{fake.KEY}"'
        async with house(tmp_path, more=more) as (discord, easel, _):
            channel = await discord.channel(await discord.guild("Foxes", owner=discord.user("mina")))
            mina = channel.guild.members[channel.guild.owner_id].user
            asked = await discord.slash(
                mina, channel, "imagine", {"prompt": "a red fox", "model": "sd3.5-large"}
            )
            await easel.until(lambda: server.running is not None and server.running.client in server.sockets)
            for step in (10, 20):
                await server.step(step, 40)
                await asked.shows(f"step {step} of 40")
            await server.go()
            await asked.pictured()
            assert discord.violations == []

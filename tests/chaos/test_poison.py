"""A picture that takes the whole program along is given to two processes, and to no third."""

import tempfile
from pathlib import Path

import pytest

from bot.job import State
from tests.chaos.far_side import Chat, Painter
from tests.chaos.lives import fresh_world, job_of, live, make_template, settings_of
from tests.chaos.virtual_time import run


@pytest.fixture(scope="module")
def template():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "template.db"
        run(make_template(file))
        yield file


@pytest.mark.parametrize("model", ["slow-brush", "quick-brush"])
def test_two_processes_die_of_it_and_the_third_gives_the_credits_back(template, model):
    async def story():
        async with fresh_world(
            template.parent / "world",
            template,
            painter=Painter(honours_keys=True),
            chat=Chat(nonces=True),
            settings=settings_of("fail"),
            request=f"a red fox --model {model}",
            deadly=True,
        ) as world:
            lives = [await live(world) for _ in range(3)]
            store = await world.open_store()
            try:
                return lives, await job_of(store), await store.ledger.problems(), world.chat.messages
            finally:
                await store.aclose()

    lives, job, problems, messages = run(story())
    assert [life.life.where for life in lives] == ["a picture", "a picture", ""]
    assert (job.state, job.reason, job.captured_credits) == (State.FAILED, "failed-images", 0)
    assert problems == []
    assert [message.card.state for message in messages.values()] == [State.FAILED]


def test_a_stop_in_between_is_no_sign_against_a_picture(template):
    """A process that was killed once, and pictures that are good: nothing is held against them."""

    async def story():
        async with fresh_world(
            template.parent / "world",
            template,
            painter=Painter(honours_keys=True),
            chat=Chat(nonces=True),
            settings=settings_of("fail"),
        ) as world:
            undisturbed = await live(world)
        async with fresh_world(
            template.parent / "world",
            template,
            painter=Painter(honours_keys=True),
            chat=Chat(nonces=True),
            settings=settings_of("fail"),
            deadly=True,
        ) as world:
            await live(world)
            world.deadly = False
            life = await live(world)
            store = await world.open_store()
            try:
                return undisturbed, life, await job_of(store)
            finally:
                await store.aclose()

    undisturbed, life, job = run(story())
    assert not life.killed
    assert (job.state, job.captured_credits) == (State.FINISHED, 10)
    assert [n for n in life.life.names if "mark_seen" in n or "unmark" in n], "what was found is tried warily"
    assert [n for n in undisturbed.life.names if "mark_seen" in n] == [], "the usual way writes nothing more"

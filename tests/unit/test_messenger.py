"""Two versions side by side: what only a newer Easel can say is left to it, and nothing else waits for that."""

import pytest

from bot.jobs.messenger import LEASE_S
from bot.notices import Notice
from tests.fakes.books import run
from tests.fakes.house import open_town
from tests.fakes.reaching import Wall


@pytest.fixture
async def town(tmp_path):
    async with open_town(tmp_path) as town:
        town.wall = Wall()
        town.app.surfaces["discord"] = town.wall
        yield town


async def test_a_notice_whose_text_is_not_known_here_is_left_to_who_knows_it(town):
    ann = town.person("ann", surface="discord")
    for name, says in (("n1", "picture-of-tomorrow"), ("n2", "help-text")):
        await town.store.notices.keep(Notice(id=name, to=ann, says=says), due_at=town.clock.now_s)
    (before,) = await run(town.store, "SELECT says, tries, due_at FROM notices WHERE id = 'n1'")
    for _ in range(3):
        await town.app.messenger.tell_what_is_due()
        town.clock.now_s += LEASE_S + 1
    assert [user for user, _ in town.wall.told] == ["ann"], "the other was told, once"
    (after,) = await run(town.store, "SELECT says, tries, due_at FROM notices")
    assert after == before

    await run(town.store, "UPDATE notices SET says = 'help-text'")  # as the newer one reads it
    await town.app.messenger.tell_what_is_due()
    assert len(town.wall.told) == 2
    assert await run(town.store, "SELECT id FROM notices") == []

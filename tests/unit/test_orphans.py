"""Posts whose answer was lost: what a try leaves known, and who has to look."""

import asyncio

import pytest

from bot.orphans import Orphans
from bot.ways import Fault

NAME = "job1:main"
SPOT = ("general", "")


async def nothing_there(spot, since):
    return {}


def ended(orphans, error):
    """A post that ends so."""
    try:
        with orphans.posting(NAME):
            if error is not None:
                raise error
    except type(error):
        pass


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (Fault("cut off", doubtful=True), True),
        (asyncio.CancelledError(), True),
        (ValueError("a bug of ours"), True),
        (Fault("too many"), False),
    ],
)
def test_only_a_certain_no_leaves_nothing_to_look_for(error, lost):
    orphans = Orphans(nothing_there)
    ended(orphans, error)
    assert [orphans.may_be(NAME, unless=known) for known in (True, False)] == [lost, lost]


def test_of_what_this_process_did_not_post_only_a_first_showing_is_certain():
    orphans = Orphans(nothing_there)
    ended(orphans, Fault("too many"))
    ended(orphans, None)
    assert not orphans.may_be(NAME, unless=True)
    assert orphans.may_be(NAME, unless=False)


async def test_what_was_found_is_lost_no_more():
    async def there(spot, since):
        return {NAME: "7"}

    orphans = Orphans(there)
    ended(orphans, Fault("cut off", doubtful=True))
    assert await orphans.find(NAME, SPOT, since=0.0) == "7"
    assert not orphans.may_be(NAME, unless=True)


async def test_where_nobody_may_look_nothing_is_found_and_whoever_asks_next_does_not_look_again():
    looks = []

    async def blind(spot, since):
        looks.append(spot)

    orphans = Orphans(blind)
    assert [await orphans.find(NAME, SPOT, since=0.0) for _ in range(3)] == ["", "", ""]
    assert looks == [SPOT]

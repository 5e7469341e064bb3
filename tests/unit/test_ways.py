"""The ladder: each way once, until one is open; what nobody opens is told by the refusal that says most."""

import pytest

from bot.ways import Fault, Step, Way, by_any

STEPS = {"later": Step.STOP, "shut": Step.NEXT, "gone": Step.AWAY}


class Refusal(Fault):
    def __init__(self, word):
        self.word = word
        super().__init__(word)


class Ladder:
    """Ways that answer as they are told: a word of STEPS refuses, anything else is what was done."""

    def __init__(self):
        self.tried = []

    def way(self, answer, place=""):
        async def go():
            self.tried.append(answer)
            if answer in STEPS:
                raise Refusal(answer)
            return answer

        return Way(go, place)

    async def climb(self, *ways):
        return await by_any(ways, Refusal, lambda fault: STEPS[fault.word])


@pytest.fixture
def ladder():
    return Ladder()


async def test_the_first_open_way_is_taken_and_no_other(ladder):
    done = await ladder.climb(ladder.way("shut"), ladder.way("edited"), ladder.way("sent"))
    assert (done, ladder.tried) == ("edited", ["shut", "edited"])


async def test_a_closed_place_is_not_tried_again_and_another_is(ladder):
    ways = [ladder.way("gone", "here"), ladder.way("posted", "here"), ladder.way("sent", "there")]
    assert await ladder.climb(*ways) == "sent"
    assert ladder.tried == ["gone", "sent"]


async def test_what_is_nowhere_closes_nothing(ladder):
    assert await ladder.climb(ladder.way("gone"), ladder.way("sent")) == "sent"


async def test_what_comes_later_ends_the_search(ladder):
    with pytest.raises(Refusal, match="later"):
        await ladder.climb(ladder.way("shut"), ladder.way("later"), ladder.way("sent"))
    assert ladder.tried == ["shut", "later"]


@pytest.mark.parametrize(
    ("answers", "told"), [(["shut", "gone", "shut"], "gone"), (["gone"], "gone"), (["shut", "shut"], "shut")]
)
async def test_where_no_way_is_open_the_closed_place_tells_most(ladder, answers, told):
    with pytest.raises(Refusal, match=told):
        await ladder.climb(*(ladder.way(one, f"place {n}") for n, one in enumerate(answers)))
    assert ladder.tried == answers


async def test_what_is_no_refusal_of_the_platforms_is_nobodys_way(ladder):
    async def breaks():
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="bug"):
        await ladder.climb(Way(breaks), ladder.way("sent"))
    assert ladder.tried == []

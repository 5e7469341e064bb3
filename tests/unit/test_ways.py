"""The ladder: each way once, until one is open; what nobody opens is told by the refusal that says most."""

import pytest

from bot.errors import ShowFailure, SurfaceError
from bot.ways import Fault, Step, Way, by_any, troubles

KINDS = {"later": ShowFailure.LATER, "shut": ShowFailure.FORBIDDEN, "gone": ShowFailure.GONE}


class Refusal(Fault):
    def __init__(self, word):
        self.word = word
        super().__init__(word)

    @property
    def kind(self):
        return KINDS[self.word]


class Ladder:
    """Ways that answer as they are told: a word of KINDS refuses, anything else is what was done."""

    def __init__(self):
        self.tried = []

    def way(self, answer, place=""):
        async def go():
            self.tried.append(answer)
            if answer in KINDS:
                raise Refusal(answer)
            return answer

        return Way(go, place)

    async def climb(self, *ways):
        return await by_any(ways)


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


async def test_a_surface_may_go_on_where_its_table_would_stop(ladder):
    ways = [ladder.way("later"), ladder.way("sent")]
    assert await by_any(ways, lambda _: Step.NEXT) == "sent"


@pytest.mark.parametrize("doubtful", [True, False])
def test_without_a_table_what_may_have_been_done_comes_later_and_a_plain_no_goes_another_way(doubtful):
    fault = Fault("no", doubtful=doubtful)
    assert (fault.kind, fault.step) == (
        (ShowFailure.LATER, Step.STOP) if doubtful else (ShowFailure.FORBIDDEN, Step.NEXT)
    )


@pytest.mark.parametrize("word", KINDS)
def test_a_refusal_is_a_trouble_of_the_surface_with_its_rest(word):
    refusal = Refusal(word)
    refusal.retry_after_s = 7.0
    with pytest.raises(SurfaceError) as caught, troubles():
        raise refusal
    assert (caught.value.kind, caught.value.retry_after_s) == (KINDS[word], 7.0)

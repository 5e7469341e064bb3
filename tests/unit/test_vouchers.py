"""Codes as they are typed, how often they may be tried, and gifts by a community's rules."""

import random

import pytest

from bot.community.rulebook import Rulebook
from bot.credits import vouchers
from bot.credits.vouchers import TRIES_AN_HOUR, Vouchers, digest_of, looks_like_code
from bot.errors import BadPrompt, NotAllowed, Refusal
from bot.ports import Requester
from bot.rules.rules import Rules
from bot.store import open_store
from bot.store.codes import Batch
from tests.fakes.books import run

ANN = Requester(surface="slack", community="club", user="ann")
BOB = Requester(surface="slack", community="club", user="bob")
BATCH = Batch(name="summer", credits=50, per_person=100)


class Settled(Rulebook):
    """A community's rules, as they are said here."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    async def of(self, who: Requester) -> Rules:
        return self.rules


@pytest.fixture
async def house(tmp_path):
    store = await open_store(f"sqlite:///{tmp_path}/easel.db")
    yield Vouchers(store, Settled(Rules(gifts=40))), store
    assert await store.ledger.problems() == []
    await store.aclose()


async def refusal_of(act) -> str:
    with pytest.raises(Refusal) as refused:
        await act
    return refused.value.reason


def test_a_code_is_the_same_however_it_is_typed(seed):
    rng = random.Random(seed)
    for _ in range(300):
        code = vouchers._fresh()
        typed = "".join(rng.choice((letter, letter.lower())) for letter in code)
        typed = typed.replace("0", rng.choice("0Oo")).replace("1", rng.choice("1IiLl"))
        typed = rng.choice((typed, typed.replace("-", ""), typed.replace("-", " "), typed[len("EASEL-") :]))
        assert digest_of(f" {typed}\n") == digest_of(code)
        assert looks_like_code(typed)
    assert len({digest_of(vouchers._fresh()) for _ in range(1000)}) == 1000
    assert not [text for text in ("", "EASEL", "a fox", "EASEL-1234", "1" * 17) if looks_like_code(text)]


async def test_codes_are_made_redeemed_and_kept_as_digests_alone(house):
    made, store = house
    first, second = await made.make(BATCH, 2, actor=ANN)
    got = await made.redeem(ANN, first.lower())
    assert (got.credits, got.again, got.lapses_at) == (50, False, None)
    assert (await made.redeem(ANN, first)).again
    assert await refusal_of(made.redeem(BOB, first)) == "code-used"
    assert await refusal_of(made.redeem(BOB, "EASEL-0000-0000-0000-0000")) == "code-unknown"
    assert await refusal_of(made.redeem(BOB, "please")) == "code-unknown"
    assert await store.codes.find(second) is None


async def test_credits_of_a_code_may_last_for_a_time(house):
    made, store = house
    (code,) = await made.make(Batch(name="short", credits=5, per_person=1, lasts_s=86_400), 1, actor=ANN)
    got = await made.redeem(ANN, code)
    assert 86_400 <= got.lapses_at - store.now() <= 86_400 + 3600
    assert (await made.redeem(ANN, code)).lapses_at == got.lapses_at


async def test_so_many_tries_an_hour_and_words_that_are_no_code_count_for_none(house):
    made, store = house
    (code,) = await made.make(BATCH, 1, actor=ANN)
    for number in range(TRIES_AN_HOUR):
        assert await refusal_of(made.redeem(ANN, f"{number:016d}")) == "code-unknown"
        assert await refusal_of(made.redeem(ANN, "hello")) == "code-unknown"
    assert await refusal_of(made.redeem(ANN, code)) == "code-too-often"
    await store.codes.prune_tries(now=store.now())
    assert await refusal_of(made.redeem(ANN, code)) == "code-too-often"
    await store.codes.prune_tries(now=store.now() + 3600)
    assert await run(store, "SELECT id FROM meters WHERE id LIKE 'code-tries:%'") == []
    assert (await made.redeem(BOB, code)).credits == 50


async def test_gifts_follow_the_communitys_rule(house):
    made, _ = house
    (code,) = await made.make(BATCH, 1, actor=ANN)
    await made.redeem(ANN, code)
    assert await made.give(ANN, BOB, 30, memo="thanks", key="k")
    assert not await made.give(ANN, BOB, 30, memo="thanks", key="k")
    assert await refusal_of(made.give(ANN, BOB, 11, memo="", key="k2")) == "gift-too-much"
    assert await refusal_of(made.give(BOB, ANN, 31, memo="", key="k")) == "gift-too-little"
    assert await refusal_of(made.give(ANN, ANN, 1, memo="", key="k3")) == "gift-to-oneself"
    assert await refusal_of(made.give(ANN, BOB, 0, memo="", key="k4")) == "amount-bad"
    made._rulebook.rules = Rules()
    assert await refusal_of(made.give(ANN, BOB, 1, memo="", key="k5")) == "gifts-off"


async def test_a_batch_has_bounds(house):
    made, _ = house
    for count in (0, vouchers.CODES_MOST + 1):
        assert await refusal_of(made.make(BATCH, count, actor=ANN)) == "amount-bad"
    with pytest.raises((BadPrompt, NotAllowed)):
        await made.redeem(ANN, "")

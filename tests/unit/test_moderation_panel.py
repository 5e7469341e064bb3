"""Laws of the panel and the policy: the most severe wins, and silence is never taken for a yes."""

import asyncio
import inspect
import random
import sys
from functools import cached_property
from typing import ClassVar

import pytest

from bench.hostile import hostile
from bot.community.conduct import paused_until, policy_for
from bot.errors import BadPrompt, ProviderError, Reached
from bot.moderation.asking import things
from bot.moderation.asking.leaving import whole_text
from bot.moderation.checks import LexiconCheck, OwnWords, build_ahead
from bot.moderation.lexicon import lexicon
from bot.moderation.panel import LONGEST, Panel
from bot.moderation.reading.terms import expand
from bot.moderation.tongues import pages
from bot.order.prompts import PROMPT_LIMIT
from bot.ports import Policy, Severity, Verdict
from bot.rules.rules import Rules
from tests.chaos.virtual_time import run
from tests.fakes.patience import PATIENCE_S

WORDS = LexiconCheck(lexicon.load())
STRICT, STANDARD, RELAXED = (Policy(level=level) for level in ("strict", "standard", "relaxed"))
REFUSED = Verdict(severity=Severity.REFUSE, category="violence", layer="remote")
WITHHELD = Verdict(severity=Severity.WITHHOLD, category="sexual", layer="eye", strike=False)
SPOILER = Verdict(severity=Severity.SPOILER, category="sexual", layer="eye")


class Layer:
    """A remote layer that answers as told: with a verdict, an exception, or after a while."""

    local = False

    def __init__(self, answer, name="remote", delay_s=0.0):
        self.name, self._answer, self._delay_s = name, answer, delay_s
        self.policies = []

    async def judge_prompt(self, prompt, policy):
        await asyncio.sleep(self._delay_s)
        self.policies.append(policy)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    async def judge_image(self, image, prompt, policy):
        return await self.judge_prompt(prompt, policy)


def panel(*layers, images=(), timeout_s=0.05):
    return Panel(
        [WORDS, OwnWords(), *layers],
        image_checks=images,
        words=WORDS,
        timeout_s=timeout_s,
    )


async def test_local_layers_answer_at_once_and_together():
    found = await panel().judge_now("a naked pineapple woman", Policy(blocked_words=("pineapple",)))
    assert (found.verdict.severity, found.verdict.category) == (Severity.REFUSE, "sexual")
    assert {"lexicon", "own_words"} == {note.layer for note in found.notes}


async def test_a_long_text_is_judged_beside_the_loop_and_never_let_pass_for_being_long():
    """Others go on meanwhile, and no time is up for it."""
    words = ("a red fox, n4k3d, " * PROMPT_LIMIT)[: PROMPT_LIMIT - 6] + " child"
    judging = asyncio.create_task(panel(timeout_s=1e-9).judge_now(words, RELAXED))
    turns = 0
    while not judging.done():
        await asyncio.sleep(0)
        turns += 1
    verdict = (await judging).verdict
    assert (turns > 1, Severity.REFUSE, "minors") == (True, verdict.severity, verdict.category)
    assert await panel().speaks_of_young(words)


async def test_what_is_longer_than_an_order_can_be_is_refused_unread_and_without_a_strike():
    asked = Layer(Verdict())
    asked.local = True
    texts = dict(hostile(lexicon.load(), random.Random(1)))
    texts["one letter too many"] = "a" * (PROMPT_LIMIT + 1)
    for text in texts.values():
        with pytest.raises(BadPrompt, match="prompt-too-long"):
            await panel(asked).judge_now(text, STRICT)
    with pytest.raises(BadPrompt, match="prompt-too-long"):
        await panel(asked).judge_now("a fox", STRICT, negative="dress, " * PROMPT_LIMIT)
    assert asked.policies == []


async def test_the_longest_order_is_read_to_its_end():
    """With clothes that are left away, which are said twice, and once more in their language."""
    prompt = "a fox, " * 200 + "child"
    negative = ("shirt, dress, " * PROMPT_LIMIT)[: PROMPT_LIMIT - len(prompt)]
    verdict = (await panel().judge_now(prompt, RELAXED, negative=negative)).verdict
    assert (verdict.severity, verdict.category) == (Severity.REFUSE, "minors")
    assert len(max(map(whole_of, clothes()), key=len)) <= LONGEST


def whole_of(negative):
    return whole_text("", negative)


def clothes():
    """As many different clothes as an order can leave away, of each language, the shortest first."""
    every = sorted(
        {form for page in pages.pages() for line in page.get("clothes", ()) for form in expand([line])},
        key=len,
    )
    yield ",".join(every)[:PROMPT_LIMIT]
    yield ",".join(form for form in every for _ in range(40))[:PROMPT_LIMIT]


async def test_the_words_of_several_texts_meet_for_the_rule_on_minors_alone():
    for texts in (
        ("naked", "a child in a garden"),
        ("femme nue", "a fox", "portrait d'un enfant"),
        ("n4k3d", "초등학생"),
    ):
        verdict, young = await panel().judge_together(texts, RELAXED)
        assert (verdict.severity, verdict.category, verdict.strike, young) == (
            Severity.REFUSE,
            "minors",
            False,
            True,
        )
    for texts in (("a knife in the head", "blood"), ("a naked woman", "a red fox"), ("no nudity", "a child")):
        verdict, _ = await panel().judge_together(texts, STRICT)
        assert verdict == Verdict(), texts


async def test_clothes_that_an_order_leaves_away_meet_the_young_of_its_pictures():
    verdict, _ = await panel().judge_together(("portrait", "a child"), RELAXED, negative="dress, shirt")
    assert verdict.category == "minors"


async def test_a_word_that_is_allowed_as_it_was_misread_is_no_word_of_the_young_beside_other_texts():
    texts = ("naked woman", "the brand l0l1")
    assert (await panel().judge_together(texts, STANDARD))[0].category == "minors"
    allowed = Policy(allowed_words=("l0l1",))
    assert (await panel().judge_together(texts, allowed))[0] == Verdict()


class Counting(LexiconCheck):
    """The same check, which notes what it reads."""

    texts: ClassVar[list[str]] = []

    def told(self, prompt, policy):
        self.texts.append(prompt)
        return super().told(prompt, policy)


async def test_a_long_line_of_pictures_is_read_text_by_text_and_each_once():
    """However many words stand behind a picture, others have a turn between two of them."""
    words = Counting(lexicon.load())
    longest = [f"{place} {'a red fox, ' * 360}" for place in range(16)]
    texts = ["naked child", *longest, *longest]
    verdict, young = await Panel([words], words=words).judge_together(texts, RELAXED)
    assert (verdict.category, young, len(words.texts)) == ("minors", True, 17)


def test_no_table_of_disguises_is_left_for_the_first_texts_to_build():
    check = LexiconCheck(lexicon._load())
    assert not all(_tables_of(check).values())
    build_ahead(check).result()
    tables = _tables_of(check)
    assert {name for name, built in tables.items() if not built} == set()
    assert things._slips_of.cache_info().currsize == 1
    assert {"_starred", "_terms", "_swapped", "_segments"} <= tables.keys()


def test_no_table_of_excuses_is_left_for_the_first_texts_to_build():
    """Such a one is a regular expression of thousands of words, or a list of them: it would hold the loop for 160 ms."""
    check = LexiconCheck(lexicon._load())
    cached = dict(_cached())
    for made in cached.values():
        made.cache_clear()
    tables = {name: made for name, made in cached.items() if not inspect.signature(made).parameters}
    build_ahead(check).result()
    assert {name for name, table in tables.items() if not table.cache_info().currsize} == set()
    assert {
        "bot.moderation.asking.vintages._vintage",
        "bot.moderation.asking.textbooks._patterns",
    } <= tables.keys()


def _cached():
    """What moderation works out once, and keeps."""
    for name, module in list(sys.modules.items()):
        if name.startswith("bot.moderation"):
            for own, made in vars(module).items():
                if (
                    hasattr(made, "cache_clear")
                    and made.__module__ == name
                    and own not in ("load", "readers")
                ):
                    yield f"{name}.{own}", made


def _tables_of(whole: object) -> dict[str, bool]:
    """The tables that are built when first asked for, in all that moderation is made of; and whether they are."""
    seen, left = set[int](), [whole]
    found: dict[str, bool] = {}
    while left:
        one = left.pop()
        one = getattr(one, "__self__", one)
        if id(one) in seen or not type(one).__module__.startswith("bot.moderation"):
            continue
        seen.add(id(one))
        lazy = [name for name, value in vars(type(one)).items() if isinstance(value, cached_property)]
        found |= {name: name in one.__dict__ for name in lazy}
        left += getattr(one, "__dict__", {}).values()
    return found


async def test_a_plain_yes_leaves_no_notes():
    found = await panel().judge_now("a red fox", STRICT)
    assert (Verdict(), ()) == (found.verdict, found.notes)


@pytest.mark.parametrize(
    ("prompt", "negative"),
    [
        ("a woman", "clothes"), ("a child", "clothes"), ("a woman", "hat, dress, bra"), ("a man", "underwear"),
        ("child", "swimsuit, clothes, underwear"), ("a naked woman", "clouds"), ("a woman", "people, c l o t h e s"),
    ],
)  # fmt: skip
async def test_clothes_left_away_are_asked_to_be_off(prompt, negative):
    found = await panel().judge_now(prompt, STANDARD, negative=negative)
    assert Severity.REFUSE is found.verdict.severity


@pytest.mark.parametrize(
    ("prompt", "negative"),
    [
        ("a fox", "nude"), ("children playing in a park", "nsfw"), ("a girl", "nudity, naked"), ("a cat on a sofa", "nsfw"),
        ("a portrait", "mutilated, bad anatomy, blood, extra limbs"), ("a red fox", "clothes"), ("a woman in a coat", "hat"),
    ],
)  # fmt: skip
async def test_what_else_shall_not_be_shown_is_not_asked_for(prompt, negative):
    found = await panel().judge_now(prompt, STRICT, negative=negative)
    assert Severity.ALLOW is found.verdict.severity


async def test_the_most_severe_remote_verdict_wins_and_all_are_noted():
    found = await panel(Layer(SPOILER), Layer(REFUSED), Layer(Verdict())).screen("x", STANDARD)
    assert (found.verdict, len(found.notes)) == (REFUSED, 2)


async def test_remote_layers_are_asked_at_once():
    """None answers before all were asked: one after the other they would be down."""
    together = asyncio.Barrier(20)

    class Waiting(Layer):
        async def judge_prompt(self, prompt, policy):
            await together.wait()
            return await super().judge_prompt(prompt, policy)

    layers = [Waiting(Verdict()) for _ in range(20)]
    found = await panel(*layers, timeout_s=PATIENCE_S / 2).screen("x", STANDARD)
    assert found.notes == ()
    assert all(layer.policies == [STANDARD] for layer in layers)


TROUBLES = {
    "down": Layer(ProviderError("down", reached=Reached.NO)),
    "slow": Layer(Verdict(), delay_s=30),
    "broken": Layer(KeyError("bug")),
    "lying": Layer({"flagged": False}),
    "silent": Layer(None),
}


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize(
    ("policy", "severity"),
    [
        (STRICT, Severity.REFUSE),
        (STANDARD, Severity.ALLOW),
        (RELAXED, Severity.ALLOW),
        (Policy(level="strict", when_unavailable="allow"), Severity.ALLOW),
        (Policy(level="relaxed", when_unavailable="refuse"), Severity.REFUSE),
    ],
)
async def test_a_layer_that_gives_no_answer_is_noted_and_the_policy_decides(trouble, policy, severity):
    prompts = await panel(TROUBLES[trouble]).screen("x", policy)
    images = await panel(images=[TROUBLES[trouble]]).judge_image(b"", "a fox", policy)
    for found in (prompts, images):
        assert (severity, "unavailable", False) == (
            found.verdict.severity, found.notes[0].category, found.notes[0].strike,
        )  # fmt: skip


async def test_a_real_refusal_is_named_before_an_outage():
    found = await panel(TROUBLES["down"], Layer(REFUSED)).screen("x", STRICT)
    assert (found.verdict.category, len(found.notes)) == ("violence", 2)


async def test_a_cancelled_screen_is_cancelled_not_unavailable():
    task = asyncio.create_task(panel(Layer(Verdict(), delay_s=30), timeout_s=60).screen("x", STANDARD))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_withheld_picture_blames_nobody():
    found = await panel(images=[Layer(WITHHELD)]).judge_image(b"", "a woman", STANDARD)
    assert (found.verdict.severity, found.verdict.strike) == (Severity.WITHHOLD, False)


@pytest.mark.parametrize("answer", [WITHHELD, SPOILER])
@pytest.mark.parametrize("prompt", ["a child at the beach", "여고생", "s c h o o l g i r l"])
async def test_a_sexual_picture_of_a_prompt_that_names_youth_is_refused_at_every_level(answer, prompt):
    eye = Layer(answer)
    found = await panel(images=[eye]).judge_image(b"", prompt, RELAXED)
    assert (found.verdict.severity, found.verdict.category) == (Severity.REFUSE, "minors")
    assert not any(note.counts for note in found.notes), (
        "the words were innocent, and nobody is blamed for a picture"
    )
    assert [policy.level for policy in eye.policies] == ["strict"]


# ── Policy ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("level", "relaxed_there", "age_restricted", "expected"),
    [
        ("strict", False, False, "strict"),
        ("strict", False, True, "strict"),
        ("strict", True, False, "strict"),
        ("strict", True, True, "relaxed"),
        ("standard", False, True, "standard"),
        ("standard", True, False, "standard"),
        ("standard", True, True, "relaxed"),
        ("relaxed", False, False, "standard"),
        ("relaxed", False, True, "relaxed"),
        ("relaxed", True, False, "standard"),
    ],
)
def test_only_an_age_restricted_channel_may_be_relaxed(level, relaxed_there, age_restricted, expected):
    rules = Rules(level=level, relaxed_where_age_restricted=relaxed_there)
    assert expected == policy_for(rules, age_restricted=age_restricted).level


def test_a_policy_takes_over_what_the_community_says():
    rules = Rules(
        blocked_words=("x",), allowed_words=("y",), art_nudity=True, real_people=False, insults=False
    )
    policy = policy_for(rules, age_restricted=False)
    assert (
        policy.blocked_words, policy.allowed_words, policy.art_nudity, policy.real_people, policy.insults,
    ) == (("x",), ("y",), True, False, False)  # fmt: skip


PAUSING = Rules(strikes=3, strikes_window_s=100, pause_s=60)


@pytest.mark.parametrize(
    ("struck_at", "now", "until"),
    [
        ([], 0, None),
        ([10, 20], 21, None),
        ([10, 20, 30], 31, 90),
        ([30, 10, 20], 31, 90),
        ([10, 20, 30], 90, None),
        ([10, 20, 111], 112, None),
        ([10, 20, 30, 40], 41, 100),
        ([10, 20, 30, 500], 501, None),
    ],
)
def test_a_person_is_paused_when_enough_strikes_fall_into_one_window(struck_at, now, until):
    assert until == paused_until(struck_at, PAUSING, now=now)


def test_a_community_may_have_no_strikes_at_all():
    assert None is paused_until([1, 1, 1], Rules(strikes=0), now=1)


# ── Local layers of somebody else ────────────────────────────────────────────────────────────────────


class Near(Layer):
    """The same, before accept."""

    local = True


async def test_a_local_layer_of_somebody_else_speaks_beside_our_own_and_is_not_asked_again():
    near = Near(REFUSED)
    both = panel(near)
    found = await both.judge_now("a red fox", STANDARD)
    assert (found.verdict, len(near.policies)) == (REFUSED, 1)
    assert (await both.screen("a red fox", STANDARD)).verdict == Verdict()
    assert (len(near.policies), both.screens) == (1, False)


async def test_a_remote_layer_is_not_asked_before_accept():
    far = Layer(REFUSED)
    assert (await panel(far).judge_now("a red fox", STANDARD)).verdict == Verdict()
    assert (far.policies, panel(far).screens) == ([], True)


class Sudden:
    """Not even a coroutine: it raises where it is called."""

    name, local = "sudden", True

    def judge_prompt(self, prompt, policy):
        raise KeyError(prompt)


@pytest.mark.parametrize(
    "layer",
    [
        Near(ProviderError("down", reached=Reached.NO)),
        Near(Verdict(), delay_s=30),
        Near(KeyError("bug")),
        Near({"flagged": False}),
        Sudden(),
    ],
    ids=["down", "slow", "broken", "lying", "sudden"],
)
def test_a_local_layer_that_gives_no_answer_soon_is_noted_and_the_level_decides(layer):
    async def judged(policy):
        began = asyncio.get_running_loop().time()
        found = await panel(layer, timeout_s=60).judge_now("a fox", policy)
        return found, asyncio.get_running_loop().time() - began

    (strict, took_s), (standard, _) = run(judged(STRICT)), run(judged(STANDARD))
    assert took_s <= 0.25
    assert (strict.verdict.severity, standard.verdict.severity) == (Severity.REFUSE, Severity.ALLOW)
    assert [(n.layer, n.category, n.strike) for n in standard.notes] == [(layer.name, "unavailable", False)]


class Tried(Layer):
    """A layer that can say how it is."""

    async def check(self):
        return await self.judge_prompt("", STANDARD)


async def test_the_check_tells_of_every_outside_layer_once_how_it_is():
    both = Tried((True, "answered in 0.1 s", ""), "both")
    layers = [
        both,
        Layer(None, "mute"),
        Tried(ProviderError("no route", reached=Reached.NO), "down"),
        Tried(None, "slow", delay_s=1),
    ]
    found = {health.name: health for health in await panel(*layers, images=(both,)).check()}
    assert {name: health.ok for name, health in found.items()} == {
        "both": True,
        "mute": True,
        "down": False,
        "slow": False,
    }
    assert all(health.fix for health in found.values() if not health.ok)
    assert await panel().check() == []
    assert await panel(Near(None)).check() == []


async def test_a_local_layer_that_can_be_tried_is_tried():
    class Ready(Tried):
        local = True

    assert [health.name for health in await panel(Ready((True, "", ""), "near")).check()] == ["near"]

"""A card for every state, in both languages: what is said, what can be pressed, and nothing of the operator's."""

import json
from dataclasses import replace

import pytest

from bot.cards.jobs import PROMPT_SHOWN, Hints, card_of, seconds_of
from bot.job import Asset, Job, Message, State
from bot.model import Order, Source, Use, Where
from bot.ports import MAIN, Address, Do, Pick, Requester
from bot.words.words import Words
from integrations.discord import cards as discord
from integrations.slack import cards as slack
from integrations.web import cards as web

WORDS = Words("en")
LIVE = [State.ACCEPTED, State.CLEARED, State.SUBMITTING, State.RENDERING]
BAD_ENDS = [State.REFUSED, State.FAILED, State.WITHHELD, State.CANCELLED]


def picture(index, role="image"):
    return Asset(key=f"k{role}{index}", role=role, index=index, width=8, height=8, size_bytes=9)


def job_of(state, *, images=0, language="en", **more):
    assets = tuple(picture(n) for n in range(1, images + 1))
    if images > 1:
        assets += (picture(0, "sheet"),)
    facts = {
        "id": "job", "version": 3, "state": state, "created_at": 100.0, "deadline_at": 700.0, "due_at": 100.0,
        "requester": Requester(surface="s", community="c", user="u", name="Ann", language=language),
        "order": Order(provider="p", model="maker/fine-brush", prompt="a fox", subject="a fox", credits_each=5, images=max(1, images)),
        "assets": assets, "ended_at": 112.4 if state.ended else None, "detail": "sk-secret 500 at host",
        "captured_credits": 5 * images if state.ended else None, "submitted_at": 101.0,
        "reason": {"failed": "failed-provider", "refused": "refused-provider", "withheld": "withheld"}.get(str(state), ""),
    }  # fmt: skip
    return Job(**(facts | more))


def card(job, role=MAIN, gone=False, **hints):
    message = Message(job="job", role=role, address=Address(surface="s"), gone=gone)
    return card_of(job, message, WORDS, Hints(**hints))


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    ("reason", "ours"),
    [
        ("refused-sexual", True),
        ("refused-input-minors", True),
        ("refused-provider", False),
        ("refused-unavailable", False),
        ("refused-input-unavailable", False),
    ],
)
def test_what_a_check_of_ours_refused_says_how_to_appeal(reason, ours, language):
    made = card(job_of(State.REFUSED, reason=reason, language=language))
    assert (Do.APPEAL in [action.do for action in made.actions]) is ours
    label = WORDS.say("button-appeal", language)
    assert (label in made.sentence) is ours


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("state", list(State), ids=str)
def test_every_state_has_a_headline_facts_and_labelled_buttons_in_every_language(state, language):
    made = card(job_of(state, images=1 if state is State.FINISHED else 0, language=language), usual_s=12.0)
    assert made.headline
    assert made.state == state
    assert made.facts[0][1] == "fine-brush"
    assert all(action.label for action in made.actions)
    assert made.actions
    said = repr(made)
    assert "sk-secret" not in said
    assert "{" not in made.headline + made.sentence
    assert bool(made.sentence) is (state in BAD_ENDS)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Tell me when it is done"), ("ko", "완성되면 알려 줘")]
)
def test_the_wish_to_be_told_is_a_button_with_the_same_words_on_every_surface(language, words):
    made = card(job_of(State.CLEARED, language=language))
    shown = (
        discord.message_of(made),
        slack.message_of(made, slack.Face(), lambda message_id: message_id),
        web.view_of(made, message="m", author="a", posted_at=1.0, typed="a fox", link=lambda *_: ""),
    )
    for body in shown:
        assert f'"{words}"' in json.dumps(body, ensure_ascii=False)


def test_a_service_that_does_not_answer_is_said_and_nothing_is_promised():
    waits = job_of(State.CLEARED, tries=1)
    for job in (waits, replace(waits, state=State.SUBMITTING)):
        made = card(job, usual_s=20.0)
        assert "doesn't answer" in made.headline
        assert made.ready_at is None
    assert card(replace(waits, state=State.RENDERING, operation="op"), usual_s=20.0).ready_at == 121


@pytest.mark.parametrize("state", LIVE, ids=str)
def test_what_goes_on_can_be_cancelled_or_be_told_of_and_nothing_else(state):
    assert [a.do for a in card(job_of(state)).actions] == [Do.CANCEL, Do.TELL]


@pytest.mark.parametrize("state", LIVE, ids=str)
def test_who_will_be_told_reads_it_on_the_card_and_need_not_ask_again(state):
    made = card_of(job_of(state), Message(job="job", address=Address(surface="s"), tell=True), WORDS, Hints())
    assert [a.do for a in made.actions] == [Do.CANCEL]
    assert (WORDS.say("label-tell"), WORDS.say("tell-value")) in made.facts
    assert made.tells


def test_each_flag_that_is_shown_has_its_own_label():
    order = replace(
        job_of(State.CLEARED).order,
        parameters={"aspect_ratio": "16:9", "quality": "high", "background": "transparent", "seed": 7},
    )
    facts = dict(card(job_of(State.CLEARED, order=order)).facts)
    assert [facts[label] for label in ("Shape", "Quality", "Background")] == ["16:9", "high", "transparent"]
    assert "7" not in facts.values()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_cancel_is_said_once(language):
    made = card(job_of(State.CANCELLED, reason="cancelled", language=language))
    assert made.headline not in made.sentence


@pytest.mark.parametrize("state", BAD_ENDS, ids=str)
def test_a_bad_end_says_why_and_offers_another_try(state):
    made = card(job_of(state))
    assert (made.phase, made.pictures) == ("over", ())
    assert [a.do for a in made.actions] == [Do.RETRY, Do.REMIX]


def test_who_waits_sees_the_place_in_line_and_who_is_painted_when_it_will_usually_be_done():
    assert "7" in card(job_of(State.CLEARED), place=7).headline
    painting = card(job_of(State.RENDERING), usual_s=12.0)
    assert (painting.phase, painting.ready_at, painting.usual_s) == ("painting", 113, 12.0)
    assert card(job_of(State.RENDERING)).ready_at is None


def test_several_pictures_are_shown_as_one_sheet_with_a_pick_for_each():
    made = card(job_of(State.FINISHED, images=4))
    assert [p.key for p in made.pictures] == ["ksheet0"]
    assert len(made.originals) == 4
    assert [a.index for a in made.actions if a.do is Do.PICK] == [1, 2, 3, 4]
    single = card(job_of(State.FINISHED, images=1))
    assert [p.key for p in single.pictures] == ["kimage1"]
    assert Do.PICK not in [a.do for a in single.actions]


def test_a_pick_shows_its_picture_alone():
    made = card(job_of(State.FINISHED, images=4), role=Pick(3))
    assert [p.key for p in made.pictures] == ["kimage3"]
    assert [a.do for a in made.actions] == [Do.ORIGINAL, Do.FAVOURITE, Do.SEND, Do.DELETE]
    assert {a.index for a in made.actions if a.do is not Do.DELETE} == {3}


ONWARD = [Do.EDIT, Do.VARY, Do.UPSCALE]


@pytest.mark.parametrize(
    ("images", "role", "offered"),
    [(1, MAIN, ONWARD), (4, MAIN, [Do.VARY] * 4 + [Do.EDIT]), (4, Pick(3), ONWARD)],
    ids=["one", "several", "a pick"],
)
def test_every_picture_can_be_gone_on_from_where_a_model_does_that(images, role, offered):
    """Of several, Edit asks which, and each has its Vary; Upscale stands where there is no doubt."""
    job = job_of(State.FINISHED, images=images)
    assert [a.do for a in card(job, role, edits=True, upscales=True).actions if a.do in ONWARD] == offered
    assert not [a.do for a in card(job, role).actions if a.do in ONWARD]
    edits = [a.do for a in card(job, role, edits=True).actions]
    assert Do.EDIT in edits
    assert Do.UPSCALE not in edits


def test_the_buttons_of_four_pictures_have_room_on_every_platform():
    """Discord has five rows of five, Slack 25 elements."""
    made = card(job_of(State.FINISHED, images=4), edits=True, upscales=True)
    assert len(made.actions) <= 20
    (_, *rows) = discord.message_of(made)["components"]
    assert sum(len(row["components"]) for row in rows) == len(made.actions) - 4


def test_a_picture_says_from_what_it_came_and_by_which_seed():
    sources = (
        Source(where=Where.OURS, ref="a/1"),
        Source(where=Where.ATTACHED, ref="b", surface="s"),
        Source(where=Where.UPLOAD, ref="c", use=Use.STYLE),
    )
    order = replace(job_of(State.FINISHED).order, sources=sources, inputs=3)
    facts = dict(card(job_of(State.FINISHED, images=1, order=order, seed=77)).facts)
    assert facts["Made from"] == "2 pictures that were given"
    assert facts["Style from"] == "a picture that was given"
    assert facts["Seed"] == "--seed 77"
    ours = replace(order, sources=sources[:1])
    assert (
        dict(card(job_of(State.FINISHED, images=2, order=ours), Pick(2)).facts)["Made from"]
        == "a picture of Easel's"
    )
    assert "Seed" not in dict(card(job_of(State.FINISHED, images=1)).facts)


def test_what_is_deleted_is_gone_and_offers_nothing():
    assert card(job_of(State.FINISHED, deleted=True)).gone
    made = card(job_of(State.FINISHED, images=1), gone=True)
    assert (made.gone, made.actions) == (True, ())


def test_a_part_of_what_was_asked_is_said_with_its_price():
    order = Order(provider="p", model="m", prompt="x", subject="x", credits_each=5, images=4)
    made = card(job_of(State.FINISHED, images=3, order=order, reason="partial"))
    assert "3" in made.sentence
    assert "4" in made.sentence
    assert "15" in [value for _, value in made.facts]


def test_a_spoiler_of_the_order_or_of_a_check_is_one():
    assert card(job_of(State.FINISHED, spoiler=True)).spoiler
    assert not card(job_of(State.FINISHED)).spoiler


def test_an_unknown_reason_becomes_the_general_sentence_and_long_prompts_are_cut():
    assert card(job_of(State.FAILED, reason="no-such-id")).sentence == WORDS.say("failed", "en")
    long = Order(provider="p", model="m", prompt="x", subject="x" * 1000, credits_each=5)
    assert len(card(job_of(State.ACCEPTED, order=long)).prompt) == PROMPT_SHOWN


def test_a_job_takes_at_least_a_second():
    assert seconds_of(job_of(State.FINISHED, ended_at=100.1)) == 1
    assert seconds_of(job_of(State.FINISHED)) == 12

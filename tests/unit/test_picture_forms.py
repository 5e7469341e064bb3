"""Forms that take pictures, and orders that begin with them: which model, which words, and whose picture."""

import itertools
from typing import Any

import pytest

from bot.errors import BadInputs, NotThere
from bot.job import Placed
from bot.model import Source, Use, Where
from bot.ports import Do, Pick, Place
from bot.talk.answers import FieldKind, Form, Lines, Note
from bot.talk.deeds import Asked, Begun, Filled, Held, Pressed, Spoken, Topic, begun
from tests.fakes.house import Town, open_town

PLAIN, TAKES = "stability-ai/sdxl", "gemini-2.5-flash-image"
KEYS = itertools.count()


@pytest.fixture
async def town(tmp_path):
    """Its default model takes no pictures; others do."""
    sections: dict[str, Any] = {
        "http": {"public_url": "http://easel.example"},
        "bot": {"default_models": [PLAIN, TAKES]},
    }
    async with open_town(tmp_path, moderation={"inputs": "any"}, **sections) as town:
        yield town


def done(town: Town, user: str = "mina"):
    return {
        "who": town.person(user),
        "place": Place(address=None, channel="general"),
        "key": f"k{next(KEYS)}",
    }


async def form(town: Town, deed) -> Form:
    answer = await town.app.talk.do(deed)
    assert isinstance(answer, Form), answer
    return answer


async def placed(town: Town, deed):
    answer = await town.app.talk.do(deed)
    assert isinstance(answer, Placed), answer
    return answer.job


async def given(town: Town, user: str = "mina") -> Source:
    """A picture of ours, which is as good as any."""
    job = await town.draw(town.person(user))
    return Source(where=Where.OURS, ref=f"{job.id}/1")


async def test_a_form_for_a_new_picture_has_room_for_as_many_as_any_model_takes(town):
    made = await form(town, Asked(topic=Topic.CREATE, **done(town)))
    assert made["pictures"].kind is FieldKind.PICTURES
    assert made["pictures"].most == 16
    assert [field.name for field in made.fields[:3]] == ["prompt", "pictures", "model"]


async def test_the_default_model_of_a_form_gives_way_to_one_that_takes_what_was_put_in(town):
    """It stands there untouched: nobody chose it."""
    made = await form(town, Asked(topic=Topic.CREATE, **done(town)))
    options = {"model": made["model"].value}
    assert (await placed(town, Filled(text="a fox", options=options, **done(town)))).order.model == PLAIN
    one = await given(town)
    job = await placed(town, Filled(text="at night", options=options, pictures=(one,), **done(town)))
    assert (job.order.model, job.order.sources, job.order.inputs) == (TAKES, (one,), 1)


async def test_a_model_that_was_chosen_is_refused_with_those_that_take_pictures(town):
    await town.rules(default_model=TAKES)
    deed = Filled(text="at night", options={"model": PLAIN}, pictures=(await given(town),), **done(town))
    answer = await town.app.talk.do(deed)
    assert isinstance(answer, Note)
    assert isinstance(answer.refusal, BadInputs)
    assert answer.typed == "at night", "whoever typed them has the words back"
    assert "flux-2-pro" in answer.text


@pytest.mark.parametrize(
    "one",
    [
        Begun(),
        Begun(parent="j1"),
        Begun(edits=True),
        Begun(parent="j1", edits=True),
        Begun(parent="j1", edits=True, index=3),
        Begun(draft="d1"),
    ],
)
def test_what_a_form_began_with_is_read_from_its_text(one):
    assert begun(str(one)) == one


async def test_an_edit_offers_only_models_that_take_pictures_and_is_had_again_as_its_model_changes(town):
    job = await town.draw(text="a fox --n 4 --private")
    made = await form(town, Pressed(do=Do.EDIT, job=job.id, **done(town)))
    offered = {choice.value for choice in made["model"].choices}
    assert PLAIN not in offered
    assert made["model"].value == TAKES
    assert (made["prompt"].value, made["private"].value, made.begun.index, made.begun.edits) == (
        "",
        "yes",
        0,
        True,
    )
    assert [choice.value for choice in made["picture"].choices] == ["1", "2", "3", "4"]
    values = {"prompt": "make it night", "model": "flux-2-pro", "picture": "3"}
    again = await form(town, Asked(topic=Topic.CREATE, text=str(made.begun), values=values, **done(town)))
    assert (again["prompt"].value, again["model"].value, again["picture"].value) == (
        "make it night", next(v for v in offered if v.endswith("flux-2-pro")), "3",
    )  # fmt: skip
    assert again.begun == Begun(parent=job.id, edits=True)
    pick = await form(town, Pressed(do=Do.EDIT, job=job.id, role=Pick(2), **done(town)))
    assert pick.begun.index == 2
    assert (
        await form(town, Asked(topic=Topic.CREATE, text=str(pick.begun), values={}, **done(town)))
    ).begun.index == 2


async def test_a_form_says_which_of_several_and_its_other_fields_are_flags(town):
    job = await town.draw(text="a fox --n 4")
    options = {"picture": "3", "aspect": "16:9", "model": "flux-2-pro"}
    edited = await placed(
        town, Filled(text="at night", begun=Begun(parent=job.id, edits=True), options=options, **done(town))
    )
    assert [source.ref for source in edited.order.sources] == [f"{job.id}/3"]
    assert (edited.parent, edited.order.subject, edited.order.parameters["aspect_ratio"]) == (
        job.id,
        "at night",
        "16:9",
    )
    assert not edited.state.ended
    assert str(edited.state) == "accepted"  # what is given is looked at first


async def test_a_message_with_pictures_is_a_form_that_brings_them_back(town):
    one = Source(where=Where.ATTACHED, ref="1/2/3", surface="discord")
    made = await form(town, Held(pictures=(one,), **done(town)))
    assert (made.pictures, made.begun, made["pictures"].most) == ((one,), Begun(edits=True), 15)
    job = await placed(
        town, Filled(text="at night", begun=Begun(edits=True), pictures=made.pictures, **done(town))
    )
    assert job.order.sources == (one,)
    answer = await town.app.talk.do(Held(pictures=(), **done(town)))
    assert isinstance(answer, Note)
    assert isinstance(answer.refusal, NotThere)


async def test_an_edit_keeps_the_shape_of_its_picture_unless_another_is_asked_for(town):
    wide = await town.draw(text="a fox --ar 16:9 --model flux-2-pro")
    edited = await placed(
        town, Filled(text="at night", begun=Begun(parent=wide.id, edits=True), **done(town))
    )
    assert edited.order.parameters["aspect_ratio"] == "16:9"
    tall = await placed(
        town, Filled(text="at night --ar 9:16", begun=Begun(parent=wide.id, edits=True), **done(town))
    )
    assert tall.order.parameters["aspect_ratio"] == "9:16"


async def test_what_words_name_is_no_word_of_the_order_any_more(town):
    one = await given(town)
    job = await town.ask(text=f"a harbour, --sref {one.ref} --ar 16:9")
    assert (job.order.subject, job.order.sources) == (
        "a harbour,",
        (Source(where=Where.OURS, ref=one.ref, use=Use.STYLE),),
    )
    assert "--sref" not in job.order.typed
    assert "--ar 16:9" in job.order.typed
    assert "style from image 1" in job.order.prompt


@pytest.mark.parametrize("text", ["admin settings", "credits", "thanks!"])
async def test_what_is_said_twice_by_a_platform_is_answered_once(town, text):
    deed = Spoken(text=text, **done(town))
    first = await town.app.talk.do(deed)
    assert isinstance(first, Note | Lines)
    assert not isinstance(await town.app.talk.do(deed), Note | Lines)


async def test_small_talk_never_strikes(town):
    for text in ("hi", "thanks", "ok", "고마워") * 3:
        await town.app.talk.do(Spoken(text=text, **done(town)))
    assert await town.audited("refused") == []
    assert await town.store.jobs.recent() == []


async def test_the_second_of_several_is_changed_by_its_words(town):
    job = await town.draw(text="a fox --n 4")
    edited = await placed(town, Spoken(text="make the second one darker", about=job.id, **done(town)))
    assert ([s.ref for s in edited.order.sources], edited.order.subject) == (
        [f"{job.id}/2"],
        "make it darker",
    )
    pick = await placed(town, Spoken(text="make it darker", about=job.id, role=Pick(3), **done(town)))
    assert [s.ref for s in pick.order.sources] == [f"{job.id}/3"]


async def test_words_beside_the_last_picture_of_a_place_ask_for_a_new_one_unless_they_change_it(town):
    job = await town.draw(text="a fox")
    beside = {"about": job.id, "answers": False}
    new = await placed(town, Spoken(text="a red boat on a lake", **beside, **done(town)))
    assert new.order.sources == ()
    changed = await placed(town, Spoken(text="in snow", **beside, **done(town)))
    assert [s.ref for s in changed.order.sources] == [f"{job.id}/1"]
    gone = await placed(town, Spoken(text="in snow", about="nowhere", answers=False, **done(town)))
    assert gone.order.sources == ()


async def test_again_in_answer_to_a_picture_is_the_same_once_more(town):
    job = await town.draw(text="a fox --no text")
    for about in (job.id, ""):
        again = await placed(town, Spoken(text="again, please", about=about, **done(town)))
        assert (again.parent, again.order.typed, again.order.sources) == (job.id, job.order.typed, ())


async def test_anothers_last_picture_is_not_gone_on_from_by_accident(town):
    await town.draw(town.person("tom"))
    job = await placed(town, Spoken(text="make it night", **done(town)))
    assert job.order.sources == ()


@pytest.mark.parametrize(
    ("kept", "is_there"),
    [
        ({"text": "a fox"}, True),
        ({"text": "a fox", "options": {}, "tomorrow": {"deep": 1}}, True),
        ({"text": "a fox", "pictures": [{"where": "dreams", "ref": "r", "use": "picture", "surface": ""}]}, False),
        ({"text": "a fox", "pictures": [{"where": "ours"}]}, False),
        ({"text": "a fox", "pictures": ["r"]}, False),
        ({"text": ["a", "fox"]}, False),
        ({"text": "a fox", "index": "2"}, False),
    ],
)  # fmt: skip
async def test_a_draft_of_another_version_is_read_by_what_one_knows_or_is_gone(town, kept, is_there):
    facts = done(town)
    await town.store.drafts.keep("d1", facts["who"], kept, now=town.clock())
    answer = await town.app.talk.do(Pressed(**facts, do=Do.REWORD, job="d1"))
    filled = await town.app.talk.do(Filled(**done(town), text="a fox", begun=Begun(draft="d1")))
    if is_there:
        assert isinstance(answer, Form)
        assert isinstance(filled, Placed)
    else:
        gone = town.app.words.say("draft-gone", "en")
        assert [getattr(one, "text", "") for one in (answer, filled)] == [gone, gone]

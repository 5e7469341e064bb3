"""What is asked for when a picture is gone on from: its words, its model, its shape, its privacy."""

from dataclasses import replace
from typing import Any

import pytest

from bot.errors import BadInputs, NotAllowed, NotThere
from bot.job import Asset, Job, State
from bot.model import Model, Order, Source, Use, Where
from bot.ports import Ask, Place, Requester
from bot.studio import onward

ANN, BOB = (Requester(surface="s", community="c", user=user, name=user.title()) for user in ("ann", "bob"))
PLAIN = Model(id="plain", provider="p", parameters={"aspect_ratio": ("1:1", "16:9"), "mood": ("calm",)})
TAKES = Model(id="takes", provider="p", inputs=3, images_max=2, parameters={"aspect_ratio": ("1:1", "16:9")})
GROWS = Model(id="grows", provider="p", inputs=1, inputs_min=1, upscales=True)
GIVEN = Source(where=Where.UPLOAD, ref="mark")
TYPED = "a fox --ar 16:9 --mood calm --n 4 --no text --model plain"


def job_of(**facts):
    order = Order(
        provider="p", model="plain", prompt="a fox", subject="a fox", typed=TYPED, images=4, credits_each=5,
        parameters={"aspect_ratio": "16:9"},
    )  # fmt: skip
    whole: dict[str, Any] = {
        "id": "job", "version": 3, "state": State.FINISHED, "requester": ANN, "order": order, "created_at": 1.0,
        "deadline_at": 9.0, "due_at": 1.0, "assets": tuple(Asset(key=f"k{n}", index=n) for n in (2, 3)),
    } | facts  # fmt: skip
    return Job(**whole)


def ask(who=BOB, text="make it night", **more):
    return Ask(requester=who, place=Place(address=None), text=text, request_key="k", **more)


def taking(inputs):
    assert inputs
    return TAKES


def refs(made):
    return [(source.where, source.ref, source.use) for source in made.sources]


def test_an_edit_is_ones_own_words_and_the_picture_before_what_else_is_given():
    made = onward.edit(job_of(), 3, ask(sources=(GIVEN,)))
    assert made.text == "make it night"
    assert refs(made) == [(Where.OURS, "job/3", Use.PICTURE), (Where.UPLOAD, "mark", Use.PICTURE)]
    assert made.suggested == {"aspect": "16:9"}  # the picture keeps its shape, where the model can
    assert made.options == {}


def test_without_a_number_it_is_the_first_picture_that_is_there():
    assert refs(onward.edit(job_of(), 0, ask()))[0][1] == "job/2"


def vary(job, index, asked):
    return onward.vary(job, index, asked, [TAKES], taking)


def upscale(job, index, asked):
    return onward.upscale(job, index, asked, [GROWS])


@pytest.mark.parametrize("verb", [onward.edit, vary, upscale])
def test_a_picture_that_is_not_there_or_not_theirs_is_nobodys_source(verb):
    private = replace(job_of().order, private=True)
    for job, index in (
        (job_of(), 1),
        (job_of(order=private), 2),
        (job_of(deleted=True), 2),
        (job_of(assets=()), 0),
    ):
        with pytest.raises(NotThere):
            verb(job, index, ask())


def test_what_goes_on_from_a_private_picture_is_private_unless_said():
    private = job_of(order=replace(job_of().order, private=True))
    assert onward.edit(private, 2, ask(ANN)).options["private"] == "yes"
    assert onward.edit(private, 2, ask(ANN, options={"private": "no"})).options["private"] == "no"
    assert onward.vary(private, 2, ask(ANN), [TAKES], taking).options["private"] == "yes"
    assert onward.again(private, ask(ANN)).options["private"] == "yes"


def test_a_variation_has_the_same_words_and_what_its_model_takes_of_the_flags():
    made = onward.vary(job_of(), 2, ask(), [PLAIN, TAKES], taking)
    assert (made.text, refs(made)) == ("a fox", [(Where.OURS, "job/2", Use.PICTURE)])
    assert made.options == {"aspect": "16:9", "negative": "text", "images": "2", "model": "takes"}


def test_a_model_that_takes_pictures_varies_its_own():
    other = replace(TAKES, id="other")
    job = job_of(order=replace(job_of().order, model="other"))
    assert onward.vary(job, 2, ask(), [TAKES, other], taking).options["model"] == "other"
    many = replace(job.order, sources=tuple(replace(GIVEN, ref=f"m{n}") for n in range(3)))
    assert onward.vary(replace(job, order=many), 2, ask(), [TAKES, other], taking).options["model"] == "takes"


def test_words_that_were_erased_can_be_edited_and_grown_but_not_repeated():
    bare = job_of(order=replace(job_of().order, prompt="", subject="", typed=""))
    for verb in (lambda: onward.again(bare, ask()), lambda: onward.vary(bare, 2, ask(), [TAKES], taking)):
        with pytest.raises(NotAllowed, match="words-gone"):
            verb()
    assert onward.edit(bare, 2, ask()).text == "make it night"
    assert onward.upscale(bare, 2, ask(), [GROWS]).text


def test_an_upscale_is_the_first_model_that_does_that():
    made = onward.upscale(job_of(), 3, ask(), [TAKES, GROWS])
    assert (made.text, made.options, refs(made)) == (
        "a fox",
        {"model": "grows"},
        [(Where.OURS, "job/3", Use.PICTURE)],
    )
    with pytest.raises(BadInputs, match="upscale-nowhere"):
        onward.upscale(job_of(), 3, ask(), [TAKES])


def test_remix_and_again_keep_what_was_given_once():
    job = job_of(order=replace(job_of().order, sources=(GIVEN,)))
    more = Source(where=Where.UPLOAD, ref="more")
    assert onward.remix(job, ask(sources=(GIVEN, more))).sources == (GIVEN, more)
    again = onward.again(job, ask(text=""))
    assert (again.text, again.sources) == (TYPED, (GIVEN,))

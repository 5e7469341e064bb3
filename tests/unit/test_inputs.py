"""Pictures that are given with an order: what is sent, what is refused with which words, and what is kept for how long."""

import asyncio
import hashlib
import io
import json
from dataclasses import replace

import pytest
from aiohttp import web
from PIL import Image

from bot.cards.jobs import sentence_of
from bot.errors import (
    BadInputs,
    NotAllowed,
    NotThere,
    PromptRefused,
    ProviderError,
    Reached,
    Refusal,
    ShowFailure,
    SurfaceError,
    Trouble,
)
from bot.given.uploads import Uploads
from bot.job import Job, State
from bot.jobs import stages
from bot.jobs.inputs import AT_ONCE
from bot.model import Source, Use, Where
from bot.ports import Severity, Verdict
from bot.store.uploads import Capacity
from bot.studio.export import export_of
from tests.fakes.giving import KEY, SURFACE, Gallery, open_gallery, picture, serving, size_of
from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there

DAY_S = 86_400.0
SENSITIVE = (b"Jane", b"GPS", b"Exif", b"XMP", b"Behind the end")


@pytest.fixture
async def gallery(tmp_path):
    async with open_gallery(tmp_path) as opened:
        yield opened


@pytest.fixture
async def watched(tmp_path):
    """Where a check looks at pictures."""
    async with open_gallery(tmp_path, looks=True, moderation={}) as opened:
        yield opened


def ours(job: Job, index: int = 1, *, use: Use = Use.PICTURE) -> Source:
    return Source(where=Where.OURS, ref=f"{job.id}/{index}", use=use)


def pixels(data: bytes) -> bytes:
    return Image.open(io.BytesIO(data)).convert("RGB").tobytes()


def ended(job: Job, reason: str, number: int) -> None:
    assert (job.reason, job.of_input, job.captured_credits) == (reason, number, 0)


# ── What is sent ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_picture_of_a_chat_is_sent_with_its_pixels_and_kept_with_the_job(gallery: Gallery):
    data = picture()
    job = await gallery.draw("make it night --model brush", gallery.attached("a", data))
    (sent,) = gallery.painter.inputs
    assert job.state is State.FINISHED
    assert pixels(sent.data) == pixels(data)
    assert sent.sha256 == hashlib.sha256(sent.data).hexdigest()
    (kept,) = job.given
    assert (kept.key, kept.sha256) == (f"pictures/{job.id}/input-1.png", sent.sha256)
    assert await gallery.app.assets.read(kept.key) == sent.data
    assert gallery.club.asked == [("a", KEY)]


async def test_the_acknowledgement_fetches_nothing(tmp_path):
    async with open_gallery(tmp_path, works=False) as gallery:
        job = await gallery.order("make it night --model brush", gallery.attached("a", picture()))
        assert job.state is State.ACCEPTED, "never born cleared, though nobody screens here"
        assert (gallery.club.lent, gallery.club.asked) == ([], [])


async def test_three_are_sent_in_their_order_each_for_what_it_is(gallery: Gallery):
    many = [picture(seed=n) for n in (1, 2, 3)]
    style = gallery.attached("b", many[1], use=Use.STYLE)
    given = (gallery.attached("a", many[0]), style, await gallery.handed(many[2]))
    job = await gallery.draw("all of them --model brush", *given)
    assert [pixels(one.data) for one in gallery.painter.inputs] == list(map(pixels, many))
    assert [one.use for one in gallery.painter.inputs] == [Use.PICTURE, Use.STYLE, Use.PICTURE]
    assert [one.index for one in job.given] == [1, 2, 3]
    assert job.order.inputs == 3


async def test_a_picture_of_ours_is_used_by_its_key_and_not_copied(gallery: Gallery):
    first = await gallery.draw("a red fox --model brush")
    second = await gallery.draw("make it night --model brush", ours(first))
    assert [one.sha256 for one in gallery.painter.inputs] == [first.images[0].sha256]
    assert second.given == ()
    assert await gallery.keys(second.id) == [f"pictures/{second.id}/1.png"]


async def test_an_edit_of_an_edit_of_an_edit_and_of_a_pick(gallery: Gallery):
    job = await gallery.draw("a red fox --model brush --n 4")
    for index in (3, 1, 1):
        before, job = job, await gallery.draw("make it night --model brush", ours(job, index))
        assert job.state is State.FINISHED
        wanted = next(one for one in before.images if one.index == index)
        assert [one.sha256 for one in gallery.painter.inputs] == [wanted.sha256]


async def test_more_than_the_model_takes_is_refused_before_anything_is_held(gallery: Gallery):
    many = [gallery.attached(str(n), picture(seed=n)) for n in range(5)]
    left = await gallery.left()
    for text, reason in (("--model brush", "inputs-too-many"), ("--model blind-brush", "inputs-not-taken")):
        with pytest.raises(Refusal) as refused:
            await gallery.order(f"all of them {text}", *many)
        assert refused.value.reason == reason
    assert await gallery.left() == left
    assert await gallery.app.store.jobs.recent() == []


async def test_the_default_for_an_order_with_pictures_is_a_model_that_takes_them(gallery: Gallery):
    many = [gallery.attached(str(n), picture(seed=n)) for n in range(5)]
    assert (await gallery.draw("all of them", *many[:2])).order.model == "brush"
    assert (await gallery.draw("all of them", *many)).order.model == "small-brush"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_turned_picture_comes_upright_and_says_nothing_of_its_person(gallery: Gallery, kind: str):
    upright = Image.new("RGB", (64, 48), (0, 0, 255))
    upright.paste((255, 0, 0), (0, 0, 32, 24))  # red where it begins, as one sees it
    exif = Image.Exif()
    exif[0x0112] = 6  # it lies on its side, and is turned by a quarter when it is shown
    exif[0x010E] = "Jane Roe at home"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 30.0)
    out = io.BytesIO()
    upright.transpose(Image.Transpose.ROTATE_90).save(out, kind, exif=exif)
    job = await gallery.draw("--model brush night", gallery.attached("a", out.getvalue() + b"Behind the end"))
    (sent,) = gallery.painter.inputs
    image = Image.open(io.BytesIO(sent.data)).convert("RGB")
    assert image.size == (sent.width, sent.height) == (job.given[0].width, job.given[0].height) == (64, 48)
    for at, colour in (((4, 4), (255, 0, 0)), ((60, 4), (0, 0, 255)), ((4, 44), (0, 0, 255))):
        seen = image.getpixel(at)
        assert isinstance(seen, tuple)
        assert all(abs(a - b) < 40 for a, b in zip(seen, colour, strict=True)), (at, seen)
    assert not [word for word in SENSITIVE if word in sent.data]


async def test_it_is_scaled_to_what_the_model_takes(gallery: Gallery):
    await gallery.draw("night --model small-brush", gallery.attached("a", picture(400, 200)))
    (sent,) = gallery.painter.inputs
    assert (sent.width, sent.height) == size_of(sent.data) == (141, 70)
    await gallery.draw("night --model light-brush", gallery.attached("b", picture(400, 200)))
    (sent,) = gallery.painter.inputs
    assert len(sent.data) <= 20_000
    assert size_of(sent.data)[0] / size_of(sent.data)[1] == pytest.approx(2, rel=0.02)


async def test_a_picture_of_ours_that_is_too_large_is_scaled_into_a_file_of_the_job(gallery: Gallery):
    first = await gallery.draw("a red fox --model brush")
    second = await gallery.draw("night --model small-brush", await gallery.handed(picture(300, 300)))
    assert second.given[0].width == 100
    third = await gallery.draw("night --model brush", ours(first), ours(second))
    assert third.given == ()


async def test_a_mask_is_as_large_as_its_picture_and_goes_to_models_that_take_one(gallery: Gallery):
    given = (
        gallery.attached("a", picture(400, 200)),
        gallery.attached("m", picture(40, 40, mode="L"), use=Use.MASK),
    )
    job = await gallery.draw("night --model brush", *given)
    assert [(one.use, one.width, one.height) for one in gallery.painter.inputs] == [
        (Use.PICTURE, 400, 200),
        (Use.MASK, 400, 200),
    ]
    assert job.order.inputs == 1
    job = await gallery.draw("night --model small-brush", *given)
    assert [one.use for one in gallery.painter.inputs] == [Use.PICTURE]
    assert [one.index for one in job.given] == [1]


async def test_a_mask_needs_one_picture_and_is_one(gallery: Gallery):
    mask, other = (gallery.attached(n, picture(40, 40, mode="L"), use=Use.MASK) for n in "mn")
    with pytest.raises(BadInputs) as alone:
        await gallery.order("night --model brush", mask)
    assert alone.value.reason == "mask-alone"
    with pytest.raises(BadInputs) as several:
        await gallery.order("night --model brush", gallery.attached("a", picture(400, 200)), mask, other)
    assert several.value.reason == "masks-too-many"


async def test_a_repeat_sends_the_same_bytes(gallery: Gallery):
    gallery.painter.troubles += [ProviderError("lost", reached=Reached.UNKNOWN)] * 2
    job = await gallery.draw("night --model brush", gallery.attached("a", picture(kind="JPEG")))
    assert job.state is State.FINISHED
    assert len(gallery.painter.sent) == 3
    assert len({(key, tuple(one.sha256 for one in sent)) for key, sent in gallery.painter.sent}) == 1
    assert gallery.club.lent == ["a"], "the chat is asked once"


async def test_a_service_that_fetches_gets_an_address_of_ours_for_an_hour_the_same_each_time(tmp_path):
    async with open_gallery(tmp_path, public_url="https://easel.example") as gallery:
        gallery.painter.troubles.append(ProviderError("lost", reached=Reached.UNKNOWN))
        job = await gallery.draw("night --model far-brush", gallery.attached("a", picture()))
        assert job.state is State.FINISHED
        (address,) = {one.url for _, sent in gallery.painter.sent for one in sent}
        token = address.removeprefix("https://easel.example/a/")
        opened = there(gallery.app.assets.resolve(token))
        assert opened.key == job.given[0].key
        assert opened.left_s is not None
        assert 0 < opened.left_s <= 3600
        gallery.clock.now_s += 3600
        assert gallery.app.assets.resolve(token) is None
        await gallery.draw("night --model brush", ours(job))
        assert [one.url for one in gallery.painter.inputs] == [""]


async def test_without_a_public_address_a_service_that_fetches_takes_none(gallery: Gallery):
    with pytest.raises(BadInputs):
        await gallery.order("night --model far-brush", gallery.attached("a", picture()))


# ── What can't be had ────────────────────────────────────────────────────────────────────────────────


def bomb(width: int, height: int) -> bytes:
    """A small file that says it is huge."""
    out = io.BytesIO()
    Image.new("1", (width, height)).save(out, "PNG")
    return out.getvalue()


def film(kind: str) -> bytes:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


FLAWED = [
    ("broken", picture()[:-500], "input-not-a-picture"),
    ("a text", b"hello", "input-not-a-picture"),
    ("nothing", b"", "input-not-a-picture"),
    ("a GIF", film("GIF"), "input-not-a-picture"),
    ("animated", film("PNG"), "input-animated"),
    ("animated WebP", film("WEBP"), "input-animated"),
    ("25 MB", picture() + b"\0" * 25_000_000, "input-too-large"),
    ("41 megapixels", bomb(8200, 5000), "input-too-large"),
]


@pytest.mark.parametrize(
    ("data", "reason"), [(d, r) for _, d, r in FLAWED], ids=[name for name, _, _ in FLAWED]
)
async def test_what_can_t_be_taken_ends_the_order_with_the_picture_named(
    gallery: Gallery, data: bytes, reason: str
):
    left = await gallery.left()
    good, bad = gallery.attached("good", picture()), gallery.attached("bad", data)
    job = await gallery.draw("night --model brush", good, bad)
    assert job.state is State.FAILED
    ended(job, reason, 2)
    said = sentence_of(job, gallery.app.words)
    assert said.startswith("Picture 2 of those that you gave")
    assert said.endswith("Your credits are back.")
    assert await gallery.left() == left
    await gallery.nothing_kept()
    assert gallery.painter.sent == []
    with pytest.raises(BadInputs) as refused:
        await gallery.handed(data)
    assert refused.value.reason == reason
    assert "credits" not in gallery.app.words.refusal(refused.value)


async def test_forty_megapixels_are_taken(gallery: Gallery):
    job = await gallery.draw("night --model brush", gallery.attached("a", bomb(8000, 5000)))
    assert job.state is State.FINISHED
    assert size_of(gallery.painter.inputs[0].data) == (8000, 5000)


async def test_a_link_that_dies_between_is_lent_anew(gallery: Gallery):
    gallery.club.answers = [404]
    job = await gallery.draw("night --model brush", gallery.attached("a", picture()))
    assert job.state is State.FINISHED
    assert gallery.club.lent == ["a", "a"]


async def test_a_dead_link_ends_the_order(gallery: Gallery):
    gallery.club.answers = [404, 410]
    job = await gallery.draw("night --model brush", gallery.attached("a", picture()))
    ended(job, "input-gone", 1)
    assert "can't be fetched any more" in sentence_of(job, gallery.app.words)


async def test_what_was_removed_from_the_chat_ends_the_order(gallery: Gallery):
    gallery.club.gone.add("a")
    ended(await gallery.draw("night --model brush", gallery.attached("a", picture())), "input-gone", 1)
    assert gallery.club.asked == []


@pytest.mark.parametrize(
    "prepare",
    [
        lambda club: club.answers.extend([403, 403]),
        lambda club: club.answers.extend([401, 401]),
        lambda club: club.moved.update(a="/elsewhere-without-a-key"),
        lambda club: club.troubles.append(SurfaceError("missing scope", kind=ShowFailure.FORBIDDEN)),
    ],
    ids=["403", "401", "a page to log in", "the surface says so"],
)
async def test_a_right_that_lacks_is_said_to_whom_it_concerns(gallery: Gallery, prepare):
    given = gallery.attached("a", picture())
    gallery.club.files["elsewhere-without-a-key"] = b"<!DOCTYPE html><html>Log in</html>"
    prepare(gallery.club)
    job = await gallery.draw("night --model brush", given)
    ended(job, "input-no-right", 1)
    assert "isn't allowed to see files there" in sentence_of(job, gallery.app.words)


async def test_a_trouble_that_passes_is_waited_for(gallery: Gallery):
    later = SurfaceError("slow down", kind=ShowFailure.LATER, retry_after_s=0.01)
    gallery.club.troubles, gallery.club.answers = [later], [200, 503]
    gallery.club.answers = [503]
    job = await gallery.draw("night --model brush", gallery.attached("a", picture()))
    assert job.state is State.FINISHED
    assert len(gallery.club.lent) == 3


async def test_a_trouble_that_doesn_t_pass_ends_the_order_after_some_minutes(gallery: Gallery, monkeypatch):
    later = SurfaceError("slow down", kind=ShowFailure.LATER, retry_after_s=0.01)
    gallery.club.troubles = [later] * 1000
    job = await gallery.order("night --model brush", gallery.attached("a", picture()))
    gallery.clock.now_s += 200  # a clock that was set is no time that has passed
    async with asyncio.timeout(PATIENCE_S):
        while len(gallery.club.troubles) > 990:
            await asyncio.sleep(0)
    assert not there(await gallery.app.store.jobs.get(job.id)).state.ended
    monkeypatch.setattr(stages, "GIVEN_WITHIN_S", 0.0)
    ended(await gallery.over(job), "input-gone", 1)


async def test_a_redirect_to_another_host_gets_the_picture_and_never_the_key(tmp_path):
    came = []

    async def other(request):
        came.append(request.headers.get("Authorization"))
        return web.Response(body=picture(), content_type="image/png")

    async with serving(other) as url, open_gallery(tmp_path, allow=[url]) as gallery:
        given = gallery.attached("a", picture())
        gallery.club.moved["a"] = f"{url}/somewhere"
        job = await gallery.draw("night --model brush", given)
        assert job.state is State.FINISHED
        assert came == [None]


async def test_who_leads_back_to_the_first_host_gets_no_key_for_it(tmp_path):
    back: list[str] = []

    async def other(_request):
        raise web.HTTPFound(f"{back[0]}/secret")

    async with serving(other) as url, open_gallery(tmp_path, allow=[url]) as gallery:
        back.append(gallery.club.url)
        given = gallery.attached("a", picture())
        gallery.attached("secret", picture(seed=2))
        gallery.club.moved["a"] = f"{url}/somewhere"
        ended(await gallery.draw("night --model brush", given), "input-no-right", 1)
        assert gallery.club.asked == [("a", KEY), ("secret", "")]


async def test_an_inside_address_is_asked_for_nobody(gallery: Gallery):
    gallery.club.moved["a"] = "http://127.0.0.1:1/metadata"
    ended(await gallery.draw("night --model brush", gallery.attached("a", picture())), "input-gone", 1)


# ── Whose it is ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_private_picture_is_nobody_elses_source_and_moderators_are_somebody_else(gallery: Gallery):
    private = await gallery.draw("a red fox --model brush --private")
    for who in (
        gallery.person("otto"),
        gallery.person("mod", moderator=True),
        gallery.person(community="c2"),
    ):
        with pytest.raises(BadInputs) as refused:
            await gallery.order("night --model brush", ours(private), who=who)
        assert refused.value.reason == "input-not-there"
    assert (await gallery.draw("night --model brush", ours(private))).state is State.FINISHED


async def test_what_is_made_from_a_private_picture_is_private_unless_said_however_it_is_named(
    gallery: Gallery,
):
    private = await gallery.draw("a red fox --model brush --private")
    made = [
        await gallery.draw("night --model brush", ours(private)),
        await gallery.draw(f"night --model brush --sref {private.id}"),
        await gallery.draw("night --model brush --private=no", ours(private)),
        await gallery.draw("night --model brush", ours(await gallery.draw("a fox --model brush"))),
    ]
    assert [job.order.private for job in made] == [True, True, False, False]


async def test_an_open_picture_of_somebody_elses_can_be_begun_with(gallery: Gallery):
    open_one = await gallery.draw("a red fox --model brush")
    job = await gallery.draw("night --model brush", ours(open_one), who=gallery.person("otto"))
    assert job.state is State.FINISHED


@pytest.mark.parametrize(
    "ref", ["", "x", "x/1", "/1", "{job}/0", "{job}/2", "{job}/01x", "{job}/-1", "{job}/" + "9" * 5000]
)
async def test_what_is_no_picture_of_ours_is_refused(gallery: Gallery, ref: str):
    first = await gallery.draw("a red fox --model brush")
    with pytest.raises(BadInputs):
        await gallery.order("night --model brush", Source(where=Where.OURS, ref=ref.format(job=first.id)))


async def test_an_upload_is_its_persons_alone_and_its_mark_can_t_be_made(gallery: Gallery):
    given = await gallery.handed(picture())
    key = (await gallery.keys("uploads"))[0]
    forged = [
        (given, gallery.person("otto")),
        (given, gallery.person(community="c2")),
        (replace(given, ref=given.ref[:-1] + ("a" if given.ref[-1] != "a" else "b")), None),
        (replace(given, ref=key), None),
        (replace(given, ref=gallery.app.assets.path(key).removeprefix("/a/")), None),
        (replace(given, ref=gallery.app.assets.sign(f"{key} upload club:c1:otto")), None),
        (replace(given, ref=""), None),
    ]
    for source, who in forged:
        with pytest.raises(BadInputs):
            await gallery.order("night --model brush", source, who=who)
    assert (await gallery.draw("night --model brush", given)).state is State.FINISHED


async def test_the_mark_of_an_upload_opens_no_link(gallery: Gallery):
    given = await gallery.handed(picture())
    opened = gallery.app.assets.resolve(given.ref)
    if opened is not None:
        with pytest.raises(NotThere):
            await gallery.app.assets.read(opened.key)


async def test_a_file_of_another_chat_can_t_be_named(gallery: Gallery):
    source = replace(gallery.attached("a", picture()), surface="elsewhere")
    with pytest.raises(BadInputs):
        await gallery.order("night --model brush", source)
    stranger = gallery.person(surface="web")
    with pytest.raises(BadInputs):
        await gallery.order("night --model brush", replace(source, surface=SURFACE), who=stranger)


async def test_a_picture_that_was_deleted_between_ends_the_order(tmp_path):
    async with open_gallery(tmp_path, works=False) as front:
        async with open_gallery(tmp_path, world=front) as gallery:
            first = await gallery.draw("a red fox --model brush")
        job = await front.order("night --model brush", ours(first))
        await front.app.studio.delete(first.id, front.person())
        async with open_gallery(tmp_path, world=front) as gallery:
            ended(await gallery.over(job), "input-gone", 1)
        assert len(front.painter.sent) == 1


async def test_what_is_gone_on_from_keeps_what_it_was_given_whatever_becomes_of_the_chat(gallery: Gallery):
    given = gallery.attached("a", picture())
    first = await gallery.draw("night --model brush", given)
    gallery.club.gone.add("a")
    for who in (gallery.person(), gallery.person("otto")):
        placed = await gallery.app.studio.reroll(first.id, gallery.ask("", who=who))
        again = await gallery.over(placed.job)
        assert again.state is State.FINISHED
        assert [one.sha256 for one in again.given] == [one.sha256 for one in first.given]
    assert gallery.club.lent == ["a"]


# ── Moderation ───────────────────────────────────────────────────────────────────────────────────────


async def test_where_nobody_checks_pictures_only_easels_own_are_taken(tmp_path):
    async with open_gallery(tmp_path, moderation={}) as gallery:
        first = await gallery.draw("a red fox --model brush")
        for given in (gallery.attached("a", picture()), await gallery.handed(picture())):
            with pytest.raises(BadInputs) as refused:
                await gallery.order("night --model brush", given)
            assert refused.value.reason == "inputs-own-only"
        assert (await gallery.draw("night --model brush", ours(first))).state is State.FINISHED


async def test_the_operator_at_the_terminal_is_not_restricted(tmp_path):
    async with open_gallery(tmp_path, moderation={"inputs": "own"}) as gallery:
        who = gallery.person(surface="cli", community="local")
        job = await gallery.draw("night --model brush", await gallery.handed(picture(), who), who=who)
        assert job.state is State.FINISHED


async def test_a_community_may_only_tighten_what_pictures_are_taken(tmp_path):
    async with open_gallery(tmp_path, looks=True, moderation={}, communities={}) as gallery:
        mod = gallery.person("mod", moderator=True)
        with pytest.raises(Refusal):
            await gallery.app.rulemaking.change(mod, {"inputs": "any"})
        await gallery.app.rulemaking.change(mod, {"inputs": "own"})
        with pytest.raises(BadInputs) as refused:
            await gallery.order("night --model brush", gallery.attached("a", picture()))
        assert refused.value.reason == "inputs-own-only"


async def test_where_only_who_asked_may_press_nobody_else_names_the_picture(gallery: Gallery):
    first = await gallery.draw("a red fox --model brush")
    bob, mod = gallery.person("bob"), gallery.person("mod", moderator=True)
    named = f"night --ref {first.id} --model brush"
    assert (await gallery.draw(named, who=bob)).state is State.FINISHED
    await gallery.app.rulemaking.change(mod, {"press": "requester"})
    for order in ((named,), ("night --model brush", ours(first))):
        with pytest.raises(NotAllowed) as refused:
            await gallery.order(*order, who=bob)
        assert refused.value.reason == "not-yours"
    for who in (gallery.person(), mod):
        assert (await gallery.draw(named, who=who)).state is State.FINISHED


async def test_each_picture_is_judged_with_the_words_before_anything_is_sent(watched: Gallery):
    first = await watched.draw("a red fox --model brush")
    watched.eye.seen.clear()
    job = await watched.draw("make it night --model brush", watched.attached("a", picture()), ours(first))
    assert job.state is State.FINISHED
    given, result = watched.eye.seen[:2], watched.eye.seen[2:]
    assert {data for data, _, _ in given} == {one.data for one in watched.painter.inputs}
    assert {words for _, words, _ in watched.eye.seen} == {"make it night"}
    assert len(result) == 1


async def test_a_picture_that_doesn_t_pass_ends_the_order_and_is_not_kept(watched: Gallery):
    left = await watched.left()
    watched.eye.verdicts = [Verdict(), Verdict(severity=Severity.WITHHOLD, category="violence", layer="eye")]
    given = watched.attached("a", picture()), watched.attached("b", picture(seed=2))
    job = await watched.draw("make it night --model brush", *given)
    assert job.state is State.REFUSED
    ended(job, "refused-input-violence", job.of_input)
    assert job.of_input in (1, 2)
    assert "graphic violence isn't allowed here" in sentence_of(job, watched.app.words)
    await watched.nothing_kept()
    assert watched.painter.sent == []
    assert await watched.left() == left
    (entry,) = [e for e in await watched.app.store.audit.entries() if e.action == "verdict"]
    assert (entry.category, entry.job) == ("violence", job.id)


async def test_words_of_the_young_make_the_check_strict(watched: Gallery):
    watched.eye.verdicts = [Verdict(severity=Severity.SPOILER, category="sexual", layer="eye")]
    job = await watched.draw("a schoolgirl at the beach --model brush", watched.attached("a", picture()))
    ended(job, "refused-input-minors", 1)
    assert watched.eye.seen[0][2].level == "strict"


@pytest.mark.parametrize("between", [0, 2])
async def test_words_of_what_it_came_from_count_for_the_young(watched: Gallery, between: int):
    first = await watched.draw("a schoolgirl in the rain --model brush")
    for _ in range(between):
        first = await watched.draw("make it night --model brush", ours(first), who=watched.person("otto"))
    left = await watched.left()
    with pytest.raises(PromptRefused) as refused:
        await watched.order("in lingerie --model brush", ours(first))
    assert refused.value.facts["category"] == "minors"
    assert await watched.left() == left
    (entry,) = [e for e in await watched.app.store.audit.entries() if e.action == "verdict"]
    assert (entry.category, entry.layer, entry.severity) == ("minors", "lexicon", "refuse")
    assert (entry.prompt, entry.strike, entry.job) == ("in lingerie", False, None), (
        "their own words, and no strike"
    )
    watched.eye.seen.clear()
    watched.eye.verdicts = [Verdict(), Verdict(severity=Severity.SPOILER, category="sexual", layer="eye")]
    job = await watched.draw("at the beach --model brush", ours(first))
    assert [policy.level for _, _, policy in watched.eye.seen] == ["strict", "strict"]
    assert (job.state, job.captured_credits) == (State.WITHHELD, 0), "nor what comes of it"
    other = await watched.draw("a red fox --model brush")
    assert (await watched.draw("at the beach --model brush", ours(other))).state is State.FINISHED


async def test_a_picture_that_may_be_hidden_hides_what_comes_of_it(watched: Gallery):
    watched.eye.verdicts = [Verdict(severity=Severity.SPOILER, category="violence", layer="eye")]
    job = await watched.draw("make it night --model brush", watched.attached("a", picture()))
    assert (job.state, job.spoiler) == (State.FINISHED, True)


async def test_a_strangers_picture_that_nobody_could_check_is_not_taken(watched: Gallery):
    watched.eye.verdicts = [RuntimeError("down")]
    job = await watched.draw("make it night --model brush", watched.attached("a", picture()))
    ended(job, "refused-input-unavailable", 1)
    assert "couldn't be reached" in sentence_of(job, watched.app.words)


# ── How long it is kept ──────────────────────────────────────────────────────────────────────────────


async def test_what_was_given_goes_with_the_picture(gallery: Gallery):
    for how in ("delete", "forget"):
        job = await gallery.draw("night --model brush", await gallery.handed(picture()))
        assert await gallery.keys(job.id)
        if how == "delete":
            await gallery.app.studio.delete(job.id, gallery.person())
        else:
            await gallery.app.studio.forget(gallery.person())
        assert await gallery.keys() == []
        assert await gallery.app.store.uploads.expire(before=2e10) == []


async def test_what_was_given_expires_with_the_picture(tmp_path):
    async with open_gallery(tmp_path, assets={"keep_days": 10}) as gallery:
        job = await gallery.draw("night --model brush", gallery.attached("a", picture()))
        gallery.clock.now_s += 11 * DAY_S
        await gallery.app.chores.expire_pictures()
        assert await gallery.keys(job.id) == []


async def test_an_upload_that_nobody_used_goes_after_two_days_and_not_before(gallery: Gallery):
    given = await gallery.handed(picture())
    gallery.clock.now_s += 1.9 * DAY_S
    await gallery.app.chores.expire_what_was_given()
    assert (await gallery.draw("night --model brush", given)).state is State.FINISHED
    gallery.clock.now_s += 0.2 * DAY_S
    await gallery.app.chores.expire_what_was_given()
    assert await gallery.keys("uploads") == []
    with pytest.raises(BadInputs):
        await gallery.order("night --model brush", given)


async def test_what_an_order_without_a_picture_was_given_is_there_for_a_new_try_and_then_gone(
    gallery: Gallery,
):
    gallery.painter.troubles.append(ProviderError("no", reached=Reached.NO, trouble=Trouble.ORDER))
    job = await gallery.draw("night --model brush", gallery.attached("a", picture()))
    assert job.state is State.FAILED
    assert [one.role for one in job.assets] == ["input"]
    gallery.club.gone.add("a")
    again = await gallery.over((await gallery.app.studio.reroll(job.id, gallery.ask(""))).job)
    assert again.state is State.FINISHED
    gallery.clock.now_s += 2.1 * DAY_S
    await gallery.app.chores.expire_what_was_given()
    assert await gallery.keys(job.id) == []
    assert await gallery.keys(again.id) != []


async def test_a_person_gets_told_of_all_that_is_kept(gallery: Gallery):
    await gallery.draw("night --model brush", gallery.attached("a", picture()))
    await gallery.handed(picture())
    document = await export_of(
        gallery.app.store, gallery.person(), communities=["c1"], link=lambda key, *, private=False: key
    )
    here = json.loads(json.dumps(document))["communities"][0]
    assert sorted(one["role"] for one in here["pictures"]) == ["image", "input"]
    assert [one["url"] for one in here["uploads"]] == await gallery.keys("uploads")


async def test_a_persons_oldest_uploads_make_room_for_new_ones_and_all_together_have_a_bound(
    gallery: Gallery,
):
    app = gallery.app
    room = Capacity(each=3, each_bytes=30_000, all=5, all_bytes=10**9)
    uploads = Uploads(store=app.store, assets=app.assets, darkroom=app.uploads._darkroom, room=room)
    mina, otto = gallery.person(), gallery.person("otto")
    kept = []
    for n in range(5):
        gallery.clock.now_s += 1
        kept.append(await uploads.keep(mina, picture(seed=n)))
    assert len(await gallery.keys("uploads")) == 3
    found = [await uploads.find(Source(where=Where.UPLOAD, ref=one.ref), mina) for one in kept]
    assert [one is not None for one in found] == [False, False, True, True, True]
    for n in range(2):
        await uploads.keep(otto, picture(seed=n))
    with pytest.raises(NotAllowed) as refused:
        await uploads.keep(gallery.person("zoe"), picture())
    assert refused.value.reason == "uploads-full"
    assert len(await gallery.keys("uploads")) == 5, "no file without a row"
    await uploads.keep(otto, picture(120, 60))
    assert len(await gallery.keys("uploads")) < 6


async def test_the_seed_that_a_service_tells_is_kept(gallery: Gallery):
    gallery.painter.seed = 12345
    assert (await gallery.draw("a red fox --model brush")).seed == 12345


async def test_so_many_pictures_are_in_hand_at_once_and_no_more(gallery: Gallery, monkeypatch):
    many = [gallery.attached(str(n), picture(seed=n)) for n in range(16)]
    held, most = 0, 0
    get = gallery.app.assets.keep

    async def counting(*args, **more):
        nonlocal held, most
        held += 1
        most = max(most, held)
        try:
            return await get(*args, **more)
        finally:
            held -= 1

    monkeypatch.setattr(gallery.app.assets, "keep", counting)
    job = await gallery.draw("all of them --model small-brush", *many)
    assert job.state is State.FINISHED
    assert len(gallery.painter.inputs) == 16
    assert most <= AT_ONCE

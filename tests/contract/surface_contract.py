"""What every surface promises of `show`, whatever the platform: one suite, many subjects.

A subject is a class that inherits SurfaceContract and gives a fixture `stage` with these members:

    surface, another      two surfaces of the same kind, as two processes of one installation have them
    gallery               the Assets that both read
    await address()       an address as a command of a person makes it, fresh
    await late_address()  the same, when only the channel is left to answer in
    look(handle)          what people see of the message: Seen, or None when there is none
    count()               how many messages of ours people see in all
    pings                 who was pinged so far
    await people_delete(handle)     somebody removes the message
    lose_answer()         the next post is made, but its answer is lost
    outage()              the platform answers nothing sensible from now on, until calm()
    calm()
"""

import contextlib
import io
import json
from dataclasses import dataclass, replace

import pytest
from PIL import Image

from bot.errors import ShowFailure, SurfaceError
from bot.jobs.sayings import remembering
from bot.ports import Action, Card, Do, Phase, Picture

JOB, OTHER = "01m7za57f5evfned4t7d0apt9v", "01m7za57f5evfned4t7d0apt9w"
NASTY = "a fox @everyone @here <@1> <@U123> <!channel> **b** *i* ~~s~~ ||h|| `c` ```d``` [l](https://x.example) & < >"
EVERY = (Do.REROLL, Do.REMIX, Do.ORIGINAL, Do.DELETE, Do.REPORT)


@dataclass(frozen=True)
class Seen:
    """A message as people see it: its words with the platform's escapes undone, its pictures and buttons."""

    text: str
    pictures: int
    buttons: int
    only_for: str = ""  # the one person who sees it


def card(job=JOB, **facts):
    waiting = Card(
        job=job,
        version=1,
        phase=Phase.PAINTING,
        state="rendering",
        requester="mina",
        prompt="a red fox in the snow",
        headline="Painting …",
        facts=(("Model", "flux-2-pro"), ("Credits", "39 held")),
        ready_at=1_800_000_000.0,
        actions=(Action(do=Do.CANCEL, label="Cancel"),),
    )
    return replace(waiting, **facts)


def finished(pictures, job=JOB, **facts):
    buttons = tuple(Action(do=do, label=f"{do}") for do in EVERY)
    return card(
        job, version=5, phase=Phase.FINISHED, state="finished", headline="Done in 9 s", ready_at=None,
        pictures=pictures, originals=pictures, actions=buttons, **facts,
    )  # fmt: skip


def failed(job=JOB, **facts):
    return card(
        job, version=4, phase=Phase.OVER, state="failed", headline="It didn't work out", ready_at=None,
        sentence="The image service failed. Your credits are back.",
        actions=(Action(do=Do.RETRY, label="Try again"), Action(do=Do.REMIX, label="Remix")), **facts,
    )  # fmt: skip


async def hung(gallery, name="fox", size=(64, 48), colour="orange"):
    """A picture of ours, as a card needs it."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    kept = await gallery.keep(f"surface/{name}", out.getvalue(), "image/png")
    return Picture(
        key=kept.key, media_type="image/png", width=size[0], height=size[1], size_bytes=len(out.getvalue()),
        alt="Picture: a red fox",
    )  # fmt: skip


def plain(data):
    """A mapping that the store can keep."""
    return all(isinstance(k, str) and isinstance(v, str) for k, v in json.loads(json.dumps(data)).items())


class SurfaceContract:
    """The laws."""

    async def test_the_first_show_makes_one_message_and_a_handle_that_can_be_kept(self, stage):
        before, address = stage.count(), await stage.address()
        handle = await stage.surface.show(card(), address, None)
        assert handle.key
        assert plain(dict(handle.data))
        assert plain(dict(address.data))
        seen = stage.look(handle)
        assert ("a red fox in the snow" in seen.text, seen.pictures, seen.buttons) == (True, 0, 1)
        assert stage.count() == before + 1

    async def test_the_next_show_edits_the_same_message(self, stage):
        address = await stage.address()
        handle = await stage.surface.show(card(), address, None)
        before = stage.count()
        picture = await hung(stage.gallery)
        after = await stage.surface.show(finished((picture,)), address, handle)
        assert after.key == handle.key
        seen = stage.look(after)
        assert (seen.pictures, "Done in 9 s" in seen.text, "Painting" in seen.text) == (1, True, False)
        assert stage.count() == before

    async def test_showing_the_same_again_changes_nothing_that_people_see(self, stage):
        address = await stage.address()
        handle = await stage.surface.show(failed(), address, None)
        before, count = stage.look(handle), stage.count()
        again = await stage.surface.show(failed(), address, handle)
        assert (again.key, stage.look(again), stage.count()) == (handle.key, before, count)

    async def test_another_process_can_edit_from_address_and_handle_alone(self, stage):
        address = await stage.address()
        handle = await stage.surface.show(card(), address, None)
        after = await stage.another.show(failed(), address, handle)
        assert "credits are back" in stage.look(after).text

    async def test_a_post_whose_answer_was_lost_is_not_a_second_message(self, stage):
        address, before = await stage.late_address(), stage.count()
        stage.lose_answer()
        job = JOB[:-1] + "a"
        try:
            handle = await stage.surface.show(card(job), address, None)
        except SurfaceError:
            handle = await stage.another.show(card(job), address, None)  # as the delivery would, later
        assert stage.count() == before + 1
        after = await stage.surface.show(failed(job), address, handle)
        assert "credits are back" in stage.look(after).text

    async def test_what_is_gone_is_removed_and_removing_it_again_is_no_trouble(self, stage):
        address = await stage.address()
        handle = await stage.surface.show(failed(), address, None)
        gone = replace(failed(), gone=True, actions=())
        await stage.surface.show(gone, address, handle)
        assert stage.look(handle) is None
        with contextlib.suppress(SurfaceError):
            await stage.surface.show(gone, address, handle)
        assert stage.look(handle) is None

    async def test_a_message_that_no_handle_tells_of_is_removed_with_its_job(self, stage):
        """The process died between the post and its record, and somebody deleted the job: no placeholder ever hangs."""
        for private, address in [
            (False, await stage.address()),
            (False, await stage.late_address()),
            (True, await stage.address()),
        ]:
            handle = await stage.surface.show(card(private=private), address, None)
            gone = replace(failed(private=private), gone=True, actions=())
            await stage.another.show(gone, address, None)
            assert stage.look(handle) is None
            await stage.another.show(gone, address, None)

    async def test_a_message_that_people_removed_is_not_posted_again(self, stage):
        address = await stage.address()
        handle = await stage.surface.show(card(), address, None)
        await stage.people_delete(handle)
        before = stage.count()
        with pytest.raises(SurfaceError) as caught:
            await stage.surface.show(failed(), address, handle)
        assert caught.value.kind is ShowFailure.GONE
        assert stage.count() == before

    async def test_a_picture_that_was_seen_and_then_removed_is_not_sent_again(self, stage):
        """As when it is hidden and released: who has removed it has seen it. What nobody saw comes another way."""
        address = await stage.address()
        picture = await hung(stage.gallery)
        handle = await stage.surface.show(card(), address, None)
        done = finished((picture,))
        handle = remembering(await stage.surface.show(done, address, handle), done, handle)
        await stage.people_delete(handle)
        before = stage.count()
        released = replace(done, version=7, pictures=(await hung(stage.gallery, "aside"),))
        with pytest.raises(SurfaceError) as caught:
            await stage.another.show(released, address, handle)
        assert (caught.value.kind, stage.count()) == (ShowFailure.GONE, before)
        address = await stage.address()
        unseen = await stage.surface.show(card(OTHER), address, None)
        await stage.people_delete(unseen)
        moved = await stage.another.show(replace(released, job=OTHER), address, unseen)
        assert stage.look(moved).pictures == 1

    async def test_an_outage_means_later_and_afterwards_it_is_shown(self, stage):
        address = await stage.address()
        handle = await stage.surface.show(card(), address, None)
        stage.outage()
        with pytest.raises(SurfaceError) as caught:
            await stage.surface.show(failed(), address, handle)
        assert caught.value.kind is ShowFailure.LATER
        stage.calm()
        await stage.surface.show(failed(), address, handle)
        assert "credits are back" in stage.look(handle).text

    async def test_what_a_person_typed_is_shown_letter_by_letter_and_pings_nobody(self, stage):
        address = await stage.address()
        handle = await stage.surface.show(card(prompt=NASTY, requester="<@1> @here"), address, None)
        assert NASTY in stage.look(handle).text
        assert stage.pings == []

    async def test_several_pictures_are_in_one_message(self, stage):
        address = await stage.address()
        pictures = tuple(
            [await hung(stage.gallery, f"fox{n}", colour=c) for n, c in enumerate(("red", "blue"))]
        )
        handle = await stage.surface.show(finished(pictures), address, None)
        assert stage.look(handle).pictures >= 1
        assert stage.count() >= 1

    async def test_the_longest_card_is_taken(self, stage):
        """Nothing that the core may say is too long for the platform: it is cut, not refused."""
        long = "W" * 5_000
        facts = tuple((f"Label {n}", "v" * 300) for n in range(8))
        picks = tuple(Action(do=Do.PICK, label=str(n), index=n) for n in range(1, 5))
        buttons = picks + tuple(Action(do=do, label="L" * 90) for do in EVERY)
        shown = card(
            prompt=long,
            requester=long,
            headline=long[:500],
            sentence=long[:1_000],
            facts=facts,
            actions=buttons,
        )
        handle = await stage.surface.show(shown, await stage.address(), None)
        assert stage.look(handle) is not None

    async def test_an_empty_card_is_taken(self, stage):
        bare = Card(job=JOB, version=1)
        handle = await stage.surface.show(bare, await stage.address(), None)
        assert stage.look(handle) is not None

    async def test_a_picture_that_is_gone_from_the_gallery_does_not_stop_the_words(self, stage):
        address = await stage.address()
        picture = await hung(stage.gallery, "vanished")
        await stage.gallery.delete([picture.key])
        handle = await stage.surface.show(finished((picture,)), address, None)
        assert "Done in 9 s" in stage.look(handle).text

    async def test_a_private_card_is_for_one_person_alone(self, stage):
        address = await stage.address()
        handle = await stage.surface.show(card(private=True), address, None)
        assert stage.look(handle).only_for

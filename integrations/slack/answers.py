"""Answer -> Slack: a private sentence, a form, files. The message of a picture is shown by its card."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import structlog

from bot.abilities import Named
from bot.cards.jobs import cut
from bot.job import Asset, Job, Message, Placed
from bot.ports import Do, Handle
from bot.talk.answers import (
    Answer,
    Document,
    Form,
    Lines,
    Note,
    Nothing,
    Offered,
    Original,
    Originals,
    Turn,
)
from bot.talk.deeds import Deed, Pressed, Reacted, Sign
from bot.tools import Tools
from bot.words.words import Say
from integrations.slack import forms, lending
from integrations.slack._pictures import PictureUploads
from integrations.slack._private import Private
from integrations.slack._text import (
    BLOCKS_MOST,
    Blocks,
    button,
    code_blocks,
    context,
    escaped,
    moment,
    naming,
    plain,
    section,
    sections,
)
from integrations.slack._wire import Api, SlackFault
from integrations.slack.cards import ABOUT, Face, confirm, message_of
from integrations.slack.groups import UserGroups
from integrations.slack.messages import Messages, channel_and_ts
from integrations.slack.people import Caller

log = structlog.get_logger()


class Answers:
    """Shows answers, each to the one person who asked."""

    def __init__(
        self,
        api: Api,
        tools: Tools,
        *,
        private: Private,
        messages: Messages,
        uploads: PictureUploads,
        groups: UserGroups,
    ) -> None:
        self._api = api
        self._talk = tools.talk
        self._private = private
        self._messages = messages
        self._uploads = uploads
        self._groups = groups
        self._words = tools.words

    async def give(self, caller: Caller, deed: Deed, answer: Answer) -> None:  # noqa: C901 - one arm an answer
        """Shows what a deed was answered with. Raises SlackFault, and NotThere."""
        match answer:
            case Placed():
                await self._say_where(caller, deed, answer)
            case Lines():
                await self._tell_lines(caller, answer)
            case Note():
                await self._tell_note(caller, answer)
            case Form():
                await self._show_form(caller, answer)
            case Originals():
                await self._hand_over(caller, answer)
            case Document():
                await self._give_document(caller, answer)
            case Nothing(orphan=True) if isinstance(deed, Pressed):
                await self._messages.delete(*channel_and_ts(deed.message))
            case Nothing(text=text) if isinstance(deed, Reacted) and deed.sign is Sign.FAVOURITE:
                await self._private.tell(caller.where, text)  # nothing else shows that it was heard
            case Nothing():
                pass

    async def tell(self, caller: Caller, message_id: str) -> None:
        """One of our sentences."""
        await self._private.tell(caller.where, self._say(caller)(message_id))

    async def tell_anybody(self, where: Mapping[str, str], message_id: str) -> None:
        """The same to somebody of whom we know no more than where they are."""
        await self._private.tell(where, self._words.say(message_id))

    async def _tell_note(self, caller: Caller, note: Note) -> None:
        """A sentence, the moment until which it holds, and what can be pressed below it."""
        more = code_blocks(note.typed)
        if note.until is not None:
            more.append(context(f"{escaped(self._say(caller)('note-until'))} {moment(note.until)}"))
        if note.offers:
            more.append({"type": "actions", "elements": [offered(one) for one in note.offers]})
        blocks = [*_told(note.text.split("\n"), note.names), *more] if more or note.names else None
        await self._private.tell(caller.where, f"{note.text}\n{note.typed}".strip(), blocks)

    async def _say_where(self, caller: Caller, deed: Deed, placed: Placed) -> None:
        """A press for what stands already leads there; a private picture asked for in a channel is announced."""
        elsewhere = placed.job.order.private and not caller.channel.startswith("D") and caller.channel
        match placed:
            case Placed(fresh=False, message=Message(handle=Handle() as handle)) if isinstance(deed, Pressed):
                await self._point_to(caller, handle)
            case Placed() if elsewhere and await self._talk.mark_seen(f"{deed.key}:private"):
                await self.tell(caller, "slack-private-note")

    async def _point_to(self, caller: Caller, handle: Handle) -> None:
        channel, ts = channel_and_ts(handle.key)
        answer = await self._api.patiently("chat.getPermalink", channel=channel, message_ts=ts)
        say, link = self._say(caller), str(answer["permalink"])
        shown = section(escaped(say("slack-already-there", link="")).strip() + f" <{link}>")
        await self._private.tell(caller.where, say("slack-already-there", link=link), [shown])

    async def _tell_lines(self, caller: Caller, answer: Lines) -> None:
        groups = {one for one, kind in answer.names.items() if kind is Named.ROLE}
        say, lines = self._say(caller), await self._groups.with_handles(answer.plain, groups)
        lines += [answer.how] if answer.how else []
        blocks = _told(lines, answer.names, title=answer.title)[: BLOCKS_MOST - 4]
        if answer.confirm:
            blocks.append(_question(answer.confirm, lines, say))
        if answer.turns:
            blocks.append({"type": "actions", "elements": [_turning(turn) for turn in answer.turns]})
        if answer.pays:
            links = [f"<{one.address}|{escaped(one.label)}>" for one in answer.pays if one.address]
            blocks.append(section("\n".join(links)))
        if answer.pictures:
            blocks.append(_pictures(answer.pictures, say))
        text = "\n".join([answer.title, *lines] if answer.title else lines)
        await self._private.tell(caller.where, text, blocks)
        if answer.chart is not None:  # where that can't be sent, the lines say the same
            await self._send_document(caller, answer.chart.png, answer.chart.name)

    async def _show_form(self, caller: Caller, form: Form) -> None:
        """Opens the form within the 3 s of the trigger, or lets the one that is open follow its model."""
        files, open_one = self._api.may(lending.RIGHT), caller.view
        if open_one is not None:  # The pictures of a message are known to their form alone.
            form = replace(form, pictures=forms.kept_in(open_one).pictures)
        view = forms.view_of(form, self._say(caller), where=caller.where, files=files)
        try:
            if open_one is None:
                await self._api.once("views.open", trigger_id=caller.trigger, view=view)
            else:
                await self._api.once(
                    "views.update", view_id=open_one["id"], hash=open_one.get("hash"), view=view
                )
        except SlackFault as fault:
            log.info("a form could not be shown", problem=str(fault))
            if open_one is None:  # else it was closed, or has changed meanwhile
                await self.tell(caller, "slack-form-late")

    async def _hand_over(self, caller: Caller, answer: Originals) -> None:
        """Links, or the files themselves by direct message."""
        say = self._say(caller)
        if answer.by_link:
            links = [
                f"<{one.url}|{escaped(say('slack-original-link', index=one.asset.index))}>"
                for one in answer.pictures
            ]
            await self._private.tell(
                caller.where, "\n".join(one.url for one in answer.pictures), [section("\n".join(links))]
            )
            return
        sent, kept = await self._send_files(caller, answer)
        lines = [say("slack-sent")] if sent and caller.channel != sent else []
        lines += [f"{say(sentence, **_face_of(one.asset))} {one.url}".strip() for one, sentence in kept]
        if answer.card is not None:
            shown = message_of(answer.card, Face(), say)
            await self._private.tell(caller.where, shown["text"], shown["blocks"])
        if lines:
            await self._private.tell(caller.where, "\n".join(lines))

    async def _give_document(self, caller: Caller, answer: Document) -> None:
        if await self._send_document(caller, answer.data, answer.name):
            await self._private.tell(caller.where, answer.text)
        else:
            await self.tell(caller, "mydata-not-sent")

    async def _send_document(self, caller: Caller, data: bytes, name: str) -> bool:
        """By direct message; whether that could be done."""
        try:
            direct = await self._private.open(caller.user)
            await self._uploads.send_document(data, channel=direct, name=name)
        except SlackFault as fault:
            log.warning("a document could not be sent", problem=str(fault))
            return False
        return True

    async def _send_files(self, caller: Caller, answer: Originals) -> tuple[str, list[tuple[Original, str]]]:
        """Where they were sent, and those that were not, each with the sentence that says why."""
        channel, job, kept = "", answer.job, list[tuple[Original, str]]()
        for one in answer.pictures:
            name, text = f"easel-{job.id}-{one.asset.index}", "" if channel else answer.text
            try:
                direct = await self._private.open(caller.user)
                await self._uploads.send(
                    one.asset, channel=direct, name=name, alt=job.order.subject, text=text
                )
                channel = direct
            except SlackFault as fault:
                log.warning("an original could not be sent", job=job.id, problem=str(fault))
                kept.append((one, "slack-original-later" if fault.passing else "slack-original-off"))
        return channel, kept

    def _say(self, caller: Caller) -> Say:
        return Say(self._words, caller.who.language)


def offered(one: Offered) -> dict[str, Any]:
    """A button below a sentence: its value names what it is about."""
    return button(one.label, str(one.do), value=f"{ABOUT}{one.about}")


def _face_of(asset: Asset) -> dict[str, object]:
    """What an original is, in words."""
    kind = asset.media_type.rpartition("/")[2].upper()
    size = f"{asset.size_bytes / 1_000_000:.1f}"
    return {"width": asset.width, "height": asset.height, "kind": kind, "size": size}


def _told(lines: Sequence[str], names: Mapping[str, Named], *, title: str = "") -> Blocks:
    """Lines letter by letter; one that names something by its id has its name there."""
    blocks = sections([], title=title)
    for named, some in groupby(lines, key=lambda line: any(one in line for one in names)):
        part = list(some)
        blocks += naming(part, names) if named else sections(part)
    return blocks


def _question(asked: Turn, lines: Sequence[str], say: Say) -> dict[str, Any]:
    """A button that asks once more before it says yes."""
    sure = confirm(asked.label, "\n".join(lines), yes=asked.label, no=say("slack-keep"))
    press = button(asked.label, str(asked.topic), value=asked.text, style="danger", confirm=sure)
    return {"type": "actions", "elements": [press]}


def _turning(turn: Turn) -> dict[str, Any]:
    """A button to another page, with a name of its own: Slack takes no two of one name."""
    return button(turn.label, f"{turn.topic}:{turn.text}", value=turn.text)


def _pictures(jobs: Sequence[Job], say: Say) -> dict[str, Any]:
    """A menu of pictures that can be looked at once more."""
    options = [{"text": plain(cut(job.order.subject, 75), 75), "value": job.id} for job in jobs]
    menu = {"type": "static_select", "action_id": str(Do.SHOW), "options": options[: forms.OPTIONS_MOST]}
    return {"type": "actions", "elements": [{**menu, "placeholder": plain(say("button-show"), 150)}]}

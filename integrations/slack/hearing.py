"""What people do in Slack -> deeds: words, presses, menus, forms, shortcuts and reactions."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from typing import Any

import structlog

from bot.errors import EaselError
from bot.job import Message
from bot.ports import MAIN, Do, Requester
from bot.talk import deeds
from bot.talk.answers import Note
from bot.talk.changes import begins_edit
from bot.talk.deeds import (
    NAMING,
    SIGNS,
    Asked,
    Deed,
    Filled,
    Held,
    Origin,
    Pressed,
    Reacted,
    Spoken,
    Topic,
    Typed,
)
from bot.talk.forms import PROMPT
from bot.talk.receipt import Receipt
from bot.talk.spoken import question_in
from bot.talk.talk import Talk
from integrations.slack import forms
from integrations.slack._text import at, person_in, typed, typed_with_ids, without_mention
from integrations.slack._wire import SlackFault
from integrations.slack.answers import Answers
from integrations.slack.cards import ABOUT, MORE, job_of
from integrations.slack.lending import SlackFiles, files_of, is_closed, may_be_picture, sources_of
from integrations.slack.meant import Meant
from integrations.slack.messages import key_of
from integrations.slack.people import SURFACE, Caller, Members

log = structlog.get_logger()

Payload = Mapping[str, Any]

# What Slack calls the emoji that mean something; of some it has two names.
NAMES = {
    "repeat": "🔁", "arrows_counterclockwise": "🔄", "game_die": "🎲",
    "x": "❌", "wastebasket": "🗑️",
    "star": "⭐", "star2": "🌟",
    "envelope": "✉️", "email": "✉️", "envelope_with_arrow": "📩",
}  # fmt: skip
_BUTTONS = frozenset(Do)
_TOPICS = frozenset(Topic) - _BUTTONS  # a picture is shown again by a button of that name
_NOT_NOTED_YET_S = (0.0, 0.5, 1.5)  # who reacts at once may be quicker than our note of the message
_PEOPLE_MOST = 10  # that one line names


class Hearing:
    """Makes deeds of events, and hands what the talk answers to who shows it."""

    def __init__(
        self,
        *,
        talk: Talk,
        people: Members,
        answers: Answers,
        meant: Meant,
        changed: Callable[[str], None],
    ) -> None:
        self._talk = talk
        self._people = people
        self._answers = answers
        self._meant = meant
        self._changed = changed  # somebody's home tells something else now

    # ── Words ────────────────────────────────────────────────────────────────────────────────────────

    async def imagine(self, body: Payload, receipt: Receipt) -> None:
        """`/imagine TEXT`, or the form when it stands alone."""
        caller, key = await self._of_command(body)
        text = typed(at(body, "text"))
        done = Typed(**caller.by(key), text=text) if text else Asked(**caller.by(key), topic=Topic.CREATE)
        await self._do(caller, done, receipt)

    async def easel(self, body: Payload, receipt: Receipt) -> None:
        """`/easel credits` and the like."""
        caller, key = await self._of_command(body)
        await self._ask(caller, key, at(body, "text"), receipt)

    async def mention(self, body: Payload, receipt: Receipt) -> None:
        """`@Easel a red fox`: answered in the thread, where Slack has no slash commands."""
        thread = at(body, "event", "thread_ts") or at(body, "event", "ts")
        await self._hear(body, without_mention(at(body, "event", "text")), thread, receipt)

    async def in_thread(self, body: Payload, receipt: Receipt) -> None:
        """Words in a thread that begin an edit: they count where the thread has a picture of ours."""
        event, caller = body["event"], await self._speaker(body, thread=at(body, "event", "thread_ts"))
        about = await self._meant.in_thread(caller.who, caller.channel, at(event, "thread_ts"))
        if about is not None:
            files = files_of(event)
            await self._speak(
                caller, event, at(event, "text"), receipt, about=about, files=files, called=False
            )

    async def direct(self, body: Payload, receipt: Receipt) -> None:
        """A direct message to the bot."""
        await self._hear(body, at(body, "event", "text"), at(body, "event", "thread_ts"), receipt)

    async def _hear(self, body: Payload, text: str, thread: str, receipt: Receipt) -> None:
        event, caller = body["event"], await self._speaker(body, thread=thread)
        asks = question_in(typed(text))
        if asks and asks[0] in NAMING:  # whom its line names is for us to find out
            await self._ask(caller, _key_of(event), text, receipt)
            return
        within, files = at(event, "thread_ts"), files_of(event)
        about = await self._meant.in_thread(caller.who, caller.channel, within) if within else None
        if within and about is None and not files and begins_edit(typed(text), called=True):
            files = await self._meant.above(caller.channel, within)
        await self._speak(caller, event, text, receipt, about=about, files=files)

    async def _speaker(self, body: Payload, *, thread: str) -> Caller:
        event = body["event"]
        return await self._people.caller(
            event["user"], team=home_of(body), channel=event["channel"], thread=thread
        )

    async def _speak(
        self,
        caller: Caller,
        event: Payload,
        text: str,
        receipt: Receipt,
        *,
        about: Message | None,
        files: SlackFiles,
        called: bool = True,
    ) -> None:
        if any(map(is_closed, files)):
            await self._answers.tell(caller, "slack-files-right")
            return
        deed = Spoken(
            **caller.by(_key_of(event)),
            text=typed(text),
            pictures=sources_of(files),
            about=about.job if about else "",
            role=about.role if about else MAIN,
            called=called,
            answers=False,  # to a thread; where nothing begins an edit, a picture of its own is wanted
        )
        await self._do(caller, deed, receipt)

    async def _ask(self, caller: Caller, key: str, text: str, receipt: Receipt) -> None:
        deed = deeds.asked(**caller.by(key), text=typed(text))
        if deed.topic is Topic.ADMIN and not caller.rights_known:
            receipt.accept()
            await self._answers.tell(caller, "slack-rights-unknown")
            return
        if deed.topic in NAMING:
            _, _, line = typed_with_ids(text).partition(" ")
            deed = replace(deed, text=line.strip(), people=await self._named_in(line))
        await self._do(caller, deed, receipt)

    async def _named_in(self, words: str) -> dict[str, Requester]:
        ids = [word for word in words.split() if person_in(word) == word]
        found = {}
        for user in ids[:_PEOPLE_MOST]:
            with contextlib.suppress(SlackFault):  # nobody is named then, and the answer says so
                found[user] = await self._people.requester(user)
        return found

    async def _of_command(self, body: Payload) -> tuple[Caller, str]:
        caller = await self._caller(body)
        return caller, f"slack:command:{at(body, 'team_id')}:{caller.trigger}"

    async def _caller(self, body: Payload, *, form: Payload | None = None) -> Caller:
        """The person of a command or an interaction; what a form has kept of where it was opened counts more."""
        where = {**_where(body), **(forms.kept_in(form).where if form else {})}
        return await self._people.caller(
            at(body, "user_id") or at(body, "user", "id"),
            team=at(body, "team_id") or at(body, "user", "team_id"),
            name=at(body, "user_name") or at(body, "user", "name") or at(body, "user", "username"),
            trigger=at(body, "trigger_id"),
            view=form,
            **where,
        )

    # ── Buttons, menus, shortcuts ────────────────────────────────────────────────────────────────────

    async def pressed(self, body: Payload, receipt: Receipt) -> None:
        """A button or a menu of a message or of the App Home."""
        action = body["actions"][0]
        if action.get("url"):
            return  # the press has opened the link already
        caller = await self._caller(body)
        deed = _press_of(caller, action, body)
        if deed is None:
            log.info("a press of nothing known", action=action["action_id"], block=action.get("block_id"))
        else:
            await self._do(caller, deed, receipt)

    async def shortcut(self, body: Payload, receipt: Receipt) -> None:
        """The global shortcut: the form; the picture comes by direct message."""
        caller = await self._caller(body)
        await self._do(caller, Asked(**_pressing(caller), topic=Topic.CREATE), receipt)

    async def message_shortcut(self, body: Payload, receipt: Receipt) -> None:
        """Re-roll, Remix or Edit from a message's menu; Edit also from somebody else's."""
        caller = await self._caller(body)
        key, do = key_of(caller.channel, at(body, "message", "ts")), Do(body["callback_id"])
        if do is Do.EDIT and await self._talk.find(SURFACE, key) is None:
            await self._hold(caller, files_of(body.get("message")), receipt)
        else:
            await self._do(caller, Pressed(**_pressing(caller), do=do, message=key), receipt)

    async def _hold(self, caller: Caller, there: SlackFiles, receipt: Receipt) -> None:
        files = [file for file in there if may_be_picture(file)]
        if any(map(is_closed, files)):
            await self._answers.tell(caller, "slack-files-right")
        else:
            await self._do(caller, Held(**_pressing(caller), pictures=sources_of(files)), receipt)

    # ── Reactions ────────────────────────────────────────────────────────────────────────────────────

    async def reacted(self, body: Payload, receipt: Receipt) -> None:
        """A reaction of somebody on a picture of ours."""
        event = body["event"]
        name = at(event, "reaction").split("::")[0]
        channel, user = event["item"]["channel"], event["user"]
        if name not in NAMES or not await self._people.is_of_us(event):
            return
        message = await self._find(key_of(channel, event["item"]["ts"]))
        if message is None or message.handle is None:
            return
        where = {"channel": channel, "thread": message.handle.data.get("thread", "")}
        caller = await self._people.caller_patiently(user, team=home_of(body), **where)
        if caller is None:  # better no picture than one on a wrong purse
            log.error("a reaction is left alone: Slack doesn't tell who reacted", user=user, channel=channel)
            await self._answers.tell_anybody({**where, "user": user}, "slack-who-unknown")
            return
        deed = Reacted(
            **caller.by(f"slack:reaction:{channel}:{user}:{message.id}:{event.get('event_ts')}"),
            sign=SIGNS[NAMES[name]],
            job=message.job,
            role=message.role,
            message=message.handle.key,
            emoji=name,
        )
        await self._do(caller, deed, receipt)

    async def _find(self, key: str) -> Message | None:
        for pause_s in _NOT_NOTED_YET_S:
            await asyncio.sleep(pause_s)
            message = await self._talk.find(SURFACE, key)
            if message is not None:
                return message
        return None

    # ── Forms ────────────────────────────────────────────────────────────────────────────────────────

    async def model_chosen(self, body: Payload, receipt: Receipt) -> None:
        """The fields follow the model."""
        caller = await self._caller(body, form=body["view"])
        about, values = str(forms.kept_in(body["view"]).begun), forms.values_of(body["view"])
        await self._do(
            caller, Asked(**_pressing(caller), topic=Topic.CREATE, text=about, values=values), receipt
        )

    async def submitted(self, body: Payload, receipt: Receipt) -> None:
        """A filled form; what can't be had is told in it while it still stands open."""
        caller = await self._caller(body, form=body["view"])
        kept, values = forms.kept_in(body["view"]), forms.values_of(body["view"])
        deed = Filled(
            **caller.by(f"slack:view:{body['view']['id']}"),
            text=values.pop(PROMPT, ""),
            options=values,
            begun=kept.begun,
            pictures=(*kept.pictures, *forms.files_in(body["view"])),
            retold=True,  # a form that stands open is sent again under its key, and wants an answer each time
        )
        await self._do(caller, deed, receipt, form=True)

    # ── The talk ─────────────────────────────────────────────────────────────────────────────────────

    async def _do(self, caller: Caller, deed: Deed, receipt: Receipt, *, form: bool = False) -> None:
        async with self._apologising(caller):
            answer = await self._talk.do(replace(deed, accepted=receipt.accept))
            if form and isinstance(answer, Note) and (answer.refusal or answer.again) and receipt.wanted:
                receipt.refuse(answer.text)
                return
            receipt.accept()
            await self._answers.give(caller, deed, answer)
        if isinstance(deed, Asked | Spoken):
            for user in {caller.user, *(deed.people if isinstance(deed, Asked) else ())}:
                self._changed(user)

    @contextlib.asynccontextmanager
    async def _apologising(self, caller: Caller) -> AsyncIterator[None]:
        """What breaks on the way to the talk or back is logged, and the person told."""
        try:
            yield
        except (SlackFault, EaselError) as error:
            log.warning("an answer did not arrive", problem=str(error))
            await self._answers.tell(caller, "trouble")
        except Exception:
            log.exception("a request from Slack failed")
            await self._answers.tell(caller, "trouble")


def _pressing(caller: Caller) -> Origin:
    return caller.by(f"slack:action:{caller.who.community}:{caller.trigger}")


def _key_of(event: Payload) -> str:
    return f"slack:message:{event['channel']}:{event['ts']}"


def home_of(body: Payload) -> str:
    """The team that the person of an event belongs to, as the event tells; empty where it doesn't.

    Where no other workspace can be, everybody is of the one that the event was sent to.
    """
    event = body["event"]
    told = event.get("user_team") or event.get("source_team") or event.get("team")
    if told or body.get("is_ext_shared_channel"):
        return str(told or "")
    installed = (body.get("authorizations") or [{}])[0]
    return str(installed.get("team_id") or body.get("team_id") or "")


def _press_of(caller: Caller, action: Payload, body: Payload) -> Pressed | Asked | None:
    """What a button or a menu means; None for one of another version."""
    do, _, picked = action["action_id"].partition(":")
    value, chosen = at(action, "value"), at(action, "selected_option", "value")
    if do in _TOPICS:
        return Asked(**_pressing(caller), topic=Topic(do), text=value)
    if do == MORE:
        do, chosen = chosen, ""
    job, role = (chosen, MAIN) if chosen else job_of(at(action, "block_id"))
    if not job and value.startswith(ABOUT):  # below a private sentence
        job, value = value.removeprefix(ABOUT), ""
    if not job or do not in _BUTTONS:
        return None
    number = picked or value.partition(":")[2]
    return Pressed(
        **_pressing(caller),
        do=Do(do),
        job=job,
        role=role,
        index=int(number) if number.isdecimal() else 0,
        message=key_of(at(body, "container", "channel_id"), at(body, "container", "message_ts")),
    )


def _where(body: Payload) -> dict[str, str]:
    """What a command or an interaction tells of where it happened; a message of its own is no thread."""
    thread = at(body, "thread_ts") or at(body, "container", "thread_ts") or at(body, "message", "thread_ts")
    return {
        "channel": at(body, "channel_id") or at(body, "channel", "id") or at(body, "container", "channel_id"),
        "thread": thread if thread != at(body, "message", "ts") else "",
        "url": at(body, "response_url"),
    }

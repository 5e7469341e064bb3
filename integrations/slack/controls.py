"""What people press: buttons, menus, reactions, shortcuts and forms -> the Studio. Who presses pays."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from bot.errors import BadPrompt, NotThere, Refusal
from bot.job import Asset, Job, Message
from bot.ports import Do, Pick, Picture, Role
from integrations.slack import forms
from integrations.slack._room import Caller, Room
from integrations.slack.cards import MORE, SHOW, job_of
from integrations.slack.commands import FORGET
from integrations.slack.messages import key_of
from integrations.slack.people import SURFACE

log = structlog.get_logger()

REROLL = "reroll"  # callback ids of the message shortcuts
REMIX = "remix"
CREATE = "create"  # of the global shortcut, and the button in the App Home
AGAIN = frozenset({"repeat", "arrows_counterclockwise", "game_die"})
DELETE = frozenset({"x"})
_DOUBLE_CLICK_S = 3.0  # ruling 8
_REACTION_S = 60.0
_NOT_NOTED_YET_S = (0.0, 0.5, 1.5)
_FORM_WAIT_S = 1.5  # a refusal that comes so soon is shown in the form; Slack waits 3 s


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One press on a message about a job."""

    do: str
    job: str
    role: Role
    index: int
    channel: str
    ts: str
    trigger: str

    def key(self, team: str) -> str:
        return f"slack:action:{team}:{self.trigger}"


class Controls:
    """Presses of people."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._studio = room.tools.studio

    # ── Buttons and menus ────────────────────────────────────────────────────────────────────────────

    async def pressed(self, body: Mapping[str, Any]) -> None:
        """A button or a menu of a message or of the App Home."""
        action = body["actions"][0]
        if action.get("url"):
            return  # the press has opened the link already
        caller = await self._caller_of(body)
        async with self._room.answering(caller):
            if action["action_id"] in (CREATE, FORGET):
                await self._pressed_home(caller, action["action_id"], body)
                return
            press = _press_of(body, action)
            if press is None or await self._is_double(caller, press):
                return
            await self._act(caller, press)

    async def _pressed_home(self, caller: Caller, action: str, body: Mapping[str, Any]) -> None:
        if action == CREATE:
            await forms.open_form(self._room, caller, str(body.get("trigger_id") or ""))
        elif await self._studio.first_time(f"slack:forget:{body.get('trigger_id')}"):
            await self._studio.forget(caller.who)
            self._room.changed(caller.where["user"])
            await self._room.private.tell(caller.where, caller.say("forget-done"))

    async def _is_double(self, caller: Caller, press: Press) -> bool:
        """The same delivery again, or a double click, which has two ids."""
        if not await self._studio.first_time(press.key(caller.who.community)):
            return True
        click = f"slack:press:{press.channel}:{press.ts}:{caller.who.user}:{press.do}:{press.index}"
        return not await self._studio.first_time(click, again_after_s=_DOUBLE_CLICK_S)

    async def _act(self, caller: Caller, press: Press) -> None:
        key = press.key(caller.who.community)
        match press.do:
            case Do.REROLL | Do.RETRY:
                await self._room.draw(caller, "", key=key, parent=press.job, again=True)
            case Do.REMIX:
                await forms.open_form(self._room, caller, press.trigger, job=press.job)
            case Do.CANCEL:
                await self._studio.cancel(press.job, caller.who)
            case Do.DELETE:
                await self._studio.delete(press.job, caller.who, role=press.role)
            case Do.PICK:
                await self._room.pick(caller, press.job, press.index, key=key)
            case Do.REPORT:
                await self._studio.report(press.job, caller.who)
                await self._room.private.tell(caller.where, caller.say("report-done"))
            case _ if press.do in (Do.ORIGINAL, SHOW):
                await self._send_originals(caller, press)
            case other:
                log.info("a press of nothing known", action=other)

    async def _send_originals(self, caller: Caller, press: Press) -> None:
        """Links, or the files themselves by direct message where we have no public address."""
        job = await self._studio.job(press.job, caller.who)
        wanted = [a for a in job.images if press.index in (0, a.index)]
        if isinstance(press.role, Pick):
            wanted = [a for a in job.images if a.index == press.role.index]
        if not wanted:
            raise NotThere
        links = self._links(job, wanted)
        if links:
            lines = [f"{caller.say('slack-original-link', index=a.index)}: {u}" for a, u in links]
            await self._room.tell_lines(caller, lines)
            return
        await self._send_files(caller, job, wanted)

    def _links(self, job: Job, assets: list[Asset]) -> list[tuple[Asset, str]]:
        made = [(a, self._studio.gallery.link(a.key, private=job.order.private)) for a in assets]
        return [(a, url) for a, url in made if url]

    async def _send_files(self, caller: Caller, job: Job, assets: list[Asset]) -> None:
        channel = await self._room.private.direct(caller.where["user"])
        for asset in assets:
            ending = asset.media_type.rpartition("/")[2].replace("jpeg", "jpg")
            picture = Picture(
                key=asset.key,
                media_type=asset.media_type,
                width=asset.width,
                height=asset.height,
                size_bytes=asset.size_bytes,
                alt=job.order.subject,
            )
            name = f"easel-{job.id}-{asset.index}.{ending}"
            await self._room.messages.uploads.send(picture, channel=channel, name=name)
        if caller.where.get("channel") != channel:
            await self._room.private.tell(caller.where, caller.say("slack-original-sent"))

    # ── Reactions ────────────────────────────────────────────────────────────────────────────────────

    async def reacted(self, event: Mapping[str, Any]) -> None:
        """A reaction on a picture: draws it anew, paid by who reacts, or deletes it."""
        name = str(event.get("reaction") or "").split("::")[0]
        item = event.get("item") or {}
        if name not in AGAIN | DELETE or item.get("type") != "message":
            return
        channel, ts = str(item["channel"]), str(item["ts"])
        message = await self._found(channel, ts)
        if message is None:
            return
        user = str(event["user"])
        if not await self._studio.first_time(
            f"slack:reaction:{channel}:{ts}:{user}:{name}", again_after_s=_REACTION_S
        ):
            return
        thread = message.address.data.get("thread", "") if message.handle else ""
        caller = await self._room.caller(user, channel=channel, thread=thread)
        async with self._room.answering(caller):
            await self._react(caller, message, name, str(event.get("event_ts") or ""))

    async def _found(self, channel: str, ts: str) -> Message | None:
        """Our message; who reacts at once may be quicker than our note of it."""
        for pause_s in _NOT_NOTED_YET_S:
            await asyncio.sleep(pause_s)
            message = await self._studio.find(SURFACE, key_of(channel, ts))
            if message is not None:
                return message
        return None

    async def _react(self, caller: Caller, message: Message, name: str, at: str) -> None:
        job = await self._studio.job(message.job, caller.who)
        if name in DELETE:
            if job.state.ended:
                await self._studio.delete(message.job, caller.who, role=message.role)
            else:
                await self._studio.cancel(message.job, caller.who)
            return
        key = f"slack:reaction:{caller.where['channel']}:{caller.who.user}:{message.id}:{at}"
        await self._room.draw(caller, "", key=key, parent=message.job, again=True)

    # ── Shortcuts ────────────────────────────────────────────────────────────────────────────────────

    async def shortcut(self, body: Mapping[str, Any]) -> None:
        """The global shortcut: the form; the picture comes by direct message."""
        caller = await self._caller_of(body)
        async with self._room.answering(caller):
            await forms.open_form(self._room, caller, str(body.get("trigger_id") or ""))

    async def message_shortcut(self, body: Mapping[str, Any]) -> None:
        """Re-roll or Remix from a message's menu."""
        caller = await self._caller_of(body)
        trigger = str(body.get("trigger_id") or "")
        key = f"slack:action:{caller.who.community}:{trigger}"
        async with self._room.answering(caller, key=key):
            job = await self._job_under(body)
            if body.get("callback_id") == REMIX:
                await forms.open_form(self._room, caller, trigger, job=job)
            elif await self._studio.first_time(key):
                await self._room.draw(caller, "", key=key, parent=job, again=True)

    async def _job_under(self, body: Mapping[str, Any]) -> str:
        channel = str((body.get("channel") or {}).get("id", ""))
        message = body.get("message") or {}
        found = await self._studio.find(SURFACE, key_of(channel, str(message.get("ts", ""))))
        if found is not None:
            return found.job
        raise BadPrompt("slack-press-picture")

    # ── Forms ────────────────────────────────────────────────────────────────────────────────────────

    async def model_chosen(self, body: Mapping[str, Any]) -> None:
        """The fields follow the model."""
        caller = await self._caller_of(body)
        await forms.follow_model(self._room, caller, body["view"])

    async def submitted(self, body: Mapping[str, Any]) -> dict[str, str] | None:
        """A filled form. Answers the errors to show in it, when there are any soon; else the work goes on."""
        view = body["view"]
        meta = json.loads(view.get("private_metadata") or "{}")
        user = body["user"]
        caller = await self._room.caller(
            str(user["id"]),
            team=str(user.get("team_id") or ""),
            name=str(user.get("name") or ""),
            channel=meta.get("channel", ""),
            thread=meta.get("thread", ""),
            url=meta.get("url", ""),
        )
        refused: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._room.spawn(self._submit(caller, view, meta, refused), at_once=True)
        await asyncio.wait([refused], timeout=_FORM_WAIT_S)
        if refused.done() and (sentence := refused.result()):
            return {forms.PROMPT: sentence}
        refused.cancel()  # from now on a refusal is told privately
        return None

    async def _submit(
        self,
        caller: Caller,
        view: Mapping[str, Any],
        meta: Mapping[str, str],
        refused: asyncio.Future[str],
    ) -> None:
        """Asks for the picture; `refused` gets the sentence for the form, or nothing when all is well."""
        key = f"slack:view:{view['id']}"
        text, options = forms.order_of(forms.values_of(view))
        async with self._room.answering(caller):
            try:
                await self._room.draw(caller, text, key=key, options=options, parent=meta.get("job", ""))
            except Refusal as refusal:
                if refused.done():
                    raise
                refused.set_result(self._room.tools.words.refusal(refusal, caller.who.language))
            finally:
                if not refused.done():
                    refused.set_result("")

    # ── Who ──────────────────────────────────────────────────────────────────────────────────────────

    async def _caller_of(self, body: Mapping[str, Any]) -> Caller:
        """The person of an interaction, and the message or nothing that it happened on."""
        user, container = body["user"], body.get("container") or {}
        message = body.get("message") or {}
        thread = container.get("thread_ts") or message.get("thread_ts") or ""
        return await self._room.caller(
            str(user["id"]),
            team=str(user.get("team_id") or ""),
            name=str(user.get("name") or user.get("username") or ""),
            channel=str((body.get("channel") or {}).get("id") or container.get("channel_id") or ""),
            thread=str(thread) if thread != message.get("ts") else "",
            url=str(body.get("response_url") or ""),
        )


def _press_of(body: Mapping[str, Any], action: Mapping[str, Any]) -> Press | None:
    """Which job a press is about: the block's id tells, the button's value the image."""
    place = job_of(str(action.get("block_id", "")))
    if place is None:
        return None
    do = str(action["action_id"])
    if do == MORE:
        do = str((action.get("selected_option") or {}).get("value", ""))
    do, _, index = do.partition(":")
    _, _, shown = str(action.get("value") or "").partition(":")
    container = body.get("container") or {}
    return Press(
        do=do,
        job=place[0],
        role=place[1],
        index=int(index or shown or 0),
        channel=str(container.get("channel_id", "")),
        ts=str(container.get("message_ts", "")),
        trigger=str(body.get("trigger_id", "")),
    )

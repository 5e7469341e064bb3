"""What people type: /imagine, /easel, mentions and direct messages -> the Studio."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.errors import BadPrompt
from bot.ports import Requester
from bot.talk import reports
from bot.talk.admin_text import AdminText
from integrations.slack import forms
from integrations.slack._room import Caller, Room, sections
from integrations.slack._text import button, escaped, person_in, section, typed
from integrations.slack.cards import Labels, confirm
from integrations.slack.people import SURFACE

FORGET = "forget"
_MOVEMENTS = 8
_HISTORY = 15
_MENTIONED = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")
_FLAG = re.compile(r"[-—–]*([a-z_]+)[\s=:]+(\S+)", re.IGNORECASE)
_NAMES = {"ar": "aspect", "m": "model", "s": "style", "q": "quality"}
_CLEAR = {"clear", "none", "reset", "default", "지우기"}
_PRIVATE = re.compile(r"[-—–]+private\b(?![\s=:]+(?:yes|no)\b)", re.IGNORECASE)


class Commands:
    """Slash commands, mentions and direct messages."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._studio = room.tools.studio
        self._admin = AdminText(room.tools.desk, room.tools.words)
        self._own: dict[str, Callable[[Caller, str, str], Awaitable[None]]] = {
            "credits": self._credits,
            "history": self._history,
            "models": self._models,
            "defaults": self._defaults,
            "forget": self._forget,
            "help": self._help,
            "admin": self._admin_line,
        }

    # ── Slash commands ───────────────────────────────────────────────────────────────────────────────

    async def imagine(self, body: Mapping[str, Any]) -> None:
        """`/imagine TEXT`, or the form when it stands alone."""
        caller, key = await self._from_command(body)
        text = typed(str(body.get("text") or ""))
        async with self._room.answering(caller, key=key):
            if text:
                await self._room.draw(caller, text, key=key)
            else:
                await forms.open_form(self._room, caller, str(body.get("trigger_id") or ""))

    async def easel(self, body: Mapping[str, Any]) -> None:
        """`/easel credits` and the like."""
        caller, key = await self._from_command(body)
        async with self._room.answering(caller, key=key):
            if await self._studio.first_time(key):
                await self._answer(caller, str(body.get("text") or "").strip(), key)

    async def _from_command(self, body: Mapping[str, Any]) -> tuple[Caller, str]:
        caller = await self._room.caller(
            str(body["user_id"]),
            team=str(body.get("team_id") or ""),
            name=str(body.get("user_name") or ""),
            channel=str(body.get("channel_id") or ""),
            thread=str(body.get("thread_ts") or ""),
            url=str(body.get("response_url") or ""),
        )
        return caller, f"slack:command:{body.get('team_id')}:{body.get('trigger_id')}"

    # ── Words said to the bot ────────────────────────────────────────────────────────────────────────

    async def mention(self, event: Mapping[str, Any]) -> None:
        """`@Easel a red fox`: answered in the thread, where Slack has no slash commands."""
        thread = str(event.get("thread_ts") or event.get("ts"))
        text = _MENTIONED.sub(" ", str(event.get("text") or ""), count=1)
        await self._said(event, text, thread)

    async def direct(self, event: Mapping[str, Any]) -> None:
        """A direct message to the bot."""
        await self._said(event, str(event.get("text") or ""), str(event.get("thread_ts") or ""))

    async def _said(self, event: Mapping[str, Any], raw: str, thread: str) -> None:
        caller = await self._room.caller(
            str(event["user"]),
            team=str(event.get("user_team") or event.get("team") or ""),
            channel=str(event["channel"]),
            thread=thread,
        )
        key = f"slack:message:{event['channel']}:{event['ts']}"
        text = typed(raw)
        async with self._room.answering(caller, key=key):
            if not text or text.split()[0].casefold() in self._own:
                if await self._studio.first_time(key):
                    await self._answer(caller, raw.strip(), key)
                return
            await self._room.draw(caller, text, key=key)

    # ── /easel ───────────────────────────────────────────────────────────────────────────────────────

    async def _answer(self, caller: Caller, text: str, key: str) -> None:
        verb, _, rest = text.partition(" ")
        act = self._own.get(verb.casefold(), self._help)
        await act(caller, rest.strip(), key)

    async def _credits(self, caller: Caller, _: str, key: str) -> None:
        del key
        purse = await self._studio.credits(caller.who, movements=_MOVEMENTS)
        lines = reports.credits_lines(purse, self._room.tools.words, caller.who.language)
        await self._room.tell_lines(caller, lines)

    async def _history(self, caller: Caller, _: str, key: str) -> None:
        del key
        jobs = await self._studio.history(caller.who, limit=_HISTORY)
        lines = reports.history_lines(jobs, self._room.tools.words, caller.who.language)
        await self._room.tell_lines(caller, lines, title=caller.say("history-title") if jobs else "")

    async def _models(self, caller: Caller, _: str, key: str) -> None:
        del key
        offers = await self._studio.models(caller.who)
        lines = reports.models_lines(offers, self._room.tools.words, caller.who.language)
        await self._room.tell_lines(caller, lines, title=caller.say("models-title"))

    async def _help(self, caller: Caller, _: str, key: str) -> None:
        del key
        await self._room.tell_lines(caller, caller.say("help-text").splitlines())

    async def _defaults(self, caller: Caller, rest: str, key: str) -> None:
        del key
        say = caller.say
        if rest.casefold() in _CLEAR:
            now = await self._studio.defaults(caller.who)
            await self._studio.set_defaults(caller.who, dict.fromkeys(now))
            self._room.changed(caller.where["user"])
            await self._room.private.tell(caller.where, say("defaults-cleared"))
            return
        if rest:
            await self._studio.set_defaults(caller.who, _values(typed(rest)))
            self._room.changed(caller.where["user"])
        now = await self._studio.defaults(caller.who)
        lines = [say("defaults-line", name=name, value=value) for name, value in now.items()]
        title = say("defaults-saved") if rest else say("defaults-title")
        await self._room.tell_lines(
            caller, [*(lines or [say("defaults-none")]), say("slack-defaults-usage")], title=title
        )

    async def _forget(self, caller: Caller, _: str, key: str) -> None:
        del key
        say = caller.say
        sure = confirm(
            say("forget-button"),
            Labels(sure=say("forget-ask"), yes=say("forget-button"), no=say("slack-keep")),
        )
        erase = button(say("forget-button"), FORGET, style="danger", confirm=sure)
        blocks = [section(escaped(say("forget-ask"))), {"type": "actions", "elements": [erase]}]
        await self._room.private.tell(caller.where, say("forget-ask"), blocks)

    async def _admin_line(self, caller: Caller, rest: str, key: str) -> None:
        # Mentions first, for a name inside one may hold spaces.
        people: dict[str, Requester] = {}
        here = await self._room.here()
        words = _MENTIONED.sub(lambda m: person_in(m[0]), typed_mentions(rest)).split()
        for word in words:
            if (user := person_in(word)) == word:
                people[word] = await self._room.people.requester(here, user)
        lines = await self._admin.answer(
            caller.who, " ".join(words), person_of=people.get, key=f"{SURFACE}:admin:{key}"
        )
        for user in people:
            self._room.changed(user)
        await self._room.private.tell(caller.where, "\n".join(lines), sections(lines))


def typed_mentions(text: str) -> str:
    """What was typed, with the mentions still in it."""
    kept = _MENTIONED.sub(lambda m: f" {person_in(m[0])} ", text)
    return typed(kept)


def _values(text: str) -> dict[str, str | None]:
    """`--model flux --ar 16:9 --private` or `model=flux`: names and values. Raises BadPrompt."""
    text = _PRIVATE.sub("--private yes", text)
    found = {_NAMES.get(m[1].casefold(), m[1].casefold()): m[2] for m in _FLAG.finditer(text)}
    if not found:
        raise BadPrompt("slack-defaults-usage")
    return {name: None if value.casefold() in _CLEAR else value for name, value in found.items()}

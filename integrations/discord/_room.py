"""What the handlers share: who calls and from where, private answers, and how a picture is asked for."""

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord
import structlog

from bot.community.rules import Rules
from bot.errors import NotAllowed, Refusal, StoreBusy
from bot.ports import Ask, Place, Requester
from bot.tools import Tools
from integrations.discord._text import cut, harmless, harmless_lines
from integrations.discord._wire import DiscordFault, File, Rest
from integrations.discord.address import FIRST_WITHIN_S, SURFACE, Where
from integrations.discord.cards import EPHEMERAL, NOBODY
from integrations.discord.people import place_of, requester_of, where_of

log = structlog.get_logger()

_ANSWER, _DEFER, _DEFER_UPDATE, _MODAL, _CHOICES = 4, 5, 6, 9, 8
_SLOW_S = 1.5  # a private answer that isn't ready by then is announced first
_COLOUR = 0x5865F2
_DESCRIPTION_LIMIT = 3_800  # of 4,096
_RULES_S = 15.0
_RULES_MAX = 2_000
TASKS_MAX = 2_000
DRAWING_MAX = 1_000  # first responses under way; more could not be in time


@dataclass(slots=True, kw_only=True)
class Caller:
    """Who did something, where, and what the interaction was answered with so far."""

    who: Requester
    where: Where
    place: Place
    state: str = "new"  # answered, deferred (privately), updated (nothing to see)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # an announcement and the answer don't overtake

    @property
    def key(self) -> str:
        return f"discord:{self.where.interaction}"


@dataclass(slots=True, kw_only=True)
class Room:
    """Everything a handler needs."""

    tools: Tools
    rest: Rest
    resuming: set[int | None] = field(default_factory=set)  # shards that catch up on what they missed
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)  # ours, and discord.py's that answer somebody
    _drawing: int = 0
    _noting: bool = False
    _homes: dict[str, None] = field(default_factory=dict)  # servers to note, in order
    _rules: OrderedDict[str, tuple[float, Rules]] = field(default_factory=OrderedDict)

    def caller(self, interaction: discord.Interaction[Any]) -> Caller:
        """The person behind an interaction."""
        where = where_of(interaction, replayed=bool(self.resuming))
        return Caller(who=requester_of(interaction), where=where, place=place_of(interaction, where))

    def place(self, where: Where, *, age_restricted: bool) -> Place:
        """Where something was done, without an interaction."""
        return Place(address=where.address, channel=where.channel, age_restricted=age_restricted)

    def say(self, caller: Caller, message_id: str, /, **facts: object) -> str:
        """One of our texts in the person's language."""
        return self.tools.words.say(message_id, caller.who.language, **facts)

    # ── Work ─────────────────────────────────────────────────────────────────────────────────────────

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Does the work beside the gateway's reader."""
        if len(self._tasks) >= TASKS_MAX:
            log.warning("too many requests: an event of Discord is dropped")
            work.close()
            return
        task = asyncio.create_task(_logged(work), name="discord-work")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def at_home(self, guild: str) -> None:
        """Easel is in a server. A start tells of all of them at once: one after the other will do."""
        self._homes[guild] = None
        if not self._noting:
            self._noting = True
            self.spawn(self._note_homes())

    async def _note_homes(self) -> None:
        try:
            while self._homes:
                guild = next(iter(self._homes))
                del self._homes[guild]
                await self._note_home(guild)
        finally:
            self._noting = False

    async def _note_home(self, guild: str) -> None:
        try:
            await self.tools.studio.joined(SURFACE, guild)
        except StoreBusy as error:
            log.warning("that Easel is in a server could not be noted", guild=guild, problem=str(error))

    async def aclose(self, grace_s: float = 2.0) -> None:
        """Lets running requests finish for a moment."""
        tasks = list(self._tasks)
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def rules(self, who: Requester) -> Rules:
        """The community's rules, at most some seconds old: autocompletion asks with every letter."""
        now = time.monotonic()
        known = self._rules.get(who.community)
        if known is not None and now - known[0] < _RULES_S:
            return known[1]
        rules = await self.tools.studio.rulebook.of(who)
        self._rules[who.community] = (now, rules)
        while len(self._rules) > _RULES_MAX:
            self._rules.popitem(last=False)
        return rules

    # ── Answers ──────────────────────────────────────────────────────────────────────────────────────

    @contextlib.asynccontextmanager
    async def answering(self, caller: Caller, *, slow: bool = False) -> AsyncIterator[None]:
        """A Refusal becomes one private sentence, anything else an apology and a log.

        `slow`: an answer that takes its time is announced, so that the person doesn't see a failure.
        """
        watch = asyncio.create_task(self._announced(caller)) if slow else None
        task = asyncio.current_task()
        if task is not None and task not in self._tasks:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            yield
        except Refusal as refusal:
            await self.tell(caller, self.tools.words.refusal(refusal, caller.who.language))
        except DiscordFault as fault:
            log.warning("Discord did not take an answer", problem=str(fault))
        except Exception:
            log.exception("a request from Discord failed")
            await self.tell(caller, self.say(caller, "trouble"))
        finally:
            if watch is not None:
                watch.cancel()

    async def tell(self, caller: Caller, text: str, *, title: str = "", files: Sequence[File] = ()) -> None:
        """Says something to one person alone; what people typed in it is harmless."""
        embed = {"color": _COLOUR, "description": cut(harmless_lines(text.split("\n")), _DESCRIPTION_LIMIT)}
        if title:
            embed["title"] = cut(harmless(title), 256)
        await self.tell_body(caller, {"embeds": [embed]}, files=files)

    async def tell_body(self, caller: Caller, body: dict[str, Any], *, files: Sequence[File] = ()) -> None:
        """The same with buttons or files. Never raises: there is nobody else to tell."""
        attachments = [{"id": n, "filename": f.name, "description": f.alt} for n, f in enumerate(files)]
        whole = {
            "content": "",
            "components": [],
            **body,
            "attachments": attachments,
            "allowed_mentions": NOBODY,
        }
        try:
            async with caller.turn:
                await self._tell(caller, whole, files)
        except DiscordFault as fault:
            log.info("an answer could not be given", problem=str(fault))

    async def _tell(self, caller: Caller, body: dict[str, Any], files: Sequence[File]) -> None:
        where = caller.where
        if not where.token:
            await self._tell_directly(where.user, body)
        elif caller.state == "new":
            caller.state = "answered"
            await self.respond(caller, {"type": _ANSWER, "data": {**body, "flags": EPHEMERAL}}, files=files)
        elif caller.state == "deferred":
            caller.state = "answered"
            await self.rest.by_token("PATCH", f"{where.webhook}/messages/@original", body, files=files)
        else:
            body = {**body, "flags": EPHEMERAL}
            await self.rest.by_token("POST", where.webhook, body, files=files, repeats=False)

    async def _tell_directly(self, user: str, body: dict[str, Any]) -> None:
        """Who reacted can't be answered privately in the channel."""
        channel = await self.rest.bot("POST", "/users/@me/channels", {"recipient_id": user})
        await self.rest.bot("POST", f"/channels/{channel['id']}/messages", body, repeats=False)

    async def respond(self, caller: Caller, response: dict[str, Any], *, files: Sequence[File] = ()) -> None:
        """Any first response. Raises DiscordFault."""
        where = caller.where
        left_s = where.asked_at + FIRST_WITHIN_S - time.time()
        path = f"/interactions/{where.interaction}/{where.token}/callback"
        await self.rest.once(path, response, files=files, within_s=left_s)

    async def acknowledge(self, caller: Caller) -> None:
        """A press that shows in the message itself: nothing more to see."""
        caller.state = "updated"
        with contextlib.suppress(DiscordFault):
            await self.respond(caller, {"type": _DEFER_UPDATE})

    async def open_form(self, caller: Caller, form: dict[str, Any]) -> None:
        """A modal as the first response. Raises DiscordFault."""
        caller.state = "answered"
        await self.respond(caller, {"type": _MODAL, "data": form})

    async def suggest(self, caller: Caller, choices: list[dict[str, Any]]) -> None:
        """Autocompletion. Raises DiscordFault."""
        await self.respond(caller, {"type": _CHOICES, "data": {"choices": choices}})

    async def _announced(self, caller: Caller) -> None:
        await asyncio.sleep(_SLOW_S)
        async with caller.turn:
            if caller.state == "new":
                caller.state = "deferred"
                with contextlib.suppress(DiscordFault):
                    await self.respond(caller, {"type": _DEFER, "data": {"flags": EPHEMERAL}})

    # ── Pictures ─────────────────────────────────────────────────────────────────────────────────────

    async def draw(
        self,
        caller: Caller,
        text: str,
        *,
        key: str = "",
        options: Mapping[str, str] | None = None,
        parent: str = "",
        again: bool = False,
    ) -> None:
        """Asks for a picture: a new one, a Remix of `parent`, or it `again`. Raises a Refusal."""
        if self._drawing >= DRAWING_MAX:
            raise NotAllowed("busy")
        self._drawing += 1
        try:
            await self._draw(caller, text, key=key, options=options or {}, parent=parent, again=again)
        finally:
            self._drawing -= 1

    async def _draw(
        self, caller: Caller, text: str, *, key: str, options: Mapping[str, str], parent: str, again: bool
    ) -> None:
        studio = self.tools.studio
        ask = Ask(
            requester=caller.who,
            place=caller.place,
            text=text,
            options=options,
            request_key=key or caller.key,
        )
        if again:
            await studio.reroll(parent, ask)
        elif parent:
            await studio.remix(parent, ask)
        else:
            await studio.imagine(ask)
        caller.state = "answered"

    async def pick(self, caller: Caller, job: str, index: int) -> None:
        """Posts one of several pictures alone. Raises a Refusal."""
        ask = Ask(requester=caller.who, place=caller.place, text="", request_key=caller.key)
        placed = await self.tools.studio.pick(job, index, ask)
        caller.state = "answered"
        if not placed.fresh:
            # It was picked before: its message stands already.
            await self.acknowledge(caller)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("an event of Discord broke")

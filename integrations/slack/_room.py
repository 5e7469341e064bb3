"""What the handlers share: who calls and from where, and how a picture is asked for and refused."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.errors import Refusal
from bot.job import Job, Showing
from bot.ports import Address, Ask, Place, Requester
from bot.tools import Tools
from integrations.slack._private import Private
from integrations.slack._text import Say, escaped, section, verbatim
from integrations.slack._wire import Api, SlackFault
from integrations.slack.messages import Messages
from integrations.slack.people import SURFACE, People, Workspace

log = structlog.get_logger()

TASKS_MAX = 1_000
AT_ONCE = 24
_LINES_OF_SECTION = 25
_SECTION_ROOM = 2_800


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who did something, and where the answer goes."""

    who: Requester
    where: Mapping[str, str]  # an address: channel, user, thread, url, asked
    say: Say

    @property
    def place(self) -> Place:
        return Place(
            address=Address(surface=SURFACE, data=dict(self.where)), channel=self.where.get("channel", "")
        )


@dataclass(slots=True, kw_only=True)
class Room:
    """Everything a handler needs."""

    tools: Tools
    api: Api
    people: People
    messages: Messages
    here: Callable[[], Awaitable[Workspace]]
    changed: Callable[[str], None]  # somebody's home tells something else now
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    @property
    def private(self) -> Private:
        return self.messages.private

    async def caller(
        self,
        user: str,
        *,
        team: str = "",
        name: str = "",
        channel: str = "",
        thread: str = "",
        url: str = "",
    ) -> Caller:
        """The person behind a request."""
        who = await self.people.requester(await self.here(), user, team=team, name=name)
        where = {
            "channel": channel,
            "user": user,
            "thread": thread,
            "url": url,
            "asked": f"{time.time():.0f}",
        }
        return Caller(who=who, where={k: v for k, v in where.items() if v}, say=Say(self.tools.words, who))

    # ── Work behind the acknowledgement ──────────────────────────────────────────────────────────────

    def has_room(self) -> bool:
        """Whether one more request can be taken on."""
        return len(self._tasks) < TASKS_MAX

    def spawn(self, work: Coroutine[Any, Any, None], *, at_once: bool = False) -> None:
        """Does the work after the acknowledgement; `at_once` for what must use its trigger within 3 s."""
        task = asyncio.create_task(self._bounded(work, at_once=at_once), name="slack-work")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _bounded(self, work: Coroutine[Any, Any, None], *, at_once: bool) -> None:
        try:
            if at_once:
                await work
                return
            async with self._gate:
                await work
        except Exception:
            log.exception("a request from Slack broke")
        finally:
            work.close()

    async def aclose(self, grace_s: float = 2.0) -> None:
        """Lets running requests finish for a moment."""
        tasks = list(self._tasks)
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    # ── Answers ──────────────────────────────────────────────────────────────────────────────────────

    @contextlib.asynccontextmanager
    async def answering(self, caller: Caller, *, key: str = "") -> AsyncIterator[None]:
        """A Refusal becomes one private sentence, anything else an apology and a log; told once for `key`."""
        try:
            yield
        except Refusal as refusal:
            if not key or await self.tools.studio.first_time(f"{key}:refused"):
                sentence = self.tools.words.refusal(refusal, caller.who.language)
                await self.private.tell(caller.where, sentence)
        except SlackFault as fault:
            log.warning("Slack did not take an answer", problem=str(fault))
        except Exception:
            log.exception("a request from Slack failed")
            await self.private.tell(caller.where, caller.say("trouble"))

    async def tell_lines(self, caller: Caller, lines: list[str], *, title: str = "") -> None:
        """A private answer of several lines."""
        text = "\n".join([title, *lines] if title else lines)
        await self.private.tell(caller.where, text, sections(lines, title=title))

    async def draw(
        self,
        caller: Caller,
        text: str,
        *,
        key: str,
        options: Mapping[str, str] | None = None,
        parent: str = "",
        again: bool = False,
    ) -> None:
        """Asks for a picture: a new one, a Remix of `parent`, or it `again`. Raises a Refusal."""
        studio = self.tools.studio
        ask = Ask(requester=caller.who, place=caller.place, text=text, options=options or {}, request_key=key)
        if again:
            placed = await studio.reroll(parent, ask)
        elif parent:
            placed = await studio.remix(parent, ask)
        else:
            placed = await studio.imagine(ask)
        if placed.fresh and placed.shown is Showing.IMPOSSIBLE:
            await self._called_off(caller, placed.job)
            return
        await self._say_where(caller, private=placed.job.order.private, key=key)

    async def _called_off(self, caller: Caller, job: Job) -> None:
        """Nobody would see it: better the credits back; what is painted already comes by direct message."""
        studio = self.tools.studio
        try:
            await studio.cancel(job.id, caller.who)
        except Refusal:
            channel = await self.private.direct(caller.where["user"])
            place = Caller(
                who=caller.who, where={**caller.where, "channel": channel, "thread": ""}, say=caller.say
            )
            for index in range(1, job.order.images + 1):
                with contextlib.suppress(Refusal):
                    await self.pick(place, job.id, index, key=f"{job.id}:{index}")
            await self.private.tell(caller.where, caller.say("slack-sent-directly"))
        else:
            await self.private.tell(caller.where, caller.say("cancel-done"))

    async def pick(self, caller: Caller, job: str, index: int, *, key: str) -> None:
        """Posts one of several pictures alone. Raises a Refusal."""
        ask = Ask(requester=caller.who, place=caller.place, text="", request_key=key)
        await self.tools.studio.pick(job, index, ask)

    async def _say_where(self, caller: Caller, *, private: bool, key: str) -> None:
        """Who asked in a channel for a private picture learns where it comes."""
        elsewhere = private and not caller.where.get("channel", "D").startswith("D")
        if elsewhere and await self.tools.studio.first_time(f"{key}:private"):
            await self.private.tell(caller.where, caller.say("slack-private-note"))


def sections(lines: list[str], *, title: str = "") -> list[dict[str, Any]]:
    """Lines as plain text, letter by letter: what people typed stands in them."""
    blocks = [section(f"*{escaped(title)}*")] if title else []
    part: list[str] = []
    for line in lines:
        if len(part) >= _LINES_OF_SECTION or sum(map(len, part)) + len(line) > _SECTION_ROOM:
            blocks.append(verbatim("\n".join(part)))
            part = []
        part.append(line)
    if any(part):
        blocks.append(verbatim("\n".join(part)))
    return blocks[:50]

"""A chat of lines of text over TCP, as small as a surface can be: it hears, makes deeds and shows answers.

Who connects says `i am mina` or `i am kim the moderator`. Then each line is something that a person does:

    /imagine a red fox      /easel credits      press 3 reroll      press 3 pick 2      react 3 again
    show JOB                fill prompt=a blue fox | model=sdxl     yes
    put HEX                 (a file for what is done next)          hold 3
    say hello               answer 3 make it night                  murmur 3 make it night

and each line that comes back is something that a person sees:

    #3 JOB pictures=1 reroll,delete | what message 3 says            -3 message 3 is gone
    > a private answer      = a picture for this person alone        ? prompt=a red fox | model=sdxl
    @ a picture by direct message            & appeal REF           (`take appeal REF` presses it)

Moderators have a room: its messages are seen by those who say `i am kim the moderator` (or `the keeper`) alone.
"""

import asyncio
import itertools
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from bot.errors import Refusal, ShowFailure, SurfaceError
from bot.job import Placed
from bot.model import Source, Where
from bot.ports import Action, Address, Card, Do, Handle, Pick, Place, Requester
from bot.talk.answers import Answer, Document, FieldKind, Form, Lines, Note, Nothing, Originals
from bot.talk.deeds import CONFIRMED, Asked, Deed, Filled, Held, Pressed, Reacted, Sign, Spoken, Typed, asked
from bot.tools import Tools
from tests.fakes.line_server import Wire, open_server
from tests.fakes.there import there

SURFACE, COMMUNITY, CHANNEL = "lines", "village", "square"
FIELD = " | "


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message of ours in the chat; private ones are `only_for` one person."""

    number: int
    card: Card
    only_for: str
    room: str = ""  # of moderators

    @property
    def key(self) -> str:
        return f"{self.card.job}:{self.card.role}"

    @property
    def line(self) -> str:
        card = self.card
        times = (f"{what} {at:.0f}" for what, at in card.times)
        about = (*itertools.chain(*card.facts), *times, *(card.link or ()))
        says = (card.requester, card.headline, card.prompt, card.sentence, *about)
        buttons = ",".join(_button(action) for action in card.actions)
        return f"#{self.number} {card.job} pictures={len(card.originals or card.pictures)} {buttons or '-'} | {_flat(says)}"


@dataclass(slots=True, kw_only=True)
class Line:
    """One person's open connection. `form` and `ask` are what waits for `fill` and `yes`."""

    who: Requester
    wire: Wire
    form: Form | None = None
    ask: Asked | None = None
    files: list[Source] = field(default_factory=list)

    def take(self) -> tuple[Source, ...]:
        """The files that were put down, for one deed."""
        taken, self.files = tuple(self.files), []
        return taken


@dataclass(slots=True, kw_only=True)
class Chat:
    """The surface. Implements the port Surface."""

    tools: Tools
    name: str = SURFACE
    port: asyncio.Future[int] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    _lines: list[Line] = field(default_factory=list)
    _posts: dict[str, Post] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def run(self) -> None:
        async with await open_server(self._hear) as server:
            self.port.set_result(server.sockets[0].getsockname()[1])
            await server.serve_forever()

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        key = f"{card.job}:{card.role}"
        if card.gone:
            await self._remove(key)
            return Handle(key=key)
        number = self._posts[key].number if key in self._posts else next(self._numbers)
        only_for = address.data["user"] if card.private else ""
        post = Post(number=number, card=card, only_for=only_for, room=address.data.get("room", ""))
        self._posts[key] = post
        await self._tell(post, post.line)
        return Handle(key=key)

    async def tell(self, address: Address, text: str) -> None:
        """As a private answer, on every line of that person."""
        theirs = [line for line in self._lines if line.who.user == address.data["user"]]
        if not theirs:
            raise SurfaceError("nobody is on the line", kind=ShowFailure.FORBIDDEN)
        for line in theirs:
            await line.wire.send(f"> {_flat([text])}")

    def room(self, community: str, channel: str, *, at: float) -> Address | None:
        del community, at
        return Address(surface=SURFACE, data={"user": "", "room": channel}) if channel else None

    async def owner(self, community: str) -> Address | None:
        del community
        user = next((line.who.user for line in self._lines if line.who.moderator), "")
        return Address(surface=SURFACE, data={"user": user}) if user else None

    async def link(self, address: Address, handle: Handle) -> str:
        del address
        return f"lines://{handle.key}"

    def address(self, number: str) -> str:
        """Where the first picture of a message can be fetched."""
        return self.tools.gallery.link(there(self._post(number)).card.originals[0].key) or ""

    async def aclose(self) -> None:
        for line in self._lines:
            line.wire.writer.close()

    # ── Hearing ──────────────────────────────────────────────────────────────────────────────────────

    async def _hear(self, wire: Wire) -> None:
        """One connection, one thing after the other."""
        if (who := _who(await wire.read() or "")) is None:
            return
        line = Line(who=who, wire=wire)
        self._lines.append(line)
        try:
            await wire.send(*(post.line for post in self._posts.values() if _sees(line, post)))
            while (text := await wire.read()) is not None:
                await self._do(line, text)
        finally:
            self._lines.remove(line)

    async def _do(self, line: Line, text: str) -> None:
        if text.startswith("put "):
            await self._put(line, bytes.fromhex(text.removeprefix("put ")))
            return
        deed = await self._deed(line, text)
        if deed is None:
            await line.wire.send("> I understand /imagine, /easel, press, react, show, fill and yes.")
            return
        answer = await self.tools.talk.do(deed)
        match answer:
            case Nothing(orphan=True) if isinstance(deed, Pressed | Reacted):
                await self._remove(deed.message)
            case Form():
                line.form = answer
            case Lines(confirm=confirm) if confirm is not None and isinstance(deed, Asked):
                line.ask = replace(deed, topic=confirm.topic, text=CONFIRMED)
        await line.wire.send(*self._told(answer))

    async def _put(self, line: Line, data: bytes) -> None:
        try:
            handed = await self.tools.studio.keep_upload(line.who, data)
            line.files.append(Source(where=Where.UPLOAD, ref=handed.ref))
        except Refusal as refusal:
            await line.wire.send(f"> {self.tools.words.refusal(refusal)}")

    async def _deed(self, line: Line, text: str) -> Deed | None:
        """What was done, as a value; None for what nobody understands."""
        who, key = line.who, f"{SURFACE}:{secrets.token_hex(8)}"
        place = Place(address=Address(surface=SURFACE, data={"user": who.user}), channel=CHANNEL)
        done: dict[str, Any] = {"who": who, "place": place, "key": key}
        match text.split():
            case ["/imagine", *_]:
                return Typed(text=text.removeprefix("/imagine").strip(), pictures=line.take(), **done)
            case ["say", *_]:
                return Spoken(text=text.removeprefix("say").strip(), pictures=line.take(), **done)
            case ["answer" | "murmur" as how, number, *words] if post := self._post(number):
                return Spoken(
                    text=" ".join(words), about=post.card.job, role=post.card.role,
                    called=how == "answer", pictures=line.take(), **done,
                )  # fmt: skip
            case ["hold", number] if post := self._post(number):
                return Held(pictures=(*_pictures_of(post), *line.take()), **done)
            case ["/easel", *_]:
                people = {f"@{other.who.user}": other.who for other in self._lines}
                return replace(asked(who, place, key, text.removeprefix("/easel")), people=people)
            case ["press", number, do, *index] if do in list(Do) and (post := self._post(number)):
                about: dict[str, Any] = {"job": post.card.job, "role": post.card.role, "message": post.key}
                return Pressed(do=Do(do), index=int("".join(index) or 0), **about, **done)
            case ["take", do, ref] if do in list(Do):
                return Pressed(do=Do(do), job=ref, **done)
            case ["show", job]:
                return Pressed(do=Do.SHOW, job=job, **done)
            case ["react", number, sign] if sign in list(Sign) and (post := self._post(number)):
                if (found := await self.tools.talk.find(SURFACE, post.key)) is not None:
                    return Reacted(sign=Sign(sign), job=found.job, role=found.role, message=post.key, **done)
            case ["fill", *_] if line.form is not None:
                form = line.form
                return Filled(
                    parent=form.parent, edits=form.edits, index=form.index,
                    pictures=(*form.pictures, *line.take()), **_filled(form, text.removeprefix("fill")), **done,
                )  # fmt: skip
            case ["yes"] if line.ask is not None:
                return replace(line.ask, key=key)
        return None

    def _post(self, number: str) -> Post | None:
        return next((post for post in self._posts.values() if str(post.number) == number), None)

    # ── Showing ──────────────────────────────────────────────────────────────────────────────────────

    def _told(self, answer: Answer) -> list[str]:
        """What a person alone reads of an answer."""
        match answer:
            case Placed() | Nothing():
                return []
            case Lines():
                shows = [f"show {p.id}" for p in answer.pictures]
                shows += [f"/easel {turn.topic} {turn.text}" for turn in answer.turns]
                chart = [f"= {answer.chart.name} {len(answer.chart.png)} bytes"] if answer.chart else []
                offers = [answer.confirm.label] if answer.confirm else shows
                return [f"> {_flat([answer.title, *answer.plain, answer.how, *offers])}", *chart]
            case Form():
                return [f"? {FIELD.join(f'{name}={_flat([v])}' for name, v in _values(answer).items())}"]
            case Originals(job=job, pictures=pictures):
                path, private = self.tools.gallery.path, job.order.private
                sign = "@" if answer.direct else "="
                seen = [f"{sign} {one.url or path(one.asset.key, private=private)}" for one in pictures]
                again = [f"> {Post(number=0, card=answer.card, only_for='').line}"] if answer.card else []
                return [*again, *seen]
            case Note(text=text) | Document(text=text):
                file = [f"= {answer.name} hex,{answer.data.hex()}"] if isinstance(answer, Document) else []
                below = answer.offers if isinstance(answer, Note) else ()
                typed = answer.typed if isinstance(answer, Note) else ""
                return [f"> {_flat([text, typed])}", *file, *(f"& {one.do} {one.about}" for one in below)]
        assert_never(answer)

    async def _remove(self, key: str) -> None:
        if (post := self._posts.pop(key, None)) is not None:
            await self._tell(post, f"-{post.number}")

    async def _tell(self, post: Post, text: str) -> None:
        """To everybody who may see it; who doesn't read is hung up on."""
        for line in [line for line in self._lines if _sees(line, post)]:
            await line.wire.send_or_hang_up(text)


def _who(greeting: str) -> Requester | None:
    """`i am kim the moderator`."""
    words = greeting.split()
    if words[:2] != ["i", "am"] or not words[2:]:
        return None
    home = Requester(surface=SURFACE, community=COMMUNITY, user=words[2], name=words[2].title())
    return replace(home, moderator="moderator" in words[3:], tidies="keeper" in words[3:])


def _pictures_of(post: Post) -> list[Source]:
    """What stands in a message, as anybody finds it there."""
    numbers = [post.card.role.index] if isinstance(post.card.role, Pick) else [1]
    return [Source(where=Where.OURS, ref=f"{post.card.job}/{number}") for number in numbers]


def _filled(form: Form, text: str) -> dict[str, Any]:
    """The form as it stood, with what was changed."""
    changes = dict(part.strip().split("=", 1) for part in text.split(FIELD) if "=" in part)
    values = {name: value for name, value in (_values(form) | changes).items() if value}
    return {"text": values.pop("prompt", ""), "options": values}


def _values(form: Form) -> dict[str, str]:
    return {
        field.name: field.value
        for field in form.fields
        if field.taken and field.kind is not FieldKind.PICTURES
    }


def _button(action: Action) -> str:
    return f"{action.do}:{action.index}" if action.do is Do.PICK else str(action.do)


def _sees(line: Line, post: Post) -> bool:
    return post.only_for in ("", line.who.user) and (not post.room or line.who.moderator or line.who.tidies)


def _flat(parts: Sequence[str]) -> str:
    """Several texts as one line."""
    return " · ".join(" ".join(part.split()) for part in parts if part)

"""A chat of lines of text over TCP, as small as a surface can be: it hears, makes deeds and shows answers.

Who connects says `i am mina` or `i am kim the moderator`. Then each line is something that a person does:

    /imagine a red fox      /easel credits      press NAME reroll      press NAME pick 2      react NAME again
    take show JOB           fill prompt=a blue fox | model=sdxl        hold NAME
    take appeal REF         put HEX (a file for what is done next)     tear NAME (a moderator takes a message away)
    say hello               answer NAME make it night                  murmur NAME make it night

and each line that comes back is something that a person sees:

    #NAME JOB pictures=1 reroll,delete | what a message says         -NAME that message is gone
    > a private answer      = a picture for this person alone        ? prompt=a red fox | model=sdxl
    @ a picture by direct message            & appeal REF           (what can be taken)

The moderators' room is seen by those alone who say `i am kim the moderator` (or `the keeper`).
"""

import asyncio
import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from bot.errors import Refusal, ShowFailure, SurfaceError
from bot.job import Placed
from bot.model import Source, Where
from bot.ports import Address, Card, Do, Handle, Place, Requester
from bot.talk.answers import Answer, Document, FieldKind, Form, Lines, Note, Nothing, Originals
from bot.talk.deeds import Deed, Filled, Held, Origin, Pressed, Reacted, Sign, Spoken, Typed, asked
from bot.tools import Tools
from tests.fakes.line_server import Wire, open_server

SURFACE, COMMUNITY, CHANNEL = "lines", "village", "square"
FIELD = " | "

Post = tuple[Card, Address]  # a message of ours, and where it stands


@dataclass(slots=True, kw_only=True)
class Line:
    """One person's open connection; `form` waits for `fill`."""

    who: Requester
    wire: Wire
    form: Form | None = None
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
    posts: dict[str, Post] = field(default_factory=dict)
    _torn: set[str] = field(default_factory=set)  # what people have taken away

    async def run(self) -> None:
        async with await open_server(self._hear) as server:
            self.port.set_result(server.sockets[0].getsockname()[1])
            await server.serve_forever()

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        key = handle.key if handle is not None else card.name
        while handle is None and key in self._torn:  # what is posted in its place has another name
            key += "+"
        if card.gone:
            await self._remove(key)
        elif key in self._torn:
            raise SurfaceError("it was taken away", kind=ShowFailure.GONE)
        else:
            self.posts[key] = card, address
            await self._tell(self.posts[key], _line(key, card))
        return Handle(key=key)

    async def tell(self, address: Address, text: str) -> None:
        """As a private answer, on every line of that person."""
        theirs = [line for line in self._lines if line.who.user == address.data.get("user")]
        if not theirs:
            raise SurfaceError("nobody is on the line", kind=ShowFailure.FORBIDDEN)
        for line in theirs:
            await line.wire.send(f"> {_flat([text])}")

    def room(self, community: str, channel: str, *, at: float) -> Address | None:
        return Address(surface=SURFACE, data={"room": channel}) if channel else None

    async def owner(self, community: str) -> Address | None:
        user = next((line.who.user for line in self._lines if line.who.moderator), "")
        return Address(surface=SURFACE, data={"user": user}) if user else None

    async def link(self, address: Address, handle: Handle) -> str:
        return f"lines://{handle.key}"

    async def aclose(self) -> None:
        for line in self._lines:
            line.wire.writer.close()

    async def _hear(self, wire: Wire) -> None:
        """One connection, one thing after the other."""
        if (who := _who(await wire.read() or "")) is None:
            return
        line = Line(who=who, wire=wire)
        self._lines.append(line)
        try:
            await wire.send(*(_line(key, post[0]) for key, post in self.posts.items() if _sees(line, post)))
            while (text := await wire.read()) is not None:
                await self._do(line, text)
        finally:
            self._lines.remove(line)

    async def _do(self, line: Line, text: str) -> None:
        if text.startswith("put "):
            await self._put(line, bytes.fromhex(text.removeprefix("put ")))
        elif line.who.moderator and text.startswith("tear "):
            self._torn.add(torn := text.removeprefix("tear "))
            await self._remove(torn)
        elif (deed := self._deed(line, text)) is None:
            await line.wire.send("> I understand /imagine, /easel, say, press, react, take and fill.")
        else:
            answer = await self.tools.talk.do(deed)
            if isinstance(answer, Form):
                line.form = answer
            elif isinstance(answer, Nothing) and answer.orphan and isinstance(deed, Pressed | Reacted):
                await self._remove(deed.message)
            await line.wire.send(*self._told(answer))

    async def _put(self, line: Line, data: bytes) -> None:
        try:
            handed = await self.tools.studio.keep_upload(line.who, data)
            line.files.append(Source(where=Where.UPLOAD, ref=handed.ref))
        except Refusal as refusal:
            await line.wire.send(f"> {self.tools.words.refusal(refusal)}")

    def _deed(self, line: Line, text: str) -> Deed | None:
        """What was done, as a value; None for what nobody understands."""
        place = Place(address=Address(surface=SURFACE, data={"user": line.who.user}), channel=CHANNEL)
        done = Origin(who=line.who, place=place, key=f"{SURFACE}:{secrets.token_hex(8)}")
        verb, _, rest = text.partition(" ")
        match [verb, *rest.split()]:
            case ["/imagine", *_]:
                return Typed(text=rest, pictures=line.take(), **done)
            case ["say", *_]:
                return Spoken(text=rest, pictures=line.take(), **done)
            case ["answer" | "murmur", name, *_] if name in self.posts:
                card, text = self.posts[name][0], rest.removeprefix(name).strip()
                about: dict[str, Any] = {"about": card.job, "role": card.role, "called": verb == "answer"}
                return Spoken(text=text, pictures=line.take(), **about, **done)
            case ["hold", name] if name in self.posts:
                card = self.posts[name][0]
                held = Source(where=Where.OURS, ref=f"{card.job}/{card.role.index or 1}")
                return Held(pictures=(held, *line.take()), **done)
            case ["/easel", *_]:
                people = {f"@{other.who.user}": other.who for other in self._lines}
                return replace(asked(text=rest, **done), people=people)
            case ["press", name, do, *index] if do in list(Do) and name in self.posts:
                return Pressed(do=Do(do), index=int("".join(index) or 0), **self._at(name), **done)
            case ["react", name, sign] if sign in list(Sign) and name in self.posts:
                return Reacted(sign=Sign(sign), **self._at(name), **done)
            case ["take", do, ref] if do in list(Do):
                return Pressed(do=Do(do), job=ref, **done)
            case ["fill", *_] if (form := line.form) is not None:
                values = dict(part.strip().split("=", 1) for part in rest.split(FIELD) if "=" in part)
                return Filled(
                    text=values.pop("prompt", ""),
                    options={name: value for name, value in values.items() if value},
                    begun=form.begun,
                    pictures=(*form.pictures, *line.take()),
                    **done,
                )
        return None

    def _at(self, name: str) -> dict[str, Any]:
        """Which message a press or a reaction is on."""
        card, _ = self.posts[name]
        return {"job": card.job, "role": card.role, "message": name}

    def _told(self, answer: Answer) -> list[str]:
        """What a person alone reads of an answer."""
        match answer:
            case Placed() | Nothing():
                return []
            case Lines():
                turns = (*answer.turns, answer.confirm) if answer.confirm else answer.turns
                typed = [f"take show {job.id}" for job in answer.pictures]
                typed += [f"/easel {turn.topic} {turn.text}" for turn in turns]
                chart = [f"= {answer.chart.name} {len(answer.chart.png)} bytes"] if answer.chart else []
                return [f"> {_flat([answer.title, *answer.plain, answer.how, *typed])}", *chart]
            case Form(fields=fields):
                shown = [one for one in fields if one.taken and one.kind is not FieldKind.PICTURES]
                return [f"? {FIELD.join(f'{one.name}={_flat([one.value])}' for one in shown)}"]
            case Originals(job=job, pictures=pictures, card=card):
                path, private = self.tools.gallery.path, job.order.private
                sign = "@" if answer.direct else "="
                seen = [f"{sign} {one.url or path(one.asset.key, private=private)}" for one in pictures]
                again = [f"> {_line(card.name, card)}"] if card is not None else []
                return [*again, *seen]
            case Document():
                return [f"> {_flat([answer.text])}", f"= {answer.name} hex,{answer.data.hex()}"]
            case Note():
                offers = [f"& {one.do} {one.about}" for one in answer.offers]
                return [f"> {_flat([answer.text, answer.typed])}", *offers]
        assert_never(answer)

    async def _remove(self, key: str) -> None:
        if (post := self.posts.pop(key, None)) is not None:
            await self._tell(post, f"-{key}")

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


def _line(key: str, card: Card) -> str:
    """A message as people read it."""
    times = (f"{what} {at:.0f}" for what, at in card.times)
    about = (*itertools.chain(*card.facts), *times, *(card.link or ()))
    says = _flat([card.requester, card.headline, card.prompt, card.sentence, *about])
    buttons = ",".join(f"{one.do}:{one.index}" if one.do is Do.PICK else one.do for one in card.actions)
    return f"#{key} {card.job} pictures={len(card.originals or card.pictures)} {buttons or '-'} | {says}"


def _sees(line: Line, post: Post) -> bool:
    card, address = post
    if "room" in address.data:
        return line.who.moderator or line.who.tidies
    return not card.private or address.data["user"] == line.who.user


def _flat(parts: Sequence[str]) -> str:
    """Several texts as one line."""
    return " · ".join(" ".join(part.split()) for part in parts if part)

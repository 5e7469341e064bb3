"""The far side of the wires, which no kill of ours reaches: a service that bills, and a chat that remembers."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image

from bot.abilities import Loan
from bot.errors import ProviderError, ShowFailure, SurfaceError
from bot.model import PNG, Model, Order
from bot.pictures.marks import mark
from bot.ports import Address, Card, Handle
from bot.provider import Absent, Finished, InlineImage, Input, Outcome, Pending, Standing

DRAWS_S = 3.0


def _picture(color: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 16), color).save(out, "PNG")
    return mark(out.getvalue(), PNG)  # as services do: so they are kept byte for byte as they came


PICTURES = tuple(_picture((40 * n, 90, 200)) for n in range(4))
FILES = {f"file-{n}": _picture((200, 40 * n, 90)) for n in (1, 2)}  # that lie in the chat


@dataclass(slots=True)
class Bill:
    key: str
    prompt: str
    images: int
    inputs: tuple[str, ...]
    ready_at: float


@dataclass
class Painter:
    """A service that draws for three seconds and bills when it accepts."""

    honours_keys: bool
    name: str = "gateway"
    polls_per_s: float = 100.0
    bills: list[Bill] = field(default_factory=list)
    troubles: list[ProviderError | None] = field(
        default_factory=list
    )  # instead of the next answers; unbilled
    models: tuple[Model, ...] = (
        Model(id="slow-brush", provider="gateway", credits=10, way="async", usual_s=DRAWS_S, inputs=2),
        Model(id="quick-brush", provider="gateway", credits=10, way="sync", usual_s=DRAWS_S, inputs=2),
    )

    async def submit(
        self, order: Order, *, key: str, inputs: Sequence[Input] = (), webhook: str = ""
    ) -> Outcome:
        if self.troubles:
            await asyncio.sleep(0.1)
            trouble = self.troubles.pop(0)
            if trouble is not None:
                raise trouble
        number = self._accepted(order, key, tuple(one.sha256 for one in inputs))
        if order.way == "async":
            await asyncio.sleep(0.2)
            return Pending(operation=f"op-{number}")
        await asyncio.sleep(max(0.1, self.bills[number].ready_at - _time()))
        return self._finished(number)

    async def poll(self, operation: str, *, order: Order) -> Outcome:
        assert order.model == "slow-brush"
        await asyncio.sleep(0.05)
        number = int(operation.removeprefix("op-"))
        if _time() < self.bills[number].ready_at:
            return Pending(operation=operation)
        return self._finished(number)

    async def cancel(self, operation: str, *, order: Order) -> None:
        """This service can't."""

    async def standing(self) -> Standing:
        return Standing()

    async def aclose(self) -> None:
        """Nothing is open."""

    def _accepted(self, order: Order, key: str, inputs: tuple[str, ...]) -> int:
        assert len(inputs) == order.inputs
        if self.honours_keys:
            for number, bill in enumerate(self.bills):
                if bill.key == key:
                    body = (order.prompt, order.images, inputs)
                    assert (bill.prompt, bill.images, bill.inputs) == body, "another body"
                    return number
        self.bills.append(Bill(key, order.prompt, order.images, inputs, _time() + DRAWS_S))
        return len(self.bills) - 1

    def _finished(self, number: int) -> Finished:
        return Finished(images=tuple(InlineImage(PICTURES[n]) for n in range(self.bills[number].images)))


@dataclass
class Remembering(Painter):
    """A service that honours no keys, and can be asked which submits it has accepted."""

    async def find(
        self, order: Order, *, key: str, inputs: Sequence[Input] = (), since: float
    ) -> Outcome | Absent | None:
        await asyncio.sleep(0.1)
        found = [number for number, bill in enumerate(self.bills) if bill.key == key]
        assert len(found) <= 1, "one submit was paid twice"
        return Pending(operation=f"op-{found[0]}") if found else Absent()


@dataclass(slots=True)
class Posted:
    """One message, with all that it ever said."""

    nonce: str
    cards: list[Card]

    @property
    def card(self) -> Card:
        return self.cards[-1]


@dataclass
class Chat:
    """A platform: posts, edits, deletes, remembers. With `nonces` a repeated post finds its first."""

    nonces: bool
    messages: dict[str, Posted] = field(default_factory=dict)
    posts: int = 0
    whispers: list[str] = field(default_factory=list)  # what was said to one person alone

    def post(self, channel: str, card: Card, nonce: str) -> str:
        assert channel == "general", "there is no such channel"
        for message_id, message in self.messages.items():
            if self.nonces and message.nonce == nonce:
                return message_id
        self.posts += 1
        self.messages[f"m{self.posts}"] = Posted(nonce, [card])
        return f"m{self.posts}"

    def find(self, nonce: str) -> str:
        return next((key for key, message in self.messages.items() if message.nonce == nonce), "")

    def edit(self, message_id: str, card: Card) -> None:
        if message_id not in self.messages:
            raise SurfaceError("unknown message", kind=ShowFailure.GONE)
        self.messages[message_id].cards.append(card)


class ChatSurface:
    """The smallest surface for that chat; works from address and handle alone."""

    name = "chat"

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        await asyncio.sleep(0.05)
        if card.gone:
            key = handle.key if handle is not None else self._chat.find(f"{card.job}:{card.role}")
            self._chat.messages.pop(key, None)
            return Handle(key=key)
        if handle is None:
            key = self._chat.post(address.data["channel"], card, f"{card.job}:{card.role}")
            if self._chat.messages[key].card != card:
                self._chat.edit(key, card)
        else:
            key = handle.key
            self._chat.edit(key, card)
        await asyncio.sleep(0.05)
        return Handle(key=key)

    async def tell(self, address: Address, text: str) -> None:
        await asyncio.sleep(0.05)
        self._chat.whispers.append(text)

    async def lend(self, ref: str) -> Loan:
        await asyncio.sleep(0.05)
        return Loan(url=ref)

    def recognise(self, url: str) -> str:
        return url if url in FILES else ""

    async def aclose(self) -> None:
        """Nothing is open."""


class Files:
    """The door to that chat's files."""

    async def get(self, url: str, **_bounds: object) -> bytes:
        await asyncio.sleep(0.05)
        return FILES[url]


def _time() -> float:
    return asyncio.get_running_loop().time()

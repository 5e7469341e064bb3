"""People who order pictures over the page of any replica, and insist: the same request until it is answered."""

import asyncio
import contextlib
import io
import random
import secrets
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
from PIL import Image

from bot.errors import StoreBusy
from bot.store import Store
from tests.chaos.ground import Ground

PEOPLE = ("robin", "mira", "sam", "jisoo")
MODELS = (
    "gemini-2.5-flash-image",
    "gpt-image-1-mini",
    "flux-2-pro",
    "grok-imagine-image",
    "seedream-4",
    "sdxl",
)
TAKING = MODELS[:5]  # the last takes no pictures
GIVEN = 0.3  # the share of orders that begin with pictures
INSIST_S = 600.0
AT_ONCE = 60
FICKLE = 0.05


@dataclass(slots=True)
class Order:
    """One request; `answer` is "ok" or why it was refused, empty while nobody has answered."""

    number: int
    person: str
    key: str
    text: str
    colours: tuple[int, ...] = ()  # of the pictures that come with it
    answer: str = ""
    tries: int = 0

    @property
    def request_key(self) -> str:
        return f"web:{self.person}:{self.key}"


@dataclass
class Load:
    """So many orders a second, until it is stopped."""

    ground: Ground
    store: Store
    rng: random.Random
    rate: float
    orders: list[Order] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        async with (
            httpx.AsyncClient(timeout=15, trust_env=False, verify=False) as client,
            asyncio.TaskGroup() as group,
        ):
            gate = asyncio.Semaphore(AT_ONCE)
            while not self._stop.is_set():
                await gate.acquire()
                task = group.create_task(self._insist(client, self._order()))
                task.add_done_callback(lambda _: gate.release())
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), self.rng.expovariate(self.rate))

    def stop(self) -> None:
        self._stop.set()

    def _order(self) -> Order:
        number = len(self.orders) + 1
        images = self.rng.choice((1, 1, 1, 2))
        given = self.rng.choice((1, 1, 2)) if self.rng.random() < GIVEN else 0
        model = self.rng.choice(TAKING if given else MODELS)
        text = f"/imagine a red fox, number {number} --model {model} --n {images}"
        colours = tuple(self.rng.randrange(2**24) for _ in range(given))
        order = Order(number, self.rng.choice(PEOPLE), secrets.token_hex(8), text, colours)
        self.orders.append(order)
        return order

    async def _insist(self, client: httpx.AsyncClient, order: Order) -> None:
        """A person whose answer was lost presses again: the same request, on whichever replica is there."""
        with contextlib.suppress(TimeoutError):  # the verdict finds the order without an answer
            async with asyncio.timeout(INSIST_S):
                while not order.answer:
                    order.answer = await self._ask(client, order)
                    if not order.answer:
                        await asyncio.sleep(0.2)
        if order.answer == "ok" and self.rng.random() < FICKLE:
            await self._cancel(client, order)

    async def _cancel(self, client: httpx.AsyncClient, order: Order) -> None:
        """Some change their mind; whether they come in time is the job's affair."""
        await asyncio.sleep(self.rng.uniform(0, 2))
        with contextlib.suppress(StoreBusy, httpx.TransportError, IndexError):
            job = await self.store.jobs.by_request(order.request_key)
            assert job is not None, f"an order that was answered has no job: {order}"
            press = {"message": f"{job.id}:main", "do": "cancel", "key": f"{order.key}-c", "again": True}
            await client.post(
                f"{self.rng.choice(self.ground.addresses)}/page/press",
                json=press,
                headers={"x-easel-page": "1", "x-easel-person": order.person},
            )

    async def _ask(self, client: httpx.AsyncClient, order: Order) -> str:
        order.tries += 1
        answer = await self._said(client, order)
        if answer is None:
            return ""
        if answer.status_code == 200:
            return "ok"
        if answer.status_code >= 500:
            self.refused[f"later ({answer.json()['error']['code']})"] += 1
            return ""
        code = answer.json()["error"]["code"]
        if code == "shutting-down":
            return ""
        self.refused[code] += 1
        return f"refused: {code}"

    async def _said(self, client: httpx.AsyncClient, order: Order) -> httpx.Response | None:
        """The answer to the words, or to a picture that was not taken; the pictures go up before them, anew each time."""
        given: list[dict[str, str]] = []
        for colour in order.colours:
            kept = await self._post(client, order, "upload", content=photo(colour))
            if kept is None or kept.status_code != 200:
                return kept
            given.append({"ref": kept.json()["ref"]})
        # Once more, as the page's scripts do: a refusal whose answer was lost is said again, and not passed over as known.
        said = {"text": order.text, "key": order.key, "pictures": given, "again": order.tries > 1}
        return await self._post(client, order, "say", json=said)

    async def _post(
        self, client: httpx.AsyncClient, order: Order, verb: str, **body: Any
    ) -> httpx.Response | None:
        """On any replica that is there; None where it was lost."""
        headers = {"x-easel-page": "1", "x-easel-person": order.person}
        try:
            address = self.rng.choice(self.ground.addresses)
            return await client.post(f"{address}/page/{verb}", headers=headers, **body)
        except (httpx.TransportError, IndexError):
            return None


def photo(colour: int) -> bytes:
    """Somebody's own picture: a small one, of its own colour."""
    data = io.BytesIO()
    Image.new("RGB", (64, 64), f"#{colour:06x}").save(data, "PNG")
    return data.getvalue()

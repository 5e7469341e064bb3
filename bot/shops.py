"""What is sold for money, as values: a product, what a shop says was paid, what it says went back; and the port of a shop.

A shop is whoever takes the money: a chat platform by itself, or a service for payments. It names each payment, and
says a thing as often as it likes and in any order: the books know by the names what is news.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from bot.ports import Requester


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What the operator sells: so many credits."""

    name: str
    credits: int
    title: str = ""
    lasts_s: int | None = None  # how long its credits can be spent; None: for good
    monthly: bool = False  # a subscription: the credits come each month
    articles: Mapping[str, str] = field(default_factory=dict)  # shop -> what it calls the product

    @property
    def label(self) -> str:
        """What people read."""
        return self.title or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """One payment, as its shop tells of it. Without a community, where the credits go is the buyer's to say."""

    shop: str
    origin: str
    product: str
    credits: int
    buyer: Requester
    lasts_s: int | None = None
    number: int = 1  # of a subscription's period
    paid: int | None = None  # in the currency's smallest unit
    currency: str = ""
    test: bool = False  # no money was moved

    @property
    def id(self) -> str:
        """Under which it is kept: once."""
        return purchase_id(self.shop, self.origin, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """Of a payment, `part` of `whole` went back. The same `id` says anew how much that is altogether.

    `over`: it was not right after all (a dispute that was won); that is said for good.
    """

    shop: str
    origin: str
    id: str
    part: int
    whole: int
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A payment as the books keep it."""

    id: str
    shop: str
    origin: str
    number: int
    product: str
    credits: int
    lasts_s: int | None
    buyer: Requester
    paid: int | None
    currency: str
    test: bool
    placed: bool  # whether its credits are in somebody's account
    reversed: int  # credits whose money went back
    taken: int  # of these, what was still there
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What one shop sold in one month of UTC, without tests; `paid` in the currency's smallest unit."""

    month: str  # 2027-03
    shop: str
    currency: str
    purchases: int
    credits: int
    reversed: int
    taken: int
    paid: int
    returned: int  # of the money, by the share of the credits


def purchase_id(shop: str, origin: str, number: int = 1) -> str:
    """A payment's name in the books."""
    return f"{shop}:{origin}" if number == 1 else f"{shop}:{origin}#{number}"


@runtime_checkable
class Shop(Protocol):
    """A service where people pay by a link."""

    @property
    def name(self) -> str: ...
    async def link(self, product: Product, buyer: Requester, *, key: str) -> str:
        """Where this person pays for this product, once for the key. Raises NotAllowed where the shop can't say now."""

    async def run(self) -> None:
        """Finds what was not told, until cancelled."""

    async def aclose(self) -> None: ...

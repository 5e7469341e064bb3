"""Credits as values: the accounts a hold draws on, what a person has, a line of their books, a cap (docs/architecture.md, section 5)."""

from dataclasses import dataclass
from enum import StrEnum

_WARNING_PERCENT = 80


class Transfer(StrEnum):
    """What a row of the books is; the type checker asks everybody who tells of them for a new one's sentence."""

    GRANT = "grant"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    REFUND = "refund"
    REVOKE = "revoke"
    REDEEM = "redeem"  # by a code
    GIFT = "gift"  # from one person to another
    EXPIRE = "expire"  # what lapsed at its day
    PURCHASE = "purchase"  # for money
    CHARGEBACK = "chargeback"  # the money went back


# Which rows add to the account that they credit, and which take from the one that they debit; holds only set aside.
INWARD = (Transfer.GRANT, Transfer.REFUND, Transfer.REDEEM, Transfer.GIFT, Transfer.PURCHASE)
OUTWARD = (Transfer.CAPTURE, Transfer.REVOKE, Transfer.GIFT, Transfer.EXPIRE, Transfer.CHARGEBACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fund:
    """An account that a hold may draw on. `entitled` is what an allowance comes to in this period."""

    account: str
    kind: str  # allowance, granted
    entitled: int = 0
    lapses_at: float | None = None  # unix seconds; what lapses sooner is drawn on first


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """Granted credits that can be spent until a moment."""

    amount: int
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a person has, over all funds, in credits."""

    posted: int
    held: int
    allowance: int  # available of this period's
    granted: int  # available of what was given
    lapses: tuple[Lapse, ...] = ()  # of what was given, that which lapses; soonest first

    @property
    def available(self) -> int:
        """What can be spent now."""
        return self.posted - self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One line of a person's books. `amount` is signed, as the person sees it."""

    kind: Transfer
    amount: int
    at: float
    memo: str
    actor: str
    job: str | None
    subject: str | None  # of the job's picture; None where there is no job
    private: bool = False  # whether the picture is its owner's alone
    reason: str
    held: int = 0  # of a capture: what its hold had set aside
    live: bool = False  # of a hold: not settled yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """A cap that takes part in a job: `amount` is reserved at accept and corrected when the job ends."""

    meter: str
    unit: str  # credits, usd_micros, or list_credits: what it would cost without favours
    amount: int
    cap: int | None  # None only counts
    refusal: str = ""  # message id when the cap is reached
    renews_at: float | None = None  # for the sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How a community's budget stands in its present period."""

    spent: int
    credits: int
    renews_at: float

    @property
    def percent(self) -> int:
        """Whole percents that are spent; 100 only when nothing is left."""
        return 100 if self.spent >= self.credits else 100 * self.spent // self.credits

    @property
    def low(self) -> bool:
        """Whether it is time to say so."""
        return self.percent >= _WARNING_PERCENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What a person can see of their own credits."""

    balance: Balance
    allowance: int  # of a whole period
    renews_at: float
    movements: tuple[Movement, ...] = ()  # rows of the books: several may tell of one picture
    told: int = 0  # how many lines of movements were asked for
    budget: Budget | None = None  # of the community, where it has one

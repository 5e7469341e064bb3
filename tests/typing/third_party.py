"""A provider, a surface, checks and settings as somebody else would write them: mypy holds them against the ports.

Nothing here runs. Where a line is marked wrong, mypy must complain: an unneeded `type: ignore` is an error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from pydantic import BaseModel, SecretStr

from bot.errors import ProviderError, Reached, ShowFailure, SurfaceError, Trouble
from bot.job import Move, State
from bot.model import Model, Order
from bot.ports import (
    Address,
    Card,
    Checkable,
    Closable,
    Handle,
    ImageCheck,
    Policy,
    PromptCheck,
    Severity,
    Surface,
    Verdict,
)
from bot.provider import (
    Absent,
    Call,
    Failed,
    Finder,
    Finished,
    Heard,
    InlineImage,
    Input,
    Listener,
    Outcome,
    Pending,
    Provider,
    RemoteImage,
    Standing,
)
from bot.sections import SetUp
from bot.tools import Tools


class Crayons:
    """A provider: translates, and neither retries nor sleeps."""

    name = "crayons"
    honours_keys = True
    polls_per_s = 5.0

    def __init__(self, models: Sequence[Model]) -> None:
        self.models = tuple(models)

    async def submit(
        self, order: Order, *, key: str, inputs: Sequence[Input] = (), webhook: str = ""
    ) -> Outcome:
        if order.way == "async":
            return Pending(operation=f"op-{key}")
        if not order.prompt:
            raise ProviderError("empty", reached=Reached.YES, trouble=Trouble.ORDER)
        return Finished(images=(InlineImage(b"..."), RemoteImage("https://example.com/1.png")))

    async def poll(self, operation: str, *, order: Order) -> Outcome:
        return Failed(detail=f"{operation} of {order.model} went wrong", again=True)

    async def cancel(self, operation: str, *, order: Order) -> None:
        """It can't."""

    async def standing(self) -> Standing:
        return Standing(open_models=frozenset(m.id for m in self.models), credits_left=12.5)

    async def aclose(self) -> None:
        """Nothing is open."""

    async def find(
        self, order: Order, *, key: str, inputs: Sequence[Input] = (), since: float
    ) -> Outcome | Absent | None:
        return Absent() if since else Pending(operation=f"op-{key}")

    @property
    def listens(self) -> bool:
        return True

    async def hear(self, call: Call) -> Heard | None:
        return Heard(id="1", operation=call.query["op"]) if call.body else None


class Pinboard:
    """A surface: our message about a job, and nothing else."""

    name = "pinboard"

    async def run(self) -> None:
        """Nobody talks to a pinboard."""

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        if "board" not in address.data:
            raise SurfaceError("which board?", kind=ShowFailure.GONE)
        return handle or Handle(key=card.job, data={"board": address.data["board"]})

    async def tell(self, address: Address, text: str) -> None:
        raise SurfaceError(f"a pinboard is for everybody: {text}", kind=ShowFailure.FORBIDDEN)

    async def aclose(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class Polite:
    """A check of words, and one of pictures."""

    name: str = "polite"
    local: bool = True

    async def judge_prompt(self, prompt: str, policy: Policy) -> Verdict:
        rude = policy.level == "strict" and "please" not in prompt
        return Verdict(severity=Severity.REFUSE if rude else Severity.ALLOW, category="own", layer=self.name)

    async def judge_image(self, image: bytes, prompt: str, policy: Policy) -> Verdict:
        return Verdict()

    async def check(self) -> tuple[bool, str, str]:
        return True, "polite as ever", ""

    async def aclose(self) -> None:
        """Nothing is open."""


class CrayonSettings(BaseModel):
    """[providers.crayons]: knows itself whether it suffices."""

    api_key: SecretStr = SecretStr("")

    @property
    def ready(self) -> bool:
        return bool(self.api_key.get_secret_value())


def open_crayons(section: CrayonSettings) -> Provider:
    """The entry of `easel.providers`: the section comes as its model read it."""
    assert section.ready
    return Crayons([])


def open_pinboard(section: Mapping[str, object], tools: Tools) -> Surface:
    """The entry of `easel.surfaces`; without an entry of `easel.settings` the section comes as it is written."""
    assert tools.words.say("pinboard-hello", str(section.get("language", "")))
    return Pinboard()


provider: Provider = Crayons([Model(id="wax", provider="crayons", credits=1)])
finder: Finder = Crayons([])
listener: Listener = Crayons([])
surface: Surface = Pinboard()
words: PromptCheck = Polite()
pictures: ImageCheck = Polite()
tried: Checkable = Polite()
closed: Closable = Polite()
set_up: SetUp = CrayonSettings()


def told(answer: Finished | Pending | Failed) -> str:
    """A provider's answer is one of three, and the type checker knows it."""
    match answer:
        case Finished(images=images):
            return f"{len(images)} pictures"
        case Pending(operation=operation):
            return operation
        case Failed(detail=detail):
            return detail
        case _:
            assert_never(answer)


# ── What must not pass ───────────────────────────────────────────────────────────────────────────────


class Silent:
    """Its `show` answers no handle: the picture could never be found again."""

    name = "silent"

    async def run(self) -> None: ...
    async def show(self, card: Card, address: Address, handle: Handle | None) -> None: ...
    async def tell(self, address: Address, text: str) -> None: ...
    async def aclose(self) -> None: ...


class Hasty(Crayons):
    """Its `submit` knows no idempotency key."""

    async def submit(self, order: Order) -> Finished:  # type: ignore[override]  # wrong: no key
        return Finished(images=())


wrong_surface: Surface = Silent()  # type: ignore[assignment]  # wrong: no handle
wrong_set_up: SetUp = Pinboard()  # type: ignore[assignment]  # wrong: it does not say whether it is ready
wrong_check: PromptCheck = Pinboard()  # type: ignore[assignment]  # wrong: another port
wrong_provider: Provider = Hasty([])  # type: ignore[assignment]  # wrong: no key
wrong_move = Move(State.FINISHED, 4)  # type: ignore[call-arg]  # wrong: values are keyword-only


def forgetful(answer: Finished | Pending | Failed) -> str:
    """Forgets an answer."""
    match answer:  # type: ignore[exhaustive-match]  # wrong: failures happen
        case Finished():
            return "done"
        case Pending():
            return "soon"
    return ""

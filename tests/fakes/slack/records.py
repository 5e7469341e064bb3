"""What a test reads afterwards: calls, messages with their edits, deliveries, broken rules and pings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "Attempt",
    "Call",
    "Delivery",
    "Edit",
    "Message",
    "Ping",
    "ResponseUse",
    "Used",
    "View",
    "Violation",
]


@dataclass(kw_only=True)
class Call:
    """One request of the program: a Web API method, `upload`, `response_url`, `download` or `sign_in`."""

    seq: int
    at: float
    method: str
    args: dict[str, Any]
    token: str | None = None
    status: int | None = None
    answer: Any = None
    done: bool = False
    """The work was done, whether or not the answer arrived."""
    forced: bool = False
    """A knob spoilt this one."""
    retry_after_s: float = 0.0

    @property
    def ok(self) -> bool:
        return isinstance(self.answer, dict) and bool(self.answer.get("ok"))

    @property
    def error(self) -> str | None:
        return self.answer.get("error") if isinstance(self.answer, dict) else None


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A rule of Slack that the program broke."""

    kind: str
    detail: str
    method: str = ""

    def __str__(self) -> str:
        return f"{self.kind} ({self.method}): {self.detail}"


@dataclass(frozen=True, kw_only=True)
class Ping:
    """Text by the bot that would notify somebody."""

    token: str
    text: str
    where: str


@dataclass(frozen=True, kw_only=True)
class Edit:
    """How a message looked before an update."""

    at: float
    text: str
    blocks: list[dict[str, Any]]
    files: list[str]
    metadata: dict[str, Any] | None


@dataclass(kw_only=True, eq=False)
class Message:
    """A message as it stands, with everything it was before."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    """A reply that was also sent to the channel."""
    bot_id: str | None = None
    app_id: str | None = None
    ephemeral_for: str | None = None
    via: str = "chat.postMessage"
    """The call that made it: chat.postMessage, chat.postEphemeral, response_url, ack, person, files..."""
    posted_at: float = 0.0
    edits: list[Edit] = field(default_factory=list)
    edited_at: float | None = None
    deleted: bool = False
    edit_window_closed: bool = False
    files: list[str] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)

    @property
    def by_bot(self) -> bool:
        return self.bot_id is not None

    @property
    def action_ids(self) -> list[str]:
        """The buttons and menus that a person can press, in order."""
        return [e["action_id"] for _, e in elements(self.blocks) if "action_id" in e]

    @property
    def shown(self) -> str:
        """All the words of the message: fallback text, then every text of the blocks."""
        return "\n".join([self.text, *_texts(self.blocks)])


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [t for v in value.values() for t in _texts(v)]
    if isinstance(value, list):
        return [t for v in value for t in _texts(v)]
    return []


def elements(blocks: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every (block, interactive element) of some blocks."""
    found = []
    for block in blocks:
        inside = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        found += [(block, e) for e in inside if isinstance(e, dict)]
    return found


@dataclass(kw_only=True, eq=False)
class View:
    """A modal or a home tab as it stands."""

    id: str
    type: str
    user: str
    body: dict[str, Any]
    hash: str
    root_id: str
    previous_id: str | None = None
    trigger_id: str | None = None
    opened_at: float = 0.0
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    """Each body that it had, the newest last."""
    open: bool = True
    errors: dict[str, str] = field(default_factory=dict)
    """What the program said about the fields at the last submission."""

    @property
    def blocks(self) -> list[dict[str, Any]]:
        return self.body.get("blocks", [])

    @property
    def callback_id(self) -> str:
        return self.body.get("callback_id", "")

    @property
    def shown(self) -> str:
        return "\n".join(_texts(self.body))

    @property
    def action_ids(self) -> list[str]:
        return [e["action_id"] for _, e in elements(self.blocks) if "action_id" in e]


@dataclass(kw_only=True)
class ResponseUse:
    """One POST to a response_url."""

    at: float
    body: dict[str, Any]
    status: int
    message: Message | None = None


@dataclass(kw_only=True)
class Attempt:
    """One sending of an envelope or a request, and how the program answered."""

    number: int
    sent_at: float
    transport: str
    ack_s: float | None = None
    body: Any = None
    status: int | None = None
    failure: str | None = None


@dataclass(kw_only=True, eq=False)
class Delivery:
    """Something that Slack tells the program, sent once or several times."""

    kind: str
    """slash_commands, interactive or events_api, the words of Socket Mode."""
    payload: dict[str, Any]
    envelope_id: str
    accepts_body: bool
    at: float
    on_ack: Callable[[Any], Any] | None = None
    attempts: list[Attempt] = field(default_factory=list)
    handled: bool = False
    finished: bool = False
    """No further attempt will be made."""

    @property
    def acked(self) -> bool:
        """Some attempt was answered rightly and in time."""
        return any(a.ack_s is not None and a.failure is None for a in self.attempts)

    @property
    def ack_s(self) -> float | None:
        """How long the first answer took, also when it was too late."""
        return next((a.ack_s for a in self.attempts if a.ack_s is not None), None)

    @property
    def ack_body(self) -> Any:
        return next((a.body for a in self.attempts if a.ack_s is not None), None)

    @property
    def failure(self) -> str | None:
        """Why the last attempt failed; None when it did not."""
        return self.attempts[-1].failure if self.attempts else None


@dataclass(kw_only=True)
class Used:
    """What this run needed, to be compared with a manifest."""

    scopes: set[str] = field(default_factory=set)
    denied_scopes: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    commands: set[str] = field(default_factory=set)
    shortcuts: set[tuple[str, str]] = field(default_factory=set)
    """(global | message, callback_id)"""
    interactivity: bool = False
    socket_mode: bool = False
    home_tab: bool = False
    messages_tab: bool = False

"""What a ComfyUI answers, understood: its queue, its history, its refusals, and what it has installed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from bot.errors import ProviderError, Reached, Trouble
from bot.provider import Failed, Pending
from integrations.providers import _json, _wire, _words
from integrations.providers._comfyui_workflows import Workflow

MARK = "easel"  # in a run's extra_data: whose it is

_NUMBER, _RUN, _EXTRA = 0, 1, 3  # of an entry in the queue or the history
_REFUSED = 400
_FORBIDDEN = 403
_PARTS_MAX = 10
# The workflow's or the installation's fault, whatever was ordered: another route may draw it.
_NOT_THE_ORDERS = frozenset(
    {"missing_node_type", "prompt_no_outputs", "dependency_cycle", "value_not_in_list"}
)
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_TEXTS = (b"tEXt", b"iTXt", b"zTXt")
_PNG_FRAME = 12  # of each chunk: length, name, checksum
_GRAPHS = (b"prompt\0", b"workflow\0")


# ── Queue ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class ComfyRun:
    """One run, as the queue and the history keep it."""

    number: float = 0.0
    run: str = ""
    mark: str = ""

    @classmethod
    def of(cls, told: object) -> Self:
        """`[number, prompt_id, graph, extra_data, ...]`; what is none of it is empty."""
        parts = told if isinstance(told, list) else []
        number, run, extra = (parts[at] if at < len(parts) else None for at in (_NUMBER, _RUN, _EXTRA))
        mark = extra.get(MARK) if isinstance(extra, dict) else None
        return cls(
            number=float(number) if isinstance(number, int | float) else 0.0,
            run=run if isinstance(run, str) else "",
            mark=mark if isinstance(mark, str) else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What runs, and what waits: the next first."""

    running: tuple[ComfyRun, ...]
    waiting: tuple[ComfyRun, ...]

    @classmethod
    def of(cls, told: Mapping[str, object]) -> Self:
        """Raises ProviderError unless it is a queue."""
        running, waiting = told.get("queue_running"), told.get("queue_pending")
        if not isinstance(running, list) or not isinstance(waiting, list):
            raise ProviderError("a queue that can't be read", reached=Reached.UNKNOWN)
        # The server's own list is a heap, in no order that would tell anything.
        ahead = sorted(map(ComfyRun.of, waiting), key=lambda entry: entry.number)
        return cls(running=tuple(map(ComfyRun.of, running)), waiting=tuple(ahead))

    def runs(self, run: str) -> bool:
        """Whether it is drawn now."""
        return any(entry.run == run for entry in self.running)

    def pending(self, run: str) -> Pending | None:
        """How a run waits; None where it does not."""
        if self.runs(run):
            return Pending(operation=run)
        places = (at for at, entry in enumerate(self.waiting) if entry.run == run)
        return next((Pending(operation=run, place=place) for place in places), None)


# ── History ──────────────────────────────────────────────────────────────────────────────────────────


def failed(status: Mapping[str, object], hidden: Iterable[str]) -> Failed:
    """Why a run ended badly. Only a card whose memory was full is worth another try."""
    messages = status.get("messages")
    told = [_message(one) for one in messages] if isinstance(messages, list) else []
    for kind, facts in told:
        if kind == "execution_error":
            what = str(facts.get("exception_type", ""))
            parts = (facts.get("node_type"), what, facts.get("exception_message"))
            detail = ": ".join(part for part in parts if isinstance(part, str) and part)
            return Failed(detail=_words.clean(detail, hidden), again="OutOfMemory" in what)
    if any(kind == "execution_interrupted" for kind, _ in told):
        return Failed(detail="interrupted")
    return Failed(detail="ended badly, and does not say why")


def _message(one: object) -> tuple[str, Mapping[str, object]]:
    """`[type, data]`."""
    match one:
        case [str() as kind, dict() as facts]:
            return kind, facts
        case _:  # whatever the service says instead
            return "", {}


def kept(outputs: object, nodes: frozenset[str]) -> list[dict[str, str]]:
    """Where the pictures are that these nodes have kept (none: any node): previews are of another type."""
    by_node = outputs if isinstance(outputs, dict) else {}
    found: list[dict[str, str]] = []
    for name, output in by_node.items():
        if not nodes or name in nodes:
            images = output.get("images") if isinstance(output, dict) else None
            found += (
                [place for image in images or () if (place := _place(image)) is not None]
                if isinstance(images, list)
                else []
            )
    return found


def _place(image: object) -> dict[str, str] | None:
    if not isinstance(image, dict) or image.get("type") != "output":
        return None
    name, folder = image.get("filename"), image.get("subfolder")
    if not isinstance(name, str) or not name:
        return None
    return {"filename": name, "subfolder": folder if isinstance(folder, str) else "", "type": "output"}


def without_graph(picture: bytes | bytearray) -> bytes:
    """The picture without the workflow that the server writes into each PNG: it quotes what people typed."""
    data = memoryview(picture)
    if data[: len(_PNG)] != _PNG:
        return bytes(data)
    pieces, at = [data[: len(_PNG)]], len(_PNG)
    while at + _PNG_FRAME <= len(data):
        end = at + _PNG_FRAME + int.from_bytes(data[at : at + 4], "big")
        text = bytes(data[at + 4 : at + 8]) in _PNG_TEXTS
        if not (text and bytes(data[at + 8 : at + 20]).startswith(_GRAPHS)):
            pieces.append(data[at:end])
        at = end
    return b"".join([*pieces, data[at:]])


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────────────


def error_of(answer: _wire.Reply, *, trouble: Trouble | None = None) -> ProviderError:
    """The server itself refuses nobody: who does is a proxy with a key."""
    return _wire.error_of(answer, trouble=Trouble.KEY if answer.status == _FORBIDDEN else trouble)


def refused(answer: _wire.Reply) -> ProviderError:
    """A graph that was refused, with what was wrong at which node."""
    value = _json.loads(answer.body) if answer.status == _REFUSED else None
    if not isinstance(value, dict):
        return error_of(answer)
    kinds, parts = [], []
    for kind, words in _complaints(value):
        kinds.append(kind)
        parts.append(words)
    closed = not _NOT_THE_ORDERS.isdisjoint(kinds)
    told = _words.clean("; ".join(parts[:_PARTS_MAX]), answer.hidden)
    return ProviderError(
        f"{answer.status} {told or _wire.detail_of(answer)}".strip(),
        reached=Reached.YES,
        trouble=Trouble.MODEL_CLOSED if closed else Trouble.ORDER,
    )


def _complaints(value: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Kind and words: of each node first, which tell most."""
    by_node = value.get("node_errors")
    for name, node in by_node.items() if isinstance(by_node, dict) else ():
        errors = node.get("errors") if isinstance(node, dict) else None
        for error in errors if isinstance(errors, list) else ():
            kind, words = _complaint(error)
            yield kind, f"{node.get('class_type', 'node')} {name}: {words}"
    if value.get("error"):
        yield _complaint(value["error"])


def _complaint(error: object) -> tuple[str, str]:
    if not isinstance(error, dict):
        return "", _words.words_of(error)
    kind, message, details = (
        text if isinstance(text := error.get(name), str) else "" for name in ("type", "message", "details")
    )
    return kind, " ".join(part for part in (message or _words.words_of(error), details) if part)


# ── What is installed ────────────────────────────────────────────────────────────────────────────────


def problems(workflow: Workflow, told: Mapping[str, Mapping[str, Any] | None]) -> list[str]:
    """Why the server could not run a workflow, by what it says of each class of nodes; None: it does not say."""
    known = {name: facts for name in sorted(workflow.classes) if (facts := told.get(name)) is not None}
    unknown = [f"the node {name} is not installed" for name, facts in known.items() if not facts]
    paid = [f"{name} calls a paid service" for name, facts in known.items() if facts.get("api_node") is True]
    lacking = [
        f"{value} is not among its files or choices ({name} {given})"
        for name, given, value in workflow.choices()
        if (choices := _choices(known.get(name), given)) is not None and value not in choices
    ]
    return [*unknown, *paid, *lacking]


def _choices(facts: Mapping[str, Any] | None, given: str) -> list[object] | None:
    """What an input can be chosen from: a list, or `["COMBO", {"options": [...]}]`; None where it is free."""
    inputs = facts.get("input") if facts else None
    for group in inputs.values() if isinstance(inputs, dict) else ():
        spec = group.get(given) if isinstance(group, dict) else None
        if isinstance(spec, list) and spec:
            options = spec[1].get("options") if len(spec) > 1 and isinstance(spec[1], dict) else None
            return spec[0] if isinstance(spec[0], list) else options if isinstance(options, list) else None
    return None

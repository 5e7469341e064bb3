"""Rows <-> values: how jobs, messages and pictures look in the tables.

A newer Easel may write beside us while an installation is upgraded. So what is stored is read by the fields
that we know, and a row that can't be read costs itself alone.
"""

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, asdict, fields
from functools import lru_cache
from typing import Any, Literal, TypeGuard, TypeVar, get_args, get_origin, get_type_hints

import structlog

from bot.health import Route
from bot.job import Asset, Job, Message, State
from bot.model import Order, Parameters, Source, Use, Where
from bot.ports import Address, Handle, Priority, Requester, role_of
from bot.store.database import Row

log = structlog.get_logger()

T = TypeVar("T")

EVER = 253_402_300_800.0  # the year 10,000: an end for a span that has none

_HALVES = re.compile("[\ud800-\udfff]")


def is_text(value: Any) -> TypeGuard[str]:
    """Whether a stored value is a text that can be sent and kept: half a letter, as JSON can write it, can't be."""
    return isinstance(value, str) and not _HALVES.search(value)


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_source(value: Any) -> bool:
    texts = isinstance(value, dict) and all(map(is_text, value.values()))
    return texts and value.get("where") in set(Where) and value.get("use") in set(Use) and "ref" in value


# What each type of an order's fields looks like in JSON.
_LOOKS: Mapping[Any, Callable[[Any], bool]] = {
    str: is_text,
    int: _is_count,
    bool: lambda value: isinstance(value, bool),
    Parameters: lambda value: isinstance(value, dict),
    tuple[Source, ...]: lambda value: isinstance(value, list) and all(map(_is_source, value)),
}


def _look(kind: Any) -> Callable[[Any], bool]:
    if get_origin(kind) is Literal:
        return lambda value: value in get_args(kind)
    return _LOOKS[kind]


_ORDER_LOOKS = {name: _look(kind) for name, kind in get_type_hints(Order).items()}
_ORDER_NEEDS = frozenset(
    f.name for f in fields(Order) if f.default is MISSING and f.default_factory is MISSING
)
# What stands where a field that an order needs can't be read.
_EMPTIES: tuple[Any, ...] = ("", 0, False, {}, [])
_EMPTY_ORDER: dict[str, Any] = {
    name: next(empty for empty in _EMPTIES if _ORDER_LOOKS[name](empty)) for name in _ORDER_NEEDS
}
# What an order says of its person: all that goes when the person is forgotten.
_ERASED: dict[str, Any] = {
    "prompt": "",
    "typed": "",
    "negative": "",
    "subject": "",
    "parameters": {},
    "sources": [],
}


def millis(seconds: float) -> int:
    """Unix seconds as the database keeps them."""
    return int(seconds * 1000)


def seconds(value: int | None) -> float | None:
    """The database's milliseconds as unix seconds."""
    return None if value is None else value / 1000


# Made once: json.dumps would make an encoder for each call.
to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def order_to_json(order: Order) -> str:
    """An order, whole: a repeat after a crash must ask byte for byte the same."""
    values = {f.name: getattr(order, f.name) for f in fields(order)}
    values["parameters"] = dict(order.parameters)
    values["sources"] = [asdict(source) for source in order.sources]
    return to_json(values)


def order_from_json(text: str) -> Order:
    """The order again, by the fields that we know, each of its own type. Raises ValueError."""
    stored = object_of(text)
    if missing := _ORDER_NEEDS - stored.keys():
        raise ValueError(f"an order without {', '.join(sorted(missing))}")
    known = {name: stored[name] for name in _ORDER_LOOKS if name in stored}
    # Nothing is guessed or mended: the provider would be asked for another picture than the one that was paid.
    if odd := [name for name, value in known.items() if not _ORDER_LOOKS[name](value)]:
        raise ValueError(f"an order whose {', '.join(odd)} can't be what it is")
    known["sources"] = tuple(_source_of(source) for source in known.get("sources", ()))
    order = Order(**known)
    if order.images < 1:
        raise ValueError("an order of no images")
    return order


def _source_of(stored: Mapping[str, str]) -> Source:
    return Source(
        where=Where(stored["where"]),
        ref=stored["ref"],
        use=Use(stored["use"]),
        surface=stored.get("surface", ""),
    )


def moved_order(text: str, order: Order) -> str:
    """A stored order for another route; what a newer Easel keeps beside it stays."""
    try:
        stored = object_of(text)
    except ValueError:
        stored = {}
    return to_json(stored | object_of(order_to_json(order)))


def erased_order(text: str) -> str:
    """A stored order without what the person wrote; what a newer Easel keeps beside it stays, and any can be erased."""
    return to_json(_object_or_empty(text) | _ERASED)


def mended_order(row: Row) -> str:
    """A job's stored order, readable, so that its end can be told: what couldn't be read is empty. Nobody draws it."""
    text: str = row["order_json"]
    try:
        order_from_json(text)
    except ValueError:
        kept = {
            name: value
            for name, value in _object_or_empty(text).items()
            if name not in _ORDER_LOOKS or _ORDER_LOOKS[name](value)
        }
        price = {"images": 1, "credits_each": row["credits"]}
        return to_json(_EMPTY_ORDER | kept | {"provider": row["provider"], "model": row["model"]} | price)
    return text


def subject_of(text: str | None) -> str:
    """What a stored order was about, for a line of a list; nothing where that can't be read."""
    return str(_object_or_empty(text or "{}").get("subject", ""))


def is_private(text: str | None) -> bool:
    """Whether a stored order is its owner's alone; one that can't be read may be."""
    try:
        return bool(object_of(text or "{}").get("private", False))
    except ValueError:
        return True


def object_of(text: str) -> dict[str, Any]:
    """A stored JSON object. Raises ValueError for anything else."""
    value = _value_of(text)
    if not isinstance(value, dict):
        raise ValueError(f"a JSON {type(value).__name__} where an object is kept")  # noqa: TRY004  # of a bad row
    return value


def _object_or_empty(text: str) -> dict[str, Any]:
    """The same; what is no object is read as an empty one."""
    try:
        return object_of(text)
    except ValueError:
        return {}


def list_of(text: str) -> list[Any]:
    """A stored JSON list; what is none is read as empty."""
    try:
        value = _value_of(text)
    except ValueError:
        return []
    return value if isinstance(value, list) else []


def _value_of(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("JSON that is nested too deep") from None


def reserved_of(row: Row) -> list[tuple[str, str, int]]:
    """The caps in which a job has reserved something: meter, unit, amount.

    What can't be read of them is told and left reserved: a cap's correction must not keep a job from its end.
    """
    reserved = []
    for entry in list_of(row["meters_json"]):
        match entry:
            case [str(meter), str(unit), int(amount), *_]:
                reserved.append((meter, unit, amount))
            case _:  # what another version has stored
                _tell(row["id"], f"a reserve that is {to_json(entry)}")
    return sorted(reserved)


def readable(rows: Sequence[Row], read: Callable[[Row], T]) -> list[T]:
    """What can be read of these rows, in their order; `read` raises ValueError for the others, which are told of.

    Each row has an `id` to be told by.
    """
    found = []
    for row in rows:
        try:
            found.append(read(row))
        except ValueError as error:
            _tell(row["id"], str(error))
    return found


@lru_cache(maxsize=1000)
def _tell(row: str, problem: str) -> None:
    """Logs a row once, however often it is read: the cache is the memory of what was told."""
    log.error(
        "a row can't be read: a newer Easel's, or damaged; it is left alone."
        " If it is a job and no newer Easel carries it: easel jobs end ROW",
        row=row,
        problem=problem,
    )


@lru_cache(maxsize=1024)
def _shared(text: str) -> str:
    """The text itself, one for all that were read lately: the ids of who asked, and where, stand in each row of a job."""
    return text


def _place_of(text: str) -> dict[str, Any]:
    """What a surface has kept of a place or a message; thousands are held at once, and their names are all the same."""
    return {
        sys.intern(name): _shared(value) if isinstance(value, str) and len(value) <= _ID_CHARS else value
        for name, value in object_of(text).items()
    }


_ID_CHARS = 32


def asset_of(row: Row) -> Asset:
    """A picture's row."""
    return Asset(
        key=row["key"],
        role=row["role"],
        index=row["idx"],
        media_type=row["media_type"],
        width=row["width"],
        height=row["height"],
        size_bytes=row["size_bytes"],
        sha256=row["sha256"],
    )


def requester_of(row: Row) -> Requester:
    """Who asked, without roles and rights: those are facts of the moment of asking."""
    return Requester(
        surface=_shared(row["surface"]),
        community=_shared(row["community"]),
        user=_shared(row["user_id"]),
        name=_shared(row["user_name"]),
        language=_shared(row["language"]),
    )


def job_of(
    row: Row, assets: tuple[Asset, ...] = (), *, before: Job | None = None, order: Order | None = None
) -> Job:
    """A job's row with its pictures. Raises ValueError.

    `order` is what the row says of it, where that is known already; so is the job `before` a move that keeps its
    order: what doesn't change is shared with it, since thousands are held at once.
    """
    order = before.order if before is not None else order
    times: dict[str, Any] = {
        name: seconds(row[name])
        for name in ("created_at", "submitted_at", "ended_at", "deadline_at", "due_at")
    }
    return Job(
        id=_shared(row["id"]) if before is None else before.id,
        version=row["version"],
        state=State(row["state"]),
        requester=requester_of(row) if before is None else before.requester,
        channel=_shared(row["channel"]) if before is None else before.channel,
        within=_within(row["within_json"]) if before is None else before.within,
        age_restricted=bool(row["age_restricted"]),
        priority=_priority_of(row["priority"]),
        order=order_from_json(row["order_json"]) if order is None else order,
        parent=row["parent"],
        attempt=row["attempt"],
        tries=row["tries"],
        operation=row["operation"],
        passed=_routes_of(row["passed"]),
        captured_credits=row["captured_credits"],
        cost_usd_micros=row["cost_usd_micros"],
        reason=row["reason"],
        detail=row["detail"],
        of_input=row["of_input"],
        doubtful=bool(row["doubtful"]),
        spoiler=bool(row["spoiler"]),
        seed=row["seed"],
        deleted=bool(row["deleted"]),
        assets=assets,
        **times,
    )


def _within(text: str) -> tuple[str, ...]:
    """A list of ids. Raises ValueError: which rules hold in a channel that can't be read is nobody's to guess."""
    found = _value_of(text)
    if not isinstance(found, list) or not all(map(is_text, found)):
        raise ValueError("what a channel is part of is no list of ids")
    return tuple(found)


def _priority_of(text: str) -> Priority:
    """One that only a newer version knows hinders nobody."""
    try:
        return Priority(text)
    except ValueError:
        return Priority.NORMAL


_NO_ROUTES: frozenset[Route] = frozenset()  # an empty one takes 216 bytes, and thousands of jobs have none


def _routes_of(text: str) -> frozenset[Route]:
    """The routes of lines, as `passed_line` writes them."""
    if not text:
        return _NO_ROUTES
    pairs = (line.partition("\t") for line in text.splitlines())
    return frozenset((provider, model) for provider, _, model in pairs)


def passed_line(route: Route) -> str:
    """A route as a line of its own; ids have no tabs."""
    return "\t".join(route) + "\n"


def message_of(row: Row) -> Message:
    """A message's row. Raises ValueError."""
    key = row["key"]
    handle = Handle(key=_shared(key), data=_place_of(row["data_json"])) if key is not None else None
    return Message(
        job=_shared(row["job"]),
        role=role_of(row["role"]),
        address=Address(surface=_shared(row["surface"]), data=_place_of(row["address_json"])),
        handle=handle,
        shown=row["shown"],
        digest=row["digest"],
        tries=row["tries"],
        due_at=row["due_at"] / 1000,
        gone=bool(row["gone"]),
        given_up=bool(row["given_up"]),
        refused=bool(row["refused"]),
        lost_at=seconds(row["lost_at"]),
        author=row["author"],
        tell=bool(row["tell"]),
    )

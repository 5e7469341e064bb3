"""What fal's answers say: pictures and those made black, failures by their types, units, money, past requests."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.errors import ProviderError, Reached, Trouble
from bot.model import USD_MICROS
from bot.provider import Failed, Finished, Outcome, Pending, RemoteImage
from integrations.providers import _json, _wire, _words

REFUSED = frozenset({"content_policy_violation"})
ID = re.compile(r"[\w-]{1,200}")
_FORBIDDEN, _NOT_FOUND, _UNAVAILABLE = 403, 404, 503


def not_taken(answer: _wire.Reply) -> Failed:
    """A bad answer to a submit. Raises ProviderError for what is no refusal of the content."""
    if types_of(answer) & REFUSED:
        return Failed(detail=f"{answer.status} {_wire.detail_of(answer)}", refused=True)
    if answer.status == _UNAVAILABLE:  # it tries ten times inside: one may have got in, and is looked for
        raise _wire.error_of(answer, reached=Reached.UNKNOWN, trouble=Trouble.BUSY)
    if answer.status == _FORBIDDEN and "balance" in _wire.detail_of(answer).lower():
        raise _wire.error_of(answer, trouble=Trouble.BALANCE)
    raise _wire.error_of(answer)


def not_told(answer: _wire.Reply) -> ProviderError:
    """A bad answer to a look. A request that is unknown may be so for a moment only."""
    return _wire.error_of(answer, trouble=Trouble.BROKEN if answer.status == _NOT_FOUND else None)


def types_of(answer: _wire.Reply) -> set[str]:
    """What kinds of error it tells: its own words for them, never its sentences."""
    value = _json.loads(answer.body)
    told = value if isinstance(value, dict) else {}
    details = told.get("detail")
    rows = [row for row in details if isinstance(row, dict)] if isinstance(details, list) else []
    words = [
        answer.headers.get("x-fal-error-type"),
        told.get("error_type"),
        *(row.get("type") for row in rows),
    ]
    return {word for word in words if isinstance(word, str) and word}


def under_way(operation: str, told: Mapping[str, object]) -> Pending:
    place, logs = told.get("queue_position"), told.get("logs")
    lines = logs[-_LINES_MAX:] if isinstance(logs, list) else []
    texts = (line.get("message") for line in lines if isinstance(line, dict))
    step, steps = _words.steps_in("\n".join(text for text in texts if isinstance(text, str)))
    waits = isinstance(place, int) and not isinstance(place, bool) and place >= 0
    return Pending(operation=operation, step=step, steps=steps, place=place if waits else None)  # type: ignore[arg-type]  # it is an int then


_LINES_MAX = 50


def pictures_of(
    told: Mapping[str, object], status: Mapping[str, object], answer: _wire.Reply, cost: int | None
) -> Outcome:
    """The pictures without those that fal's check made black: these are billed, and shown to nobody."""
    listed = told.get("images", told.get("image"))
    items = listed if isinstance(listed, list) else [listed]
    urls = [url for item in items if (url := _url_of(item))]
    if not urls:
        if isinstance(listed, list) and not listed:
            return Failed(detail="completed without pictures", withheld=True, cost_usd_micros=cost)
        if status.get("error"):
            return Failed(detail=_words.clean(str(status["error"]), answer.hidden), cost_usd_micros=cost)
        raise _wire.unreadable(answer, "holds no pictures")
    flags = told.get("has_nsfw_concepts", told.get("nsfw_content_detected"))
    unsafe = [flag is True for flag in flags] if isinstance(flags, list) else [flags is True] * len(urls)
    shown = [url for url, kept_back in zip(urls, unsafe + [False] * len(urls), strict=False) if not kept_back]
    if not shown:
        return Failed(detail="every picture was flagged", refused=True, withheld=True, cost_usd_micros=cost)
    seed = told.get("seed")
    return Finished(
        images=tuple(map(RemoteImage, shown)),
        withheld=len(urls) - len(shown),
        cost_usd_micros=cost,
        seed=seed if isinstance(seed, int) and not isinstance(seed, bool) else None,
    )


def _url_of(item: object) -> str:
    url = item.get("url") if isinstance(item, dict) else None
    return url if isinstance(url, str) and url.lower().startswith(("https://", "http://")) else ""


def cost_of(headers: _wire.Headers, usd_unit: float | None) -> int | None:
    """What was billed, by the units that the answer tells of."""
    try:
        units = float(headers.get("x-fal-billable-units", ""))
    except ValueError:
        return None
    known = usd_unit is not None and math.isfinite(units) and 0 <= units < _UNITS_MAX
    return round(units * (usd_unit or 0) * USD_MICROS) if known else None


_UNITS_MAX = 10_000


def usd_left(told: object) -> float | None:
    credits_ = told.get("credits") if isinstance(told, dict) else None
    left = credits_.get("current_balance") if isinstance(credits_, dict) else None
    usable = isinstance(left, int | float) and not isinstance(left, bool) and math.isfinite(left)
    return float(left) if usable else None  # type: ignore[arg-type]  # it is a number then


# ── Past requests ────────────────────────────────────────────────────────────────────────────────────


def requests_of(told: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each past request with every input that stands in it, under whatever name."""
    inside = told if isinstance(told, dict) else {}
    lists = [told, *inside.values()]
    for row in (row for one in lists if isinstance(one, list) for row in one if isinstance(row, dict)):
        request_id = row.get("request_id")
        if isinstance(request_id, str) and ID.fullmatch(request_id):
            yield from ((request_id, asked) for asked in _objects(row))


def _objects(value: Mapping[str, Any], depth: int = 0) -> Iterator[Mapping[str, Any]]:
    yield value
    if depth < _DEPTH_MAX:
        for inner in value.values():
            if isinstance(inner, dict):
                yield from _objects(inner, depth + 1)


_DEPTH_MAX = 3


def is_ours(asked: Mapping[str, Any], wanted: Mapping[str, object]) -> bool:
    return all(asked.get(name) == value for name, value in wanted.items())

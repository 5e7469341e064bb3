"""What services share that speak OpenAI's images protocol, or a dialect of it: pictures, errors, the key."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.provider import Failed, InlineImage, RemoteImage
from integrations.providers import _json, _wire, _words


def bearer(key: str) -> dict[str, str]:
    """The header that tells who asks."""
    return {"Authorization": f"Bearer {key}"} if key else {}


# ── Pictures ─────────────────────────────────────────────────────────────────────────────────────────


def pictures_of(data: object) -> list[InlineImage | RemoteImage]:
    """The pictures of an answer's `data`."""
    items = data if isinstance(data, list) else [data]
    return [picture for picture in map(picture_of, items) if picture is not None]


def picture_of(item: object) -> InlineImage | RemoteImage | None:
    """One picture: base64 text, with or without the head of a data URI, or an address."""
    if isinstance(item, dict):
        inline = item.get("b64_json")
        if isinstance(inline, str) and inline:
            return from_url(inline) or InlineImage(inline)
        item = item.get("url")
    return from_url(item) if isinstance(item, str) else None


def from_url(url: str) -> InlineImage | RemoteImage | None:
    """The base64 text is passed on undecoded: that is done in pieces, later. Fetching has its own door."""
    scheme = url[:8].lower()
    if scheme.startswith(("https://", "http://")):
        return RemoteImage(url)
    comma = url.find(",", 0, 200)
    if scheme.startswith("data:") and url[:comma].lower().endswith(";base64") and len(url) > comma + 1:
        return InlineImage(url[comma + 1 :])
    return None


def holds_nothing(value: Mapping[str, object]) -> bool:
    """Whether an answer tells that there is no picture, rather than something that can't be read."""
    return value.get("data") == []


# ── Numbers ──────────────────────────────────────────────────────────────────────────────────────────


def part(value: object, name: str) -> Mapping[str, object]:
    """An object inside of an object; empty where there is none."""
    inside = value.get(name) if isinstance(value, Mapping) else None
    return inside if isinstance(inside, dict) else {}


def count(value: Mapping[str, object], name: str) -> int:
    """A count that a service tells; 0 where it tells none, or nonsense."""
    number = value.get(name)
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else 0


# ── Errors ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """An error as a program reads it: `{"error": {...}}`, or the same without the outer object."""

    code: str = ""
    kind: str = ""
    message: str = ""
    body: Mapping[str, object]  # the object that says so
    whole: Mapping[str, object]  # what it stands in

    @property
    def words(self) -> str:
        """All that it says, in small letters."""
        return f"{self.code} {self.kind} {self.message}".lower()


def complaint_of(value: object) -> Complaint:
    """The error of an answer's JSON; empty where there is none."""
    whole = value if isinstance(value, dict) else {}
    error = whole.get("error")
    body = error if isinstance(error, dict) else whole
    message = error if isinstance(error, str) else body.get("message")
    return Complaint(
        code=_text(body.get("code")),
        kind=_text(body.get("type")),
        message=_text(message),
        body=body,
        whole=whole,
    )


def complaint_in(answer: _wire.Reply) -> Complaint:
    """The error of a bad answer, whose body is short."""
    return complaint_of(_json.loads(answer.body))


def refused(answer: _wire.Reply, what: _words.Refused, *, cost_usd_micros: int | None = None) -> Failed:
    """A refusal by a bad status, with what it cost all the same."""
    return Failed(
        detail=f"{answer.status} {_wire.detail_of(answer)}",
        refused=True,
        withheld=what == "picture",
        cost_usd_micros=cost_usd_micros,
    )


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""

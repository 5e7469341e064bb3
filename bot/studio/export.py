"""Everything that is kept of one person as one JSON document: what they may ask for, and take with them."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any, Protocol

from bot.community.rulebook import person_scope
from bot.errors import NotAllowed
from bot.ports import Requester
from bot.store import Store
from bot.store.people import KINDS
from bot.store.rows import list_of, object_of

ExportJson = dict[str, Any]


class LinkOf(Protocol):
    """Where a picture can be fetched, by its key; a link to a private one ends."""

    def __call__(self, key: str, *, private: bool = False) -> str | None: ...


_FORMAT = 1
_JSON = "_json"
_PLAIN_MOST_BYTES = 1_000_000  # larger ones are packed: a chat takes only so much


async def export_of(
    store: Store, who: Requester, *, communities: list[str], link: LinkOf, rows_max: int | None = None
) -> ExportJson:
    """The document of a person in these communities of their surface. Raises NotAllowed above so many rows."""
    found = []
    left = rows_max
    for community in communities:
        here = Requester(surface=who.surface, community=community, user=who.user)
        kept: dict[str, list[ExportJson]] = {kind: [] for kind in KINDS}
        async for one in store.people.kept(here, scope=person_scope(here)):
            if left is not None:
                if not left:
                    raise NotAllowed("mydata-too-much")
                left -= 1
            kept[one.kind].append(_readable(one.row))
        private = {job["id"] for job in kept["jobs"] if _is_private(job["order"])}
        for picture in kept["pictures"]:
            picture["url"] = link(picture["id"], private=picture["job"] in private)
        for upload in kept["uploads"]:
            upload["url"] = link(upload["id"], private=True)
        found.append({"community": community, **kept})
    return {
        "format": _FORMAT,
        "made_at": _moment(round(store.now() * 1000)),
        "surface": who.surface,
        "user": who.user,
        "communities": found,
    }


def packed(document: ExportJson) -> tuple[str, str, bytes]:
    """Name, media type and bytes of the file; takes its time for a long one, so not on the event loop."""
    text = json.dumps(document, ensure_ascii=False, indent=1).encode(errors="backslashreplace")
    if len(text) <= _PLAIN_MOST_BYTES:
        return "easel-mydata.json", "application/json", text
    return "easel-mydata.json.gz", "application/gzip", gzip.compress(text)


def _is_private(order: Any) -> bool:
    """Of an order that can't be read nobody can tell: then it is."""
    return not isinstance(order, dict) or bool(order.get("private", True))


def _readable(row: Any) -> ExportJson:
    """A row as people read it: moments as dates, stored JSON as what it says."""
    told: ExportJson = {}
    for name, value in dict(row).items():
        if name.endswith("_at") or name in ("at", "until"):
            told[name] = None if value is None else _moment(value)
        elif name.endswith(_JSON):
            told[name.removesuffix(_JSON)] = _stored(value)
        else:
            told[name] = value
    return told


def _stored(text: str) -> Any:
    """What can't be read is given as it stands: it is the person's all the same."""
    try:
        return object_of(text)
    except ValueError:
        return list_of(text) or text


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()

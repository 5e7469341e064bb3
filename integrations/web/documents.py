"""The page's files: two documents made with Jinja, its styles and scripts as they are, kept in memory."""

import asyncio
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bot.guard import Unwelcome
from bot.order.flags import FLAGS
from bot.words import Words

FOLDER = Path(__file__).with_name("page")
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".html": "text/html; charset=utf-8",
}
# What the scripts say by themselves; the rest comes from the core with every message.
WORDS = (
    "about", "soon", "elapsed", "waiting", "online", "offline", "sending", "resend", "unsent",
    "empty-title", "empty-try", "private", "dismiss", "draw", "reveal", "react-reroll", "react-delete",
    "news", "credits", "held", "each", "default", "answer", "original", "enlarge", "used", "picked",
    "about-imagine", "about-credits", "about-models", "about-history", "about-defaults", "about-forget",
    "about-help",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """A file's bytes with its mark."""

    data: bytes
    media_type: str
    mark: str


class Documents:
    """Reads each file once; the documents carry the bot's name."""

    def __init__(self, words: Words, name: str, *, locked: bool) -> None:
        self._words = words
        self._locked = locked
        self._name = name
        self._kept: dict[str, Document] = {}

    async def file(self, request: Request, name: str) -> Response:
        """A style, script or sign. Raises Unwelcome."""
        if name not in self._public:
            raise Unwelcome(404, "not-there", "There is no such file.")
        return await self.answer(request, name)

    def words(self, language: str) -> dict[str, str]:
        """The scripts' words in a language; facts stay as `{name}` for the scripts to fill."""
        holes = {hole: f"{{{hole}}}" for hole in ("seconds", "name", "credits", "what", "count")}
        return {word: self._words.say(f"web-{word}", language, **holes) for word in WORDS}

    def flags(self, language: str) -> list[dict[str, Any]]:
        """The table of flags for the scripts, with what each is for."""
        return [
            {
                "flag": flag.spelled,
                "spellings": flag.spellings,
                "kind": flag.kind,
                "every": not flag.is_wish,  # whether it goes with every model
                "about": self._about(f"web-flag-{flag.name}", language),
            }
            for flag in FLAGS
        ]

    def _about(self, message_id: str, language: str) -> str:
        """Nothing for a flag without a text of its own: the scripts show some of its values then."""
        return self._words.say(message_id, language) if self._words.knows(message_id) else ""

    @cached_property
    def _public(self) -> frozenset[str]:
        return frozenset(p.name for p in FOLDER.iterdir() if p.suffix in TYPES and p.suffix != ".html")

    async def answer(self, request: Request, name: str) -> Response:
        """A file, made at its first use."""
        kept = self._kept.get(name)
        if kept is None:
            kept = self._kept[name] = await asyncio.to_thread(self._read, name)
        headers = {"ETag": kept.mark, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == kept.mark:
            return Response(status_code=304, headers=headers)
        return Response(kept.data, headers={**headers, "Content-Type": kept.media_type})

    def _read(self, name: str) -> Document:
        path = FOLDER / name
        data = self._made(name) if path.suffix == ".html" else path.read_bytes()
        mark = f'"{hashlib.sha256(data).hexdigest()[:24]}"'
        return Document(data, TYPES[path.suffix], mark)

    def _made(self, name: str) -> bytes:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - not before a page

        jinja = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
        words = self._words
        return (
            jinja.get_template(name)
            .render(
                name=self._name,
                language=words.language,
                locked=self._locked,
                say=lambda word: words.say(f"web-{word}"),
            )
            .encode()
        )

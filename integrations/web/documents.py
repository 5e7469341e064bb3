"""The page's files: two documents made with Jinja, its styles and scripts as they are, and its words."""

import asyncio
import json
import os
from functools import cached_property
from pathlib import Path
from typing import Any

from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.model import EXTENSIONS
from bot.order.flags import FLAGS, Entry
from bot.talk.deeds import Topic
from bot.words.words import Words

HERE = Path(__file__).parent
FRESH = {"Cache-Control": "no-cache"}  # asked for anew each time, and sent where it has changed
HOLES = ("seconds", "name", "credits", "what", "count")  # facts that the scripts fill in


class PageFiles(StaticFiles):
    """The styles, scripts and signs."""

    def __init__(self) -> None:
        super().__init__(directory=HERE / "page")

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(FRESH)
        return response


class Documents:
    """The documents carry the bot's name."""

    def __init__(self, words: Words, name: str, *, locked: bool) -> None:
        self._words = words
        self._facts = {
            "name": name,
            "locked": locked,
            "types": ",".join(EXTENSIONS),
        }

    async def answer(self, name: str, language: str) -> Response:
        """A document, made in a thread: its first use reads files."""
        return HTMLResponse(await asyncio.to_thread(self._made, name, language), headers=FRESH)

    def words(self, language: str) -> dict[str, str]:
        """The page's words in a language; facts stay as `{name}` for the scripts to fill."""
        holes = {hole: f"{{{hole}}}" for hole in HOLES}
        return {word: self._words.say(f"web-{word}", language, **holes) for word in self._ids}

    @cached_property
    def _ids(self) -> tuple[str, ...]:
        return self._words.ids("web-")

    @cached_property
    def _examples(self) -> list[dict[str, Any]]:
        table: list[dict[str, Any]] = json.loads((HERE / "page" / "examples" / "examples.json").read_bytes())
        return table

    def examples(self, language: str) -> list[dict[str, Any]]:
        """What the first screen shows: pictures with the words that drew them."""
        return [
            {
                "prompt": one.get(language, one["en"]),
                "picture": f"examples/{one['name']}.jpg",
                "width": one["width"],
                "height": one["height"],
            }
            for one in self._examples
        ]

    def flags(self, language: str) -> list[dict[str, Any]]:
        """The table of flags for the scripts, with what each is for."""
        return [
            {
                "flag": flag.spelled,
                "spellings": flag.spellings,
                "kind": flag.kind,
                "label": self._words.say(flag.label, language),
                "every": not flag.is_wish,  # whether it goes with every model
                # What one chooses: the line where one types has a control for each that forms have, too.
                "control": flag.in_form and flag.kind.entry is not Entry.WORDS,
                "about": self._about(f"web-flag-{flag.name}", language),
            }
            for flag in FLAGS
        ]

    def commands(self, language: str) -> list[dict[str, str]]:
        """What a line can begin with, as it is typed, with what each is for."""
        about = {"/imagine": "web-about-imagine"} | {f"/easel {one}": f"web-about-{one}" for one in Topic}
        return [
            {"take": typed, "about": self._words.say(message_id, language)}
            for typed, message_id in about.items()
            if self._words.knows(message_id)
        ]

    def style(self, name: str, language: str, *, ships: bool) -> dict[str, str]:
        """A style for the scripts: Easel's own have a name for people, and a small picture."""
        if not ships:
            return {"name": name, "about": "", "picture": ""}
        return {"name": name, "about": self._words.style(name, language), "picture": f"styles/{name}.jpg"}

    def _about(self, message_id: str, language: str) -> str:
        """Nothing for a flag without a text of its own: the scripts show some of its values then."""
        return self._words.say(message_id, language) if self._words.knows(message_id) else ""

    @cached_property
    def _templates(self) -> Any:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - not before a page

        return Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
        )

    def _made(self, name: str, language: str) -> str:
        def say(word: str) -> str:
            return self._words.say(f"web-{word}", language)

        made: str = self._templates.get_template(name).render(**self._facts, language=language, say=say)
        return made

"""One language's texts, as Fluent writes them: found by their ids, parsed when they are first said.

A file has hundreds of texts and a process says some dozens, so a bundle of Fluent's runtime is given each with those it
refers to when it is asked for.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from fluent.runtime import FluentBundle
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

Value = str | int
Function = Callable[..., Any]

# An entry begins where a line does; what follows it is indented, or closes a brace.
_ENTRY = re.compile(r"^(-?[a-zA-Z][\w-]*)[ \t]*=", re.MULTILINE | re.ASCII)
_PARSED_MOST = 4_096


class BrokenText(Exception):
    """A text that can't be said: a fact is missing, it names what isn't there, or itself."""


class Texts:
    """The texts of one language. Of two with one id the first is said."""

    def __init__(self, language: str, functions: Mapping[str, Function] | None = None) -> None:
        # Isolation marks are for bidirectional documents; chats show them as boxes.
        self._bundle = FluentBundle([language], functions=dict(functions or {}), use_isolating=False)
        self._waiting: dict[str, str] = {}  # as they are written, until somebody asks for them
        self._names: dict[str, None] = {}

    def add(self, sheet: str) -> None:
        """Takes in a file; its texts stay as they are written."""
        for name, source in _cut(sheet).items():
            if name not in self._names:
                self._names[name] = None
                self._waiting[name] = source

    @property
    def ids(self) -> Iterable[str]:
        """The messages there are, as they stand in the files."""
        return [name for name in self._names if not name.startswith("-")]

    def has(self, message_id: str) -> bool:
        """Whether there is such a message with something to say."""
        return self._pattern(message_id) is not None

    def say(self, message_id: str, facts: Mapping[str, Value]) -> str | None:
        """The text with its facts; None where there is none. Raises BrokenText."""
        pattern = self._pattern(message_id)
        if pattern is None:
            return None
        try:
            text, errors = self._bundle.format_pattern(pattern, dict(facts))
        except RecursionError:  # the runtime notices a circle only where something stands beside it
            raise BrokenText(f"{message_id} says itself") from None
        if errors:
            raise BrokenText("; ".join(map(str, errors)))
        return str(text)

    def _pattern(self, message_id: str) -> Any:
        self._prepare(message_id)
        bundle = self._bundle
        return bundle.get_message(message_id).value if bundle.has_message(message_id) else None

    def _prepare(self, name: str) -> None:
        """Gives the bundle an entry, and what that refers to."""
        source = self._waiting.pop(name, None)
        if source is not None:
            entry = parsed(source)
            self._bundle.add_resource(entry)
            for other in _referred(entry):
                self._prepare(other)


@lru_cache(maxsize=64)
def _cut(sheet: str) -> dict[str, str]:
    """A file's entries as they are written, by their names."""
    begins = list(_ENTRY.finditer(sheet))
    ends = [match.start() for match in begins[1:]] + [len(sheet)]
    cut: dict[str, str] = {}
    for match, end in zip(begins, ends, strict=True):
        cut.setdefault(match[1], sheet[match.start() : end])
    return cut


@lru_cache(maxsize=_PARSED_MOST)
def parsed(source: str) -> ast.Resource:
    """Nothing changes what was made of an entry, so that every bundle may hold it."""
    return FluentParser(with_spans=False).parse(source)  # where each word stood is half of what it would hold


def _referred(entry: ast.Resource) -> list[str]:
    names = _References()
    names.visit(entry)
    return names.found


class _References(Visitor):
    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_MessageReference(self, node: ast.MessageReference) -> None:  # noqa: N802 - the visitor's naming
        self.found.append(node.id.name)

    def visit_TermReference(self, node: ast.TermReference) -> None:  # noqa: N802 - the visitor's naming
        self.found.append(f"-{node.id.name}")
        self.generic_visit(node)

"""One language's texts, as Fluent writes them: found by their ids, understood when they are first said.

A file has hundreds of texts and a process says some dozens, so none is parsed before it is asked for. Fluent's own
runtime parses all at the start, and loads Babel's data of a whole language for the comma in 1,000; here two languages
have that written down, and Babel is asked for the others.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fluent.syntax import FluentParser, ast

if TYPE_CHECKING:
    from babel import Locale

Value = str | int | None  # None: what a term was not given
Function = Callable[..., str | int]

# An entry begins where a line does; what follows it is indented, or closes a brace.
_ENTRY = re.compile(r"^(-?[a-zA-Z][\w-]*)[ \t]*=", re.MULTILINE | re.ASCII)
_DEEPEST = 20  # texts within texts
_UNDERSTOOD_MOST = 4_096


class BrokenText(Exception):
    """A text that can't be said: a fact is missing, it names what isn't there, or itself."""


@dataclass(frozen=True, slots=True)
class _Saying:
    """One text while it is being said."""

    texts: "Texts"
    facts: Mapping[str, Value]
    deep: int = 0
    lax: bool = False  # a term says what it was given, and need not be given anything


_Part = Callable[[_Saying], Value]


@dataclass(frozen=True, slots=True)
class _Entry:
    value: _Part | None
    attributes: Mapping[str, _Part]


@dataclass(slots=True)
class Texts:
    """The texts of one language. Of two with one id the first is said."""

    language: str
    functions: Mapping[str, Function] = field(default_factory=dict)
    _sources: dict[str, str] = field(default_factory=dict)

    def add(self, sheet: str) -> None:
        """Takes in a file; its texts stay as they are written."""
        for name, source in _cut(sheet).items():
            self._sources.setdefault(name, source)

    @property
    def ids(self) -> Iterable[str]:
        """The messages there are, as they stand in the files."""
        return [name for name in self._sources if not name.startswith("-")]

    def has(self, message_id: str) -> bool:
        """Whether there is such a message with something to say."""
        entry = self._entry(message_id)
        return entry is not None and entry.value is not None

    def say(self, message_id: str, facts: Mapping[str, Value]) -> str | None:
        """The text with its facts; None where there is none. Raises BrokenText."""
        if not self.has(message_id):
            return None
        return _shown(_Saying(self, facts), self.part(message_id))

    def part(self, name: str, attribute: str = "") -> _Part:
        """A message, a term (`-name`), or an attribute of one. Raises BrokenText."""
        entry = self._entry(name)
        found = entry and (entry.attributes.get(attribute) if attribute else entry.value)
        if not found:
            raise BrokenText(f"there is no {name}{attribute and '.'}{attribute}")
        return found

    def _entry(self, name: str) -> _Entry | None:
        source = self._sources.get(name)
        return _understood(source) if source is not None else None


@lru_cache(maxsize=64)
def _cut(sheet: str) -> dict[str, str]:
    """A file's entries as they are written, by their names."""
    begins = list(_ENTRY.finditer(sheet))
    ends = [match.start() for match in begins[1:]] + [len(sheet)]
    cut: dict[str, str] = {}
    for match, end in zip(begins, ends, strict=True):
        cut.setdefault(match[1], sheet[match.start() : end])
    return cut


@lru_cache(maxsize=_UNDERSTOOD_MOST)
def _understood(source: str) -> _Entry | None:
    """What an entry says; None where it isn't Fluent."""
    # Where each word stood is half of what the tree would hold.
    first: Any = FluentParser(with_spans=False).parse(source).body[0]
    if not isinstance(first, ast.Message | ast.Term):
        return None
    value = _pattern(first.value) if first.value else None
    return _Entry(value, {one.id.name: _pattern(one.value) for one in first.attributes})


# ── From Fluent's tree to what says it ───────────────────────────────────────────────────────────────


def _pattern(pattern: ast.Pattern) -> _Part:
    parts = [_element(one) for one in pattern.elements]
    if len(parts) == 1:
        return parts[0]
    return lambda saying: "".join(_shown(saying, part) for part in parts)


def _element(element: ast.TextElement | ast.Placeable) -> _Part:
    return _said(element.value) if isinstance(element, ast.TextElement) else _expression(element.expression)


def _expression(one: ast.SyntaxNode) -> _Part:
    """What says one thing within braces."""
    return _MADE_OF[type(one)](one)


def _said(value: Value) -> _Part:
    return lambda _: value


def _literal(one: ast.NumberLiteral) -> int | str:
    """Facts are whole numbers, so nothing is ever compared with a broken one."""
    return one.value if "." in one.value else int(one.value)


def _fact(name: str) -> _Part:
    def fact(saying: _Saying) -> Value:
        if name not in saying.facts and not saying.lax:
            raise BrokenText(f"${name} is missing")
        return saying.facts.get(name)

    return fact


def _reference(
    name: str, attribute: ast.Identifier | None, given: Mapping[str, _Part] | None = None
) -> _Part:
    """Another text: a message says it of the same facts, a term of those that are `given`."""

    def reference(saying: _Saying) -> Value:
        if saying.deep > _DEEPEST:
            raise BrokenText(f"{name} says itself")
        facts = saying.facts if given is None else {key: part(saying) for key, part in given.items()}
        inner = _Saying(saying.texts, facts, saying.deep + 1, lax=given is not None)
        return _shown(inner, saying.texts.part(name, attribute.name if attribute else ""))

    return reference


def _named(arguments: ast.CallArguments | None) -> dict[str, _Part]:
    return {one.name.name: _expression(one.value) for one in arguments.named} if arguments else {}


def _call(one: ast.FunctionReference) -> _Part:
    name, named = one.id.name, _named(one.arguments)
    positional = [_expression(part) for part in one.arguments.positional]

    def call(saying: _Saying) -> Value:
        function = saying.texts.functions.get(name)
        if function is None:
            raise BrokenText(f"there is no {name}()")
        try:
            return function(
                *(part(saying) for part in positional), **{key: part(saying) for key, part in named.items()}
            )
        except (TypeError, ValueError, KeyError) as error:
            raise BrokenText(f"{name}(): {error!r}") from error

    return call


def _choice(one: ast.SelectExpression) -> _Part:
    selector = _expression(one.selector)
    variants = [(_key(variant.key), _pattern(variant.value)) for variant in one.variants]
    default = next(part for (_, part), variant in zip(variants, one.variants, strict=True) if variant.default)

    def choice(saying: _Saying) -> Value:
        value = selector(saying)
        names: tuple[Value, ...] = (value,)
        if isinstance(value, int):
            names = (value, plural(value, saying.texts.language))
        return next((part for key, part in variants if key in names), default)(saying)

    return choice


_MADE_OF: dict[type[ast.SyntaxNode], Callable[[Any], _Part]] = {
    ast.Placeable: lambda one: _expression(one.expression),
    ast.StringLiteral: lambda one: _said(one.parse()["value"]),
    ast.NumberLiteral: lambda one: _said(_literal(one)),
    ast.VariableReference: lambda one: _fact(one.id.name),
    ast.MessageReference: lambda one: _reference(one.id.name, one.attribute),
    ast.TermReference: lambda one: _reference(f"-{one.id.name}", one.attribute, _named(one.arguments)),
    ast.FunctionReference: _call,
    ast.SelectExpression: _choice,
}


def _key(key: ast.Identifier | ast.NumberLiteral) -> Value:
    return key.name if isinstance(key, ast.Identifier) else _literal(key)


def _shown(saying: _Saying, part: _Part) -> str:
    value = part(saying)
    if isinstance(value, int):
        return grouped(value, saying.texts.language)
    return value or ""


# ── What a language makes of a number ────────────────────────────────────────────────────────────────

_WRITTEN_DOWN = frozenset({"en", "ko"})


def plural(count: int, language: str) -> str:
    """Which form of a word stands with so many: `one`, `few`, `other`."""
    if language not in _WRITTEN_DOWN:
        return str(_babel(language).plural_form(count))
    return "one" if language == "en" and abs(count) == 1 else "other"


def grouped(count: int, language: str) -> str:
    """As it is written: 1,000."""
    if language in _WRITTEN_DOWN:
        return f"{count:,}"
    from babel.numbers import format_decimal  # noqa: PLC0415 - its data is large

    return format_decimal(count, locale=_babel(language))


@lru_cache(maxsize=16)
def _babel(language: str) -> "Locale":
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - see above

    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):  # a language of somebody's own counts as English does
        return Locale.parse("en")

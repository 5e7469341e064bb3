"""The lists of sixteen languages, `data/tongues/*.toml`, read: every line, and every form of it.

A file is one language; a table in it is a kind; a line is a word with its innocent neighbours. In a word, braces are
choices ("nu{,e,s}", or endings that the file names), `*` at its end any letters, `~` before it: it means something
only beside a person or another word of its kind, or beside somebody young in another language (not the forms in
`at_home`, which are words or names elsewhere), `=`: only with its marks (coño is no cono). Marks may be left out
of the others. A neighbour that holds the word blanks it out; the others show what it must not be taken for.
What stands under `clothes` bares somebody where it is left away: behind `without`, before `behind`, or in `--no`.
Three lists bear out what is weak: `victims` cruelty, as persons do, `groups` calls for a death, `terrorists` praise of
them. Beside a word of `taught` all this is shown, and not wanted.
"""

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from bot.moderation.lexicon.findings import Kind
from bot.moderation.reading.letters import clean, fold, without_marks
from bot.moderation.reading.terms import expand

TABLES: dict[str, Kind] = {
    "act": Kind.SEXUAL_EXPLICIT,
    "nude": Kind.NUDITY,
    "gore": Kind.GORE,
    "self": Kind.SELF_HARM,
    "bomb": Kind.BOMB_MAKING,
    "forged": Kind.FORGERY,
    "cruel": Kind.CRUELTY,
    "call": Kind.HATE_CALL,
    "nazi": Kind.HATE_SIGN,
    "terror": Kind.TERROR_PRAISE,
    "hate": Kind.HATE,
    "young": Kind.YOUTH_CERTAIN,
    "maybe": Kind.YOUTH_AMBIGUOUS,
    "mild": Kind.SEXUAL_MILD,
}
# Lists whose words mean nothing alone, and what they bear out.
BEARING_OUT: dict[str, Kind] = {
    "victims": Kind.CRUELTY,
    "groups": Kind.HATE_CALL,
    "terrorists": Kind.TERROR_PRAISE,
}
_FLAGS = "~="


class SpeltForm(NamedTuple):
    """One form of a line."""

    marked: str  # with its marks
    plain: str  # without
    opened: bool = False  # any letters may follow


class ListedLine(NamedTuple):
    """One line of a list: what all of its forms have in common."""

    said: str  # as it stands in the list
    page: Mapping[str, Any]
    language: str
    kind: Kind | None  # none: an innocent neighbour, a person, or what only bears out others
    weak: bool
    marks: bool
    solid: bool
    person: bool = False
    away: bool = False  # clothes that are left away
    bears_out: Kind | None = None  # what it lets a weak word beside it mean
    at_home: Collection[str] = ()  # its page's forms that mean nothing among words of another language
    neighbours: Sequence[str] = ()  # what it must not be taken for, as it stands in the list
    holding: Collection[str] = ()  # only the forms that hold one of these; nothing: all

    def forms(self) -> Iterator[SpeltForm]:
        """Each form once."""
        for marked, plain in self.spelt().items():
            opened = marked.endswith("*")
            yield SpeltForm(marked[:-1], plain[:-1], True) if opened else SpeltForm(marked, plain)

    def spelt(self) -> dict[str, str]:
        """Each form with its marks, and without; a star at its end where any letters may follow."""
        written = self._written()
        bare = without_marks(written)
        plains = expand((bare,))
        spelt = dict(zip(plains if bare == written else expand((written,)), plains, strict=True))
        if not self.holding:
            return spelt
        return {
            marked: plain for marked, plain in spelt.items() if any(map(plain.__contains__, self.holding))
        }

    def beside(self) -> Iterator["ListedLine"]:
        """Its innocent neighbours: of each the forms that hold a form of it."""
        plains = {plain.removesuffix("*") for plain in self.spelt().values()} if self.neighbours else ()
        return (line(said, self.page, holding=plains) for said in self.neighbours)

    def _written(self) -> str:
        """As it is said, with the endings that its file names, in clean letters."""
        bare = self.said.lstrip(_FLAGS)
        if "{" in bare:
            for name, choices in self.page.get("endings", {}).items():
                bare = bare.replace(f"{{{name}}}", f"{{{','.join(choices)}}}")
        return clean(bare)


def line(said: str, page: Mapping[str, Any], kind: Kind | None = None, **more: Any) -> ListedLine:
    """A line as it stands in a list of this page."""
    flags = said[: len(said) - len(said.lstrip(_FLAGS))]
    solid = page.get("solid", False)
    return ListedLine(said, page, page["language"], kind, "~" in flags, "=" in flags, solid, **more)


def lines(page: Mapping[str, Any]) -> Iterator[ListedLine]:
    """Every line of a page that says something, its persons among them."""
    at_home = frozenset(map(fold, page.get("at_home", ())))
    for said in page["person"]:
        yield line(said, page, person=True)
    # What tells only how others are meant: as shown, or of whom.
    for said in page["taught"]:
        yield line(said, page, Kind.TAUGHT)
    for name, kind in BEARING_OUT.items():
        for said in page[name]:
            yield line(said, page, bears_out=kind)
    for table, kind in TABLES.items():
        for said, neighbours in page.get(table, {}).items():
            yield line(said, page, kind, at_home=at_home, neighbours=neighbours)
        for said, neighbours in _left_away(page, kind):
            yield line(said, page, kind, at_home=at_home, neighbours=neighbours, away=True)


def outsider(term: str, language: str) -> ListedLine:
    """A person of a language that has no page."""
    return line(term, {"language": language, "solid": not term.isascii()}, person=True)


@cache
def listed() -> tuple[ListedLine, ...]:
    """Every line of all pages that says something: read once."""
    return tuple(line for page in pages() for line in lines(page))


def every() -> Iterator[ListedLine]:
    """The same, each with its neighbours."""
    for line in listed():
        yield line
        yield from line.beside()


def _left_away(page: Mapping[str, Any], kind: Kind) -> Iterator[tuple[str, Sequence[str]]]:
    """Clothes that a language says are not there, each with what it denies by: these bare somebody."""
    for line, neighbours in page.get("clothes", {}).items() if kind is Kind.NUDITY else ():
        for said in away(page, line):
            yield said, neighbours


def away(page: Mapping[str, Any], clothes: str) -> Iterator[str]:
    """How a language says that clothes are left away: "ohne Kleidung", "elbise yok"."""
    gap = "" if page.get("solid") else " "
    if before := page.get("without"):
        yield f"{{{','.join(before)}}}{gap}{clothes}"
    if behind := page.get("behind"):
        yield f"{clothes}{gap}{{{','.join(behind)}}}"


@cache
def pages() -> tuple[dict[str, Any], ...]:
    """The lists, one a language: read once."""
    folder = resources.files("bot.moderation").joinpath("data", "tongues")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name
    )
    return tuple(
        {"language": file.name.removesuffix(".toml")} | tomllib.loads(file.read_text(encoding="utf-8"))
        for file in files
    )


def without_it(clothes: str) -> str:
    """How it is said, in their language, that these clothes are left away; nothing for what is none."""
    return _all_away().get(fold(clothes), "")


@cache
def _all_away() -> dict[str, str]:
    return {
        fold(form): next(iter(expand(away(page, form))))
        for page in pages()
        for line in page.get("clothes", ())
        for form in expand([line])
    }

"""The lists of sixteen languages, `data/tongues/*.toml`, read: every form of every word.

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
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from bot.moderation.findings import Kind
from bot.moderation.letters import clean, fold, without_marks
from bot.moderation.terms import expand

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


class Word(NamedTuple):
    """One form of a listed word."""

    kind: Kind | None  # none: an innocent neighbour, or a person whom English calls so, too
    language: str
    marked: str  # with its marks
    plain: str  # without
    line: str  # as it stands in the list
    weak: bool = False
    marks: bool = False
    opened: bool = False
    solid: bool = False
    person: bool = False
    at_home: bool = False  # means nothing among words of another language
    away: bool = False  # clothes that are left away
    bears_out: Kind | None = None  # what it lets a weak word beside it mean

    @property
    def means_something(self) -> bool:
        """Whether it is more than an innocent neighbour."""
        return self.kind is not None or self.person or self.bears_out is not None


def forms(page: Mapping[str, Any]) -> Iterator[Word]:
    """Every form of every word of a page, its persons and neighbours among them."""
    at_home = frozenset(map(fold, page.get("at_home", ())))
    endings = {f"{{{name}}}": "{" + ",".join(ends) + "}" for name, ends in page.get("endings", {}).items()}
    for line in page["person"]:
        yield from forms_of(line, page, endings, at_home, person=True)
    yield from _beside_others(page, endings)
    for table, kind in TABLES.items():
        listed = [(line, neighbours, False) for line, neighbours in page.get(table, {}).items()]
        gone = [(line, neighbours, True) for line, neighbours in _left_away(page, kind)]
        for line, neighbours, away in (*listed, *gone):
            own = [*forms_of(line, page, endings, at_home, kind=kind, away=away)]
            yield from own
            plains = {word.plain for word in own}
            for neighbour in neighbours:
                yield from forms_of(neighbour, page, endings, at_home, holding=plains)


def _beside_others(page: Mapping[str, Any], endings: Mapping[str, str]) -> Iterator[Word]:
    """What tells only how others are meant: as shown, or of whom."""
    for line in page["taught"]:
        yield from forms_of(line, page, endings, kind=Kind.TAUGHT)
    for name, kind in BEARING_OUT.items():
        for line in page[name]:
            yield from (word._replace(bears_out=kind) for word in forms_of(line, page, endings))


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


def forms_of(
    line: str,
    page: Mapping[str, Any],
    endings: Mapping[str, str],
    at_homes: frozenset[str] = frozenset(),
    *,
    kind: Kind | None = None,
    person: bool = False,
    away: bool = False,
    holding: Collection[str] = (),
) -> Iterator[Word]:
    """Every form of one line; `holding`: only those that hold one of these."""
    bare = line.lstrip("~=")
    flags = line[: len(line) - len(bare)]
    if "{" in bare:
        for name, choices in endings.items():
            bare = bare.replace(name, choices)
    language, weak, marks, solid = page["language"], "~" in flags, "=" in flags, page.get("solid", False)
    starred = "*" in bare
    for form, unmarked in _spellings(clean(bare)):
        opened = starred and form.endswith("*")
        marked, plain = (form[:-1], unmarked[:-1]) if opened else (form, unmarked)
        if holding and not any(map(plain.__contains__, holding)):
            continue
        at_home = plain in at_homes
        # By place, for there are some twenty thousand.
        yield Word(kind, language, marked, plain, line, weak, marks, opened, solid, person, at_home, away)


def _spellings(line: str) -> Iterable[tuple[str, str]]:
    """Each form of a line, with its marks and without; one string where they are the same."""
    forms, bare = expand((line,)), without_marks(line)
    unmarked = forms if bare == line else expand((bare,))
    pairs = zip(forms, unmarked, strict=True)
    return {form: form if form == plain else plain for form, plain in pairs}.items()


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


@cache
def words() -> tuple[Word, ...]:
    """Every form of every word of all pages: found out once."""
    return tuple(word for page in pages() for word in forms(page))


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

"""A reader of sixteen languages: the lists of `data/tongues/*.toml`, compiled to one automaton."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate, chain
from operator import itemgetter
from typing import Any

from bot.moderation.lexicon.findings import Finding, Kind
from bot.moderation.reading.letters import fold
from bot.moderation.reading.patterns import kept
from bot.moderation.reading.terms import expand, terms_of
from bot.moderation.reading.text import data
from bot.moderation.tongues.forms import FormFinder, FormHit, folded, hits, in_word, tells
from bot.moderation.tongues.nearby import capitalised, closes, ends_behind_the_young, follows_naming
from bot.moderation.tongues.pages import BEARING_OUT, ListedLine, listed, outsider, pages

_YOUNG = frozenset({Kind.YOUTH_CERTAIN, Kind.YOUTH_AMBIGUOUS})
_SEXUAL = frozenset({Kind.SEXUAL_EXPLICIT, Kind.NUDITY})
_OUTSIDE = "en"  # and Korean
# English persons that are everyday words of the languages read here.
_ELSEWHERE = frozenset({"her", "him", "his", "he", "nun", "elf", "maid", "mom", "dad"})

_NEAR, _NEAR_SOLID = 20, 8  # letters between a word and the person it is said of
# Between a call and whom it means, between praise and of whom it is.
_NEARER = {Kind.HATE_CALL: 3, Kind.TERROR_PRAISE: 12}
_BORNE_OUT = frozenset(BEARING_OUT.values())
_WORD_MIN = 4  # letters of a word that may be somebody young, too: `kind`, and no `JS`
_DUTCH = "nl"


_START = itemgetter(FormHit._fields.index("start"))


class Tongues:
    """A Reader. `readings` of a text in one pass, linear in its length."""

    def __init__(
        self,
        pages: Iterable[Mapping[str, Any]],
        lines: Iterable[ListedLine],
        *,
        persons: Collection[str] = (),
    ) -> None:
        """`lines`: those of these pages; `persons`: of English and Korean."""
        self._without: dict[str, tuple[str, ...]] = {}
        self._behind: dict[str, tuple[str, ...]] = {}
        self._nor: dict[str, tuple[str, ...]] = {}
        self._joints: dict[str, tuple[str, ...]] = {}
        for page in pages:
            gap = "" if page.get("solid") else " "
            self._without[page["language"]] = tuple(f"{fold(word)}{gap}" for word in page.get("without", ()))
            self._behind[page["language"]] = tuple(f"{gap}{fold(word)}" for word in page.get("behind", ()))
            self._nor[page["language"]] = tuple(f"{gap}{fold(word)}{gap}" for word in page["nor"])
            self._joints[page["language"]] = tuple(
                f"{gap}{fold(word)}{gap}" for word in (*page["nor"], *page["and"])
            )
        self._lines = tuple(lines)
        outsiders = (outsider(term, _OUTSIDE) for term in persons)
        self._listed = FormFinder((*self._lines, *outsiders), outside=frozenset(map(fold, persons)))

    @cached_property
    def _neighbours(self) -> FormFinder:
        """More than twice as many as all others, and looked for only beside one of these."""
        return FormFinder(neighbour for line in self._lines for neighbour in line.beside())

    def read(self, text: str) -> list[Finding]:
        """What is found in a text; the places are those in the text as it was folded."""
        looked = folded(text)
        met = self._listed.met(looked)
        if not tells(met) or not (standing := list(hits(met, looked))):
            return []
        plain = looked.plain
        kept = _unexcused(standing, hits(self._neighbours.met(looked), looked))
        beside = _Beside(kept, text)
        denied = self._denied(kept, plain)
        # A line of a list is found once: what is said often means no more.
        found: dict[tuple[Kind, str, str], Finding] = {}
        settled: set[tuple[Kind, str, str]] = set()
        done: set[int] = set()  # lines of what is settled, told apart more quickly
        for hit in kept:
            if id(hit.line) in done or not (kind := hit.kind):
                continue
            key = (kind, hit.line.language, hit.line.said)
            if key in settled or (key in found and beside.leaves_in_doubt(hit)):
                continue
            finding = _meaning(hit, kind, beside, plain)
            if finding and (kind in _YOUNG or (hit.start, hit.end) not in denied):
                found[key] = finding
                if not finding.in_doubt or beside.is_alone(hit):
                    settled.add(key)
                    done.add(id(hit.line))
        return list(found.values())

    def _denied(self, hits: list[FormHit], plain: str) -> frozenset[tuple[int, int]]:
        """Where what is left away stands, and what is joined to that: "sin sangre ni vísceras", 血や内臓なし."""
        said = [hit for hit in hits if hit.kind]
        if not any(map(plain.__contains__, self._denials_of({hit.line.language for hit in said}))):
            return frozenset()
        denied = {(hit.start, hit.end) for hit in said if self._is_denied(hit, plain)}
        if not denied:
            return frozenset()
        ends = {(hit.line.language, hit.end) for hit in said if (hit.start, hit.end) in denied}
        for hit in said:
            if any((hit.line.language, end) in ends for end in self._joined_before(hit, plain)):
                ends.add((hit.line.language, hit.end))
                denied.add((hit.start, hit.end))
        starts = {(hit.line.language, hit.start) for hit in said if (hit.start, hit.end) in denied}
        for hit in reversed(said):
            if any((hit.line.language, start) in starts for start in self._joined_behind(hit, plain)):
                starts.add((hit.line.language, hit.start))
                denied.add((hit.start, hit.end))
        return frozenset(denied)

    def _denials_of(self, languages: Iterable[str]) -> Iterator[str]:
        """The words without one of which these languages deny nothing."""
        for language in languages:
            yield from self._without.get(language, ())
            yield from self._behind.get(language, ())

    def _joined_before(self, hit: FormHit, plain: str) -> Iterator[int]:
        """Where a word would end that a joint before this one joins to it."""
        joints = self._joints_of(hit)
        if plain.endswith(joints, 0, hit.start):
            yield from (hit.start - len(joint) for joint in joints if plain.endswith(joint, 0, hit.start))

    def _joined_behind(self, hit: FormHit, plain: str) -> Iterator[int]:
        """Where a word would begin that a joint behind this one joins to it."""
        joints = self._joints_of(hit)
        if plain.startswith(joints, hit.end):
            yield from (hit.end + len(joint) for joint in joints if plain.startswith(joint, hit.end))

    def _joints_of(self, hit: FormHit) -> tuple[str, ...]:
        """By which a denial goes on to this word: to what is sexual by "or" and "nor" only, as "without a hat and nude" is nude."""
        return (self._nor if hit.kind in _SEXUAL else self._joints)[hit.line.language]

    def _is_denied(self, hit: FormHit, plain: str) -> bool:
        """Whether a word before it, or behind it, says that it is left away."""
        line, start = hit.line, hit.start
        if plain.startswith(self._behind[line.language], hit.end):
            return True
        without = self._without[line.language]
        return plain.endswith(without, 0, start) and any(
            plain.endswith(no, 0, start)
            and (line.solid or start == len(no) or not in_word(plain[start - len(no) - 1]))
            for no in without
        )


def _unexcused(hits: list[FormHit], innocent: Iterable[FormHit]) -> list[FormHit]:
    """The words and persons, in their order, that no innocent neighbour covers."""
    spans = sorted((hit.start, hit.end) for hit in innocent)
    if not spans:
        return sorted(hits, key=_START)
    starts = [start for start, _ in spans]
    reach = list(accumulate((end for _, end in spans), max))
    kept = []
    for hit in hits:
        before = bisect_right(starts, hit.start)
        covered = before and reach[before - 1] >= hit.end
        if not covered or hit.line.person or hit.line.bears_out:
            kept.append(hit)
    return sorted(kept, key=_START)


class _Beside:
    """Where persons and other words about the same stand, for each weak word: looked for once, then by bisection."""

    def __init__(self, hits: list[FormHit], typed: str) -> None:
        self._hits = hits
        self._typed = typed
        self._places: dict[tuple[str, str], tuple[list[int], list[int]]] = {}

    @cached_property
    def _of_language(self) -> dict[str, list[list[FormHit]]]:
        """All of each language, those of a line together."""
        alike: dict[tuple[int, Kind | None], list[FormHit]] = {}
        for hit in self._hits:
            alike.setdefault((id(hit.line), hit.kind), []).append(hit)
        found: dict[str, list[list[FormHit]]] = {}
        for same in alike.values():
            found.setdefault(same[0].line.language, []).append(same)
        return found

    def hints(self, hit: FormHit) -> bool:
        """Whether its language says more of somebody young, named as German names things: with a capital.

        A mild word near, where nobody else is named; or clothes that are left away, which are said at a text's end.
        """
        if hit.kind not in _YOUNG or hit.plain not in self._names:
            return False
        if hit.line.language in self._baring:
            return True
        return not self._outsiders[0] and self._is_near(hit, self._places_of(hit, "mild", _is_mild_there))

    def may_be_a_child(self, hit: FormHit, plain: str) -> bool:
        """Whether a word that English knows, too, stands for itself between signs, or before what is bare: "Kind, 裸", "Kind nue"."""
        if hit.kind is not Kind.YOUTH_CERTAIN or not hit.plain.isalpha() or len(hit.plain) < _WORD_MIN:
            return False
        before, after = plain[: hit.start][-2:].strip(), plain[hit.end : hit.end + 2].strip()
        opens = not before or not before[-1].isalnum()
        closes = not after or not after[0].isalnum() or hit.end + 1 in self._bare_starts
        return opens and closes and (hit.plain in self._names or not self._outsiders[0])

    def ends_the_young(self, hit: FormHit, plain: str) -> bool:
        """Whether it is said of somebody surely young of another language right before it, and nothing goes on: "bambino, nu"."""
        before = plain[: hit.start][-2:]
        ends = self._young_ends.get(hit.start - len(before) + len(before.rstrip(" ,")), frozenset())
        return bool(ends - {hit.line.language}) and closes(plain, hit.end)

    @cached_property
    def _bare_starts(self) -> frozenset[int]:
        return frozenset(hit.start for hit in self._hits if hit.kind in _SEXUAL)

    @cached_property
    def _young_ends(self) -> dict[int, frozenset[str]]:
        """Where words for somebody surely young end, and in which languages; in Dutch `nu` is "now"."""
        found: dict[int, frozenset[str]] = {}
        for hit in self._hits:
            if hit.kind is Kind.YOUTH_CERTAIN and not hit.line.weak and hit.line.language != _DUTCH:
                found[hit.end] = found.get(hit.end, frozenset()) | {hit.line.language}
        return found

    def is_name(self, hit: FormHit, plain: str) -> bool:
        """Whether it is written as a name, behind an English word that a name follows."""
        return plain[hit.start : hit.end] in self._names and follows_naming(plain, hit.start)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(map(fold, capitalised(self._typed)))

    @cached_property
    def _baring(self) -> frozenset[str]:
        """The languages in which clothes are left away."""
        return frozenset(hit.line.language for hit in self._hits if hit.line.away)

    def confirms(self, hit: FormHit) -> bool:
        """Whether one of the same language stands near."""
        return self._is_near(hit, self._places_for(hit))

    def names_somebody(self, hit: FormHit) -> bool:
        """Whether a person of English or Korean stands near."""
        return self._is_near(hit, self._outsiders)

    def is_alone(self, hit: FormHit) -> bool:
        """Whether nothing in the text could take a doubt about this word away."""
        return not (self._places_for(hit)[0] or self._outsiders[0])

    def leaves_in_doubt(self, hit: FormHit) -> bool:
        """Whether a weak word stands here as alone as it did before."""
        return not (self.confirms(hit) or self.names_somebody(hit))

    @cached_property
    def _outsiders(self) -> tuple[list[int], list[int]]:
        return _places(self._of_language.get(_OUTSIDE, ()))

    @staticmethod
    def _is_near(hit: FormHit, places: tuple[list[int], list[int]]) -> bool:
        near = _NEAR_SOLID if hit.line.solid else _NEAR
        if hit.kind in _NEARER:
            near = min(near, _NEARER[hit.kind])
        starts, ends = places
        after = bisect_left(starts, hit.end)
        before = bisect_right(ends, hit.start) - 1
        return (after < len(starts) and starts[after] - hit.end <= near) or (
            before >= 0 and hit.start - ends[before] <= near
        )

    def _places_for(self, hit: FormHit) -> tuple[list[int], list[int]]:
        return self._places_of(hit, hit.line.said, _supports)

    def _places_of(
        self, hit: FormHit, key: str, tells: Callable[[FormHit, FormHit], bool]
    ) -> tuple[list[int], list[int]]:
        language = hit.line.language
        if (language, key) not in self._places:
            others = [same for same in self._of_language[language] if tells(same[0], hit)]
            self._places[language, key] = _places(others)
        return self._places[language, key]


def _places(alike: Iterable[list[FormHit]]) -> tuple[list[int], list[int]]:
    """Where these begin, and where they end, in order."""
    hits = list(chain.from_iterable(alike))
    return sorted(hit.start for hit in hits), sorted(hit.end for hit in hits)


def _is_mild_there(other: FormHit, _: FormHit) -> bool:
    return other.kind is Kind.SEXUAL_MILD


def _supports(other: FormHit, hit: FormHit) -> bool:
    """Whether a word bears another of its language out."""
    if other.line.said == hit.line.said:
        return False
    if hit.kind in _SEXUAL:
        return other.line.person or other.kind in _SEXUAL or other.kind in _YOUNG
    if hit.kind in _BORNE_OUT:
        somebody = other.line.person or other.kind in _YOUNG
        return other.line.bears_out is hit.kind or (somebody and hit.kind is Kind.CRUELTY)
    if hit.kind in _YOUNG:
        return other.kind in _SEXUAL or other.kind is Kind.GORE or other.kind in _YOUNG
    return other.kind is hit.kind


def _meaning(hit: FormHit, kind: Kind, beside: _Beside, plain: str) -> Finding | None:
    """What a word means; a weak one alone in its language is nudity beside an English or Korean person."""
    if not hit.line.weak or beside.confirms(hit):
        return _finding(hit, kind, plain)
    if kind not in _SEXUAL:
        hinted = beside.hints(hit)
        told = hinted or beside.may_be_a_child(hit, plain)
        return _finding(hit, kind, plain, certain=not hinted, in_doubt=not hinted) if told else None
    if beside.is_name(hit, plain):
        return None
    if hit.plain in hit.line.at_home:
        follows = ends_behind_the_young(plain, hit.start, hit.end) or beside.ends_the_young(hit, plain)
        return _finding(hit, kind, plain, in_doubt=True) if follows else None
    if not beside.names_somebody(hit):
        return _finding(hit, kind, plain, in_doubt=True)
    return _finding(hit, Kind.NUDITY, plain, certain=kind is Kind.NUDITY)


def _finding(
    hit: FormHit, kind: Kind, plain: str, *, certain: bool = True, in_doubt: bool = False
) -> Finding:
    return Finding(
        kind=kind, language=hit.line.language, start=hit.start, end=hit.end,
        text=plain[hit.start : hit.end], rule=hit.line.said, certain=certain, in_doubt=in_doubt,
    )  # fmt: skip


def load() -> Tongues:
    """All languages that have a page."""
    persons = expand(terms_of("person", data("words.toml")["groups"]))
    with kept():
        return Tongues(pages(), listed(), persons=[term for term in persons if term not in _ELSEWHERE])

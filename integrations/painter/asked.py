"""What words ask of a picture that is given: its light, its weather, what is painted in, and by which hand."""

import re
from dataclasses import dataclass
from itertools import pairwise

from integrations.painter.canvas import Colour
from integrations.painter.korean import in_english
from integrations.painter.reading import FIGURES
from integrations.painter.vocabulary import COLOURS, known, meaning

LIGHTS, WEATHERS, IN_THE_SKY, ON_THE_GROUND = (
    meaning(sense) for sense in ("light", "falls", "sky", "ground")
)
MEDIA, TONES = meaning("medium"), meaning("tone")
BEHIND = meaning("behind")  # where the picture shall be: a place, behind one of the words of AT
EDITS = frozenset(
    {
        "make", "add", "put", "place", "turn", "change", "give", "draw", "paint", "replace", "set", "insert", "include", "render",
        "convert", "transform", "redraw", "repaint", "let", "use", "also", "plus", "and", "another", "more", "into",
    }
)  # fmt: skip
LEADING = frozenset(
    {"with", "in", "at", "as", "on", "under", "by", "during", "beside", "near", "like", "now", "but"}
)
AT = frozenset({"in", "on", "at", "by", "near", "into", "to", "onto", "behind", "beside", "background"})
ARTICLES = frozenset({"a", "an", "the", "some", "front", "of"})
STYLE = frozenset({"style", "look", "palette", "colours", "colors", "mood"})
TWO_WORDS = {
    ("black", "white"): "monochrome", ("pixel", "art"): "pixel", ("oil", "painting"): "oil", ("golden", "hour"): "sunset",
    ("water", "colour"): "watercolour", ("water", "color"): "watercolour", ("b", "w"): "monochrome", ("8", "bit"): "8bit",
    ("van", "gogh"): "gogh", ("night", "time"): "night",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What shall become of the picture."""

    light: str
    weather: frozenset[str]
    sky: tuple[str, ...]  # what is painted in above
    ground: tuple[str, ...]  # and below
    figures: tuple[str, ...]
    coats: dict[str, Colour]
    colour: Colour | None  # all of it drawn towards one colour
    medium: str
    tone: str
    place: str  # where it shall be
    edits: bool  # a wish for a change; else the words only describe what is there
    like: bool  # the second picture says how the first shall look

    @property
    def plain(self) -> bool:
        """Whether nothing of it is known: then it is the same picture by another hand."""
        return not (
            self.light
            or self.weather
            or self.sky
            or self.ground
            or self.figures
            or self.medium
            or self.tone
            or self.place
            or self.colour
        )


def asked(prompt: str) -> Wishes:
    """Reads a prompt as what it asks of a picture."""
    words = [known(word) for word in _joined(re.findall(r"[^\W_]+", in_english(prompt).lower()))]
    edits = bool(EDITS.intersection(words)) or bool(words and words[0] in LEADING)
    coats = {
        FIGURES[noun]: COLOURS[word] for word, noun in pairwise(words) if word in COLOURS and noun in FIGURES
    }
    used = {word for word, noun in pairwise(words) if word in COLOURS and noun in FIGURES}
    colours = [COLOURS[word] for word in words if word in COLOURS and word not in used]
    figures = _found(words, {w: k for w, k in FIGURES.items() if w not in ON_THE_GROUND and w != "birds"})
    described = bool(
        _found(words, LIGHTS) or _found(words, WEATHERS) or _found(words, MEDIA) or _found(words, TONES)
    )
    return Wishes(
        light=next(iter(_found(words, LIGHTS)), ""),
        weather=frozenset(_found(words, WEATHERS)),
        sky=_found(words, IN_THE_SKY),
        ground=_found(words, ON_THE_GROUND),
        figures=figures,
        coats=coats,
        colour=colours[0] if colours and "golden" not in words else None,
        medium=next(iter(_found(words, MEDIA)), ""),
        tone=next(iter(_found(words, TONES)), ""),
        place=_place(words) if edits else "",
        edits=edits or (described and not figures),
        like=bool(STYLE.intersection(words)),
    )


def _found(words: list[str], table: dict[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(table[word] for word in words if word in table))


def _place(words: list[str]) -> str:
    bare = [word for word in words if word not in ARTICLES]
    found = [BEHIND[noun] for word, noun in pairwise(bare) if word in AT and noun in BEHIND]
    return found[0] if found else ""


def _joined(words: list[str]) -> list[str]:
    """Two words that are one name, as one; "black and white" among them."""
    out: list[str] = []
    bare = [
        word
        for i, word in enumerate(words)
        if word != "and" or words[i - 1 : i + 2] != ["black", "and", "white"]
    ]
    for word in bare:
        pair = TWO_WORDS.get((out[-1], word)) if out else None
        if pair is None:
            out.append(word)
        else:
            out[-1] = pair
    return out

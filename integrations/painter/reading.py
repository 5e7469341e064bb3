"""What a painter reads out of a prompt: the mood, the places, the figures, the colours."""

import random
import re
from dataclasses import dataclass, replace
from itertools import pairwise

from integrations.painter.canvas import Colour, mix
from integrations.painter.vocabulary import COLOURS, NUMBERS, PHRASES, known, meaning

MOODS, WEATHER, PLACES, FIGURES = (meaning(sense) for sense in ("mood", "weather", "place", "figure"))
LANDS = frozenset(
    word for word, place in PLACES.items() if place != "garden"
)  # flowers have the colours that are said
ABSTRACT = frozenset(meaning("dream"))
# What is said of the hand, and not of what is to be seen.
_OF_THE_HAND = re.compile(r"depth of field|black ink|white paper|(?:black|white) background|black and white")
_PHRASES = re.compile("|".join(PHRASES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Vision:
    """What is to be painted."""

    mood: str
    said_mood: bool  # a word says so, not the lot
    weather: frozenset[str]
    places: tuple[str, ...]
    figures: tuple[
        str, ...
    ]  # in the order of the words; a kind is repeated where two or more of it are wanted
    coats: dict[str, Colour]  # the colour word that stands right before a figure
    land: Colour | None  # the colour word that stands right before a place
    colours: tuple[Colour, ...]  # all colour words that describe nothing in particular
    abstract: bool


def read(prompt: str, rng: random.Random) -> Vision:
    """Answers what the prompt's words make one see; what they leave open is drawn by lot."""
    words = words_of(prompt)
    weather = frozenset(WEATHER[word] for word in words if word in WEATHER)
    places = tuple(dict.fromkeys(PLACES[word] for word in words if word in PLACES))
    coats = _coats(words)
    figures = tuple(dict.fromkeys(FIGURES[word] for word in words if word in FIGURES))
    if len(figures) == 1:
        figures *= _many(words)
    land = next((COLOURS[word] for word, noun in pairwise(words) if word in COLOURS and noun in LANDS), None)
    used = {word for word, noun in pairwise(words) if word in COLOURS and (noun in FIGURES or noun in LANDS)}
    colours = tuple(COLOURS[word] for word in dict.fromkeys(words) if word in COLOURS and word not in used)
    nothing = not weather and not places and not figures and not any(word in MOODS for word in words)
    return Vision(
        mood=_mood(words, weather, rng),
        said_mood=any(word in MOODS for word in words),
        weather=weather,
        places=places,
        figures=figures,
        coats=coats,
        land=land,
        colours=colours,
        abstract=nothing or bool(ABSTRACT.intersection(words) and not places and not figures),
    )


def words_of(prompt: str) -> list[str]:
    """The words as the table has them."""
    plain = _OF_THE_HAND.sub(" ", prompt.lower())
    whole = _PHRASES.sub(lambda found: PHRASES[found.group()], plain)
    return [known(word) for word in re.findall(r"[^\W\d_]+", whole)]


def _many(words: list[str]) -> int:
    """Of how many figures the words speak: a number counts where there is one kind of figure only."""
    return max((NUMBERS[word] for word in words if word in NUMBERS), default=1)


def _mood(words: list[str], weather: frozenset[str], rng: random.Random) -> str:
    found = [MOODS[word] for word in words if word in MOODS]
    if "night" in found:
        return "night"
    if found:
        return found[0]
    if "snow" in weather:
        return rng.choice(["snow", "snow", "dawn"])
    return rng.choice(["day", "dawn", "sunset"])


def _coats(words: list[str]) -> dict[str, Colour]:
    pairs = pairwise(words)
    return {FIGURES[noun]: COLOURS[word] for word, noun in pairs if word in COLOURS and noun in FIGURES}


DIM_GROUND = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of a mood."""

    sky: tuple[Colour, ...]
    far: Colour
    near: Colour
    light: Colour
    ground: Colour
    water: Colour

    @property
    def dim(self) -> bool:
        """Whether the land lies in the dark."""
        return sum(self.ground) < DIM_GROUND

    def tinted(self, colour: Colour, share: float) -> "Palette":
        """Everything drawn towards one colour."""
        return Palette(
            sky=tuple(mix(one, colour, share) for one in self.sky),
            far=mix(self.far, colour, share),
            near=mix(self.near, colour, share * 0.5),
            light=mix(self.light, colour, share * 0.3),
            ground=mix(self.ground, colour, share * 0.6),
            water=mix(self.water, colour, share * 0.8),
        )


PALETTES = {
    "day": Palette(
        sky=((70, 142, 208), (138, 194, 232), (214, 232, 236), (252, 240, 214)),
        far=(142, 178, 204), near=(42, 92, 78), light=(255, 246, 212), ground=(112, 166, 92), water=(48, 122, 158),
    ),
    "dawn": Palette(
        sky=((104, 132, 192), (182, 172, 214), (246, 196, 198), (255, 228, 192)),
        far=(176, 168, 204), near=(70, 82, 108), light=(255, 232, 200), ground=(112, 162, 96), water=(104, 130, 170),
    ),
    "sunset": Palette(
        sky=((48, 40, 92), (128, 60, 116), (232, 108, 92), (255, 176, 98), (255, 222, 150)),
        far=(158, 88, 118), near=(42, 24, 52), light=(255, 216, 140), ground=(104, 62, 70), water=(92, 54, 98),
    ),
    "night": Palette(
        sky=((8, 12, 36), (18, 28, 72), (42, 54, 112), (84, 84, 146)),
        far=(46, 56, 108), near=(8, 12, 30), light=(236, 238, 255), ground=(24, 34, 58), water=(16, 26, 64),
    ),
    "storm": Palette(
        sky=((36, 44, 58), (66, 78, 94), (116, 126, 134), (168, 170, 164)),
        far=(92, 104, 116), near=(28, 34, 42), light=(226, 228, 214), ground=(62, 76, 70), water=(52, 68, 82),
    ),
    "snow": Palette(
        sky=((128, 160, 206), (178, 200, 228), (226, 228, 238), (255, 236, 222)),
        far=(170, 188, 214), near=(62, 88, 116), light=(255, 244, 226), ground=(240, 245, 252), water=(120, 156, 190),
    ),
}  # fmt: skip


def palette_of(vision: Vision) -> Palette:
    """The mood's palette, drawn towards the colour words."""
    palette = PALETTES[vision.mood]
    for colour in vision.colours[:2]:
        palette = palette.tinted(colour, 0.34)
    if vision.land is not None:
        ground, water = mix(palette.ground, vision.land, 0.4), mix(palette.water, vision.land, 0.4)
        palette = replace(palette, ground=ground, water=water)
    return palette

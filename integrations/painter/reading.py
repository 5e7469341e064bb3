"""What a painter reads out of a prompt: the mood, the places, the figures, the colours."""

import random
import re
from dataclasses import dataclass
from itertools import pairwise

from integrations.painter.canvas import Colour, mix

COLOURS: dict[str, Colour] = {
    "red": (206, 52, 46), "crimson": (172, 28, 52), "scarlet": (214, 48, 36), "orange": (238, 132, 48),
    "amber": (240, 168, 60), "yellow": (246, 208, 74), "gold": (224, 176, 72), "golden": (232, 184, 84),
    "green": (74, 148, 88), "emerald": (38, 146, 106), "olive": (128, 132, 66), "mint": (150, 214, 180),
    "teal": (40, 138, 142), "turquoise": (64, 188, 188), "cyan": (72, 196, 220), "blue": (52, 110, 200),
    "azure": (70, 150, 230), "navy": (28, 44, 104), "indigo": (70, 58, 160), "purple": (124, 68, 172),
    "violet": (142, 84, 190), "lavender": (184, 164, 224), "magenta": (206, 58, 150), "pink": (240, 142, 176),
    "rose": (226, 110, 136), "brown": (130, 86, 56), "black": (38, 38, 46), "white": (242, 242, 246),
    "grey": (136, 140, 148), "gray": (136, 140, 148), "silver": (190, 196, 206),
}  # fmt: skip

# word of the prompt -> what it stands for
MOODS = {
    "night": "night", "midnight": "night", "moon": "night", "moonlight": "night", "moonlit": "night",
    "stars": "night", "starry": "night", "aurora": "night", "northern": "night", "neon": "night", "space": "night", "galaxy": "night",
    "sunset": "sunset", "dusk": "sunset", "evening": "sunset", "autumn": "sunset", "fall": "sunset",
    "sunrise": "dawn", "dawn": "dawn", "morning": "dawn", "spring": "dawn", "blossom": "dawn",
    "storm": "storm", "stormy": "storm", "thunder": "storm", "lightning": "storm", "rain": "storm",
    "rainy": "storm", "day": "day", "sunny": "day", "noon": "day", "summer": "day",
}  # fmt: skip
WEATHER = {
    "rain": "rain", "rainy": "rain", "storm": "rain", "stormy": "rain", "snow": "snow", "snowy": "snow",
    "winter": "snow", "blizzard": "snow", "ice": "snow", "frozen": "snow", "mist": "mist", "misty": "mist",
    "fog": "mist", "foggy": "mist", "haze": "mist", "dreamy": "mist", "aurora": "aurora", "northern": "aurora",
    "stars": "stars", "starry": "stars", "galaxy": "stars", "space": "stars", "sun": "sun", "sunny": "sun",
    "moon": "moon", "lightning": "lightning", "thunder": "lightning", "clouds": "clouds", "cloudy": "clouds",
    "rainbow": "rainbow",
}  # fmt: skip
PLACES = {
    "sea": "sea", "ocean": "sea", "beach": "sea", "coast": "sea", "waves": "sea", "island": "sea", "harbour": "sea",
    "harbor": "sea", "lake": "lake", "river": "lake", "pond": "lake", "water": "lake", "fjord": "lake",
    "mountain": "mountains", "mountains": "mountains", "peak": "mountains", "peaks": "mountains", "alps": "mountains",
    "volcano": "mountains", "forest": "forest", "woods": "forest", "trees": "forest", "jungle": "forest",
    "pines": "forest", "tree": "tree", "oak": "tree", "desert": "desert", "dunes": "desert", "dune": "desert",
    "sahara": "desert", "city": "city", "skyline": "city", "street": "city", "town": "city", "tokyo": "city",
    "seoul": "city", "paris": "city", "york": "city", "skyscrapers": "city", "cyberpunk": "city",
    "garden": "garden", "meadow": "garden", "flowers": "garden", "field": "garden", "tulips": "garden",
    "roses": "garden", "sunflowers": "garden", "hills": "hills", "hill": "hills", "valley": "hills", "farm": "hills",
    "countryside": "hills", "planet": "space", "space": "space", "galaxy": "space", "nebula": "space",
}  # fmt: skip
FIGURES = {
    "fox": "fox", "foxes": "fox", "cat": "cat", "kitten": "cat", "cats": "cat", "dog": "dog", "puppy": "dog",
    "dogs": "dog", "corgi": "dog", "wolf": "wolf", "rabbit": "rabbit", "bunny": "rabbit", "hare": "rabbit",
    "bear": "bear", "panda": "panda", "tiger": "tiger", "lion": "lion", "mouse": "mouse", "bird": "bird",
    "birds": "birds", "robin": "bird", "sparrow": "bird", "owl": "owl", "penguin": "penguin", "fish": "fish",
    "goldfish": "fish", "whale": "whale", "robot": "robot", "robots": "robot", "android": "robot",
    "castle": "castle", "palace": "castle", "tower": "castle", "house": "house", "cottage": "house",
    "cabin": "house", "home": "house", "boat": "boat", "ship": "boat", "sailboat": "boat", "yacht": "boat",
    "flower": "flower", "rose": "flower", "sunflower": "flower", "tulip": "flower", "balloon": "balloon",
    "balloons": "balloon", "rocket": "rocket", "spaceship": "rocket", "lighthouse": "lighthouse",
    "umbrella": "walker", "person": "walker", "man": "walker", "woman": "walker", "girl": "walker", "boy": "walker",
}  # fmt: skip
ABSTRACT = frozenset(
    {"abstract", "dream", "dreams", "pattern", "geometric", "fluid", "swirl", "swirls", "music"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vision:
    """What is to be painted."""

    mood: str
    weather: frozenset[str]
    places: tuple[str, ...]
    figures: tuple[str, ...]  # in the order of the words, without repeats
    coats: dict[str, Colour]  # the colour word that stands right before a figure
    colours: tuple[Colour, ...]  # all colour words that describe nothing in particular
    abstract: bool


def read(prompt: str, rng: random.Random) -> Vision:
    """Answers what the prompt's words make one see; what they leave open is drawn by lot."""
    words = re.findall(r"[^\W\d_]+", prompt.lower())
    weather = frozenset(WEATHER[word] for word in words if word in WEATHER)
    places = tuple(dict.fromkeys(PLACES[word] for word in words if word in PLACES))
    coats = _coats(words)
    figures = tuple(dict.fromkeys(FIGURES[word] for word in words if word in FIGURES))
    used = {words[i] for i in range(len(words) - 1) if words[i] in COLOURS and words[i + 1] in FIGURES}
    colours = tuple(COLOURS[word] for word in dict.fromkeys(words) if word in COLOURS and word not in used)
    nothing = not weather and not places and not figures and not any(word in MOODS for word in words)
    return Vision(
        mood=_mood(words, weather, rng),
        weather=weather,
        places=places,
        figures=figures,
        coats=coats,
        colours=colours,
        abstract=nothing or bool(ABSTRACT.intersection(words) and not places and not figures),
    )


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
    return palette

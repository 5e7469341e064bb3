"""The one table of flags that people bring from other bots, and what becomes of each, pure.

Midjourney's and Stable Diffusion's habits. A flag that means one of ours is read as ours; any other is answered with
what to do instead, and nothing is drawn without it in silence. A model's own parameter of that name goes before.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """Flags that get the same answer: the text `foreign-ADVICE`."""

    advice: str
    names: tuple[str, ...]
    alone: bool = False  # no value stands behind it


REPEAT = "repeat"

TABLE: tuple[Foreign, ...] = (
    Foreign(advice="version", names=("v", "version", "test", "testp", "beta", "mj")),
    Foreign(advice="anime", names=("niji",)),
    Foreign(
        advice="variety", names=("c", "chaos", "weird", "exp", "variety"),
    ),
    Foreign(advice="variety", names=("creative", "sameseed"), alone=True),
    Foreign(advice="stylize", names=("stylize", "stylise")),
    Foreign(advice="weight", names=("iw", "sw", "cw", "ow", "sv", "strength", "denoise", "denoising_strength")),
    Foreign(advice="profile", names=("p", "profile", "personalize", "personalise")),
    Foreign(advice="stop", names=("stop",)),
    Foreign(advice="film", names=("video", "loop"), alone=True),
    Foreign(advice="film", names=("motion", "end", "bs", "fps", "duration")),
    Foreign(advice="speed", names=("fast", "relax", "relaxed", "turbo"), alone=True),
    Foreign(advice="cheap", names=("draft",), alone=True),
    Foreign(advice="fine", names=("hd", "uhd", "hires", "ultra"), alone=True),
    Foreign(advice="tile", names=("tile", "tiling", "seamless"), alone=True),
    Foreign(
        advice=REPEAT,
        names=(
            "repeat", "r", "count", "batch", "batch_size", "batch_count", "b", "num", "num_images", "num_outputs",
            "iterations", "samples", "grid",
        ),
    ),
    Foreign(advice="upscale", names=("uplight", "upbeta", "upanime", "upscale", "upscaler"), alone=True),
    Foreign(advice="raw", names=("raw",), alone=True),
    Foreign(
        advice="dial",
        names=(
            "steps", "cfg", "cfg_scale", "scale", "guidance", "guidance_scale", "sampler", "scheduler",
            "clip_skip", "clip", "eta", "shift",
        ),
    ),
    Foreign(
        advice="addon",
        names=(
            "lora", "loras", "embedding", "controlnet", "control", "vae", "checkpoint", "ckpt", "refiner",
            "ip_adapter", "hypernet",
        ),
    ),
    Foreign(advice="pixels", names=("w", "h", "width", "height")),
    Foreign(advice="format", names=("format", "output_format")),
    Foreign(advice="format", names=("png", "jpg", "jpeg", "webp"), alone=True),
    Foreign(advice="picture", names=("image", "img", "input", "init", "init_image", "image_url")),
    Foreign(advice="safety", names=("safe", "sfw", "nsfw", "unsafe", "uncensored"), alone=True),
    Foreign(advice="look", names=("vivid", "natural"), alone=True),
    Foreign(advice="help", names=("help",), alone=True),
)  # fmt: skip

BY_NAME: Mapping[str, Foreign] = MappingProxyType({name: row for row in TABLE for name in row.names})
# What means one of ours with a value: flag by name, and the value.
MEANS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "stealth": ("private", "yes"),
        "public": ("private", "no"),
        "square": ("aspect", "square"),
        "landscape": ("aspect", "landscape"),
        "portrait": ("aspect", "portrait"),
    }
)
NUMBER = re.compile(r"\d*\.?\d+")
_PIXELS_LEAST = 64  # Midjourney's --w goes up to 3000, but comes without --h
NO_STYLE = frozenset(
    {"raw", "none", "off"}
)  # Midjourney's raw adds nothing to the words; here that is no style

assert len(BY_NAME) == sum(len(row.names) for row in TABLE), "a foreign flag is answered in two ways"
assert not MEANS.keys() & BY_NAME.keys(), "a foreign flag is read and answered"


def pixels_of(flags: Mapping[str, str]) -> str:
    """`--w 1024 --h 768` as a size, by canonical names; empty where it is none."""
    sides = [flags.get(short) or flags.get(long, "") for short, long in (("w", "width"), ("h", "height"))]
    whole = all(side.isdecimal() and int(side[:6]) >= _PIXELS_LEAST for side in sides)
    return "x".join(sides) if whole else ""


def grouped(flags: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The answers that foreign flags get, each with the flags as typed; `flags` are names by how they are typed."""
    answers: dict[str, list[str]] = {}
    for typed, name in flags.items():
        answers.setdefault(BY_NAME[name].advice, []).append(typed)
    for advice, typed_ones in answers.items():
        yield advice, tuple(typed_ones)

"""The one table of styles that Easel comes with, pure: what each adds to the words, and what services call it.

An operator's own style of the same name goes before; an empty template takes one away. What each looks like stands in
docs/styles.png, and its name for people is the text `style-NAME`.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One style."""

    name: str
    also: tuple[str, ...]  # other names that find it
    before: str = ""
    after: str
    avoid: str = ""
    native: str = ""  # its name as `style_preset`, where a model has that

    @property
    def template(self) -> str:
        """What is sent, as an operator would write it; its flags are left out where a model doesn't take them."""
        words = " ".join(part for part in (self.before, "{prompt},", self.after) if part)
        flags = (("--style_preset", self.native), ("--no", self.avoid))
        return " ".join([words, *(f"{flag} {value}" for flag, value in flags if value)])


STYLES: tuple[Style, ...] = (
    Style(
        name="anime", also=("manga", "애니", "애니메이션"), native="anime",
        after="anime key visual, clean line art, cel shading, expressive eyes, vivid colours",
    ),
    Style(
        name="watercolor", also=("watercolour", "수채화"), before="a watercolor painting of", native="",
        after="soft washes, wet edges, paper texture, light shining through, white paper left bare",
    ),
    Style(
        name="oil", also=("oil-painting", "유화"), before="an oil painting of",
        after="thick brush strokes, rich pigments, canvas texture, warm gallery light",
    ),
    Style(
        name="ink", also=("sumi", "수묵화", "먹"), before="an ink drawing of", native="line-art", avoid="colour",
        after="black ink on white paper, brush and pen, strong contrast, much empty space",
    ),
    Style(
        name="pixel", also=("pixel-art", "8bit", "픽셀", "픽셀아트"), before="pixel art of", native="pixel-art",
        after="16-bit game sprite, crisp square pixels, small palette", avoid="blur, anti-aliasing",
    ),
    Style(
        name="comic", also=("comics", "만화"), before="a comic book panel of", native="comic-book",
        after="bold outlines, halftone dots, flat bright colours, dramatic shadows",
    ),
    Style(
        name="clay", also=("claymation", "점토", "찰흙"), before="a clay model of", native="modeling-compound",
        after="plasticine with finger marks, miniature set, soft studio light, shallow depth of field",
    ),
    Style(
        name="film", also=("photo", "cinematic", "사진", "필름"), before="a photograph of", native="analog-film",
        after="35 mm film, natural light, fine grain, shallow depth of field, true colours",
    ),
)  # fmt: skip

ALSO: Mapping[str, str] = {other: style.name for style in STYLES for other in style.also}

assert len({style.name for style in STYLES} | ALSO.keys()) == len(STYLES) + len(ALSO), (
    "two styles have one name"
)


def with_own(own: Mapping[str, str]) -> dict[str, str]:
    """All templates by name: ours, and the operator's over them; an empty one is none."""
    templates = {style.name: style.template for style in STYLES} | {
        n.casefold(): text for n, text in own.items()
    }
    return {name: template for name, template in templates.items() if template.strip()}


def ships(name: str, template: str) -> bool:
    """Whether a style is one of ours, unchanged."""
    return any(style.name == name and style.template == template for style in STYLES)

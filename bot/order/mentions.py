"""What words say of pictures that are given, pure: addresses among them, and what --ref, --sref and --oref name.

Word for word, so in linear time.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.model import Source, Use
from bot.order.prompts import Prompt

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}://", re.IGNORECASE)
_BEGINS = ("www.", "data:image/")
_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".heic", ".bmp", ".svg", ".tif", ".tiff")
_AROUND = "<>()[]{}\"'“”‘’,;!"
# From the beginning of a word to the end of one: an apostrophe quotes nothing.
_QUOTED = re.compile(
    r"""(?<!\S)(?:"[^"\n]{1,300}"|“[^“”\n]{1,300}”|'[^'\n]{1,300}'|‘[^‘’\n]{1,300}’)(?=[\s,.;:!?)]|$)"""
)
_JOB = re.compile(r"([0-9a-hjkmnp-tv-z]{26})(?:/([1-9]\d?))?", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:image|picture|img|그림|이미지|사진)\s?#?([1-9]\d?)번?", re.IGNORECASE)
_THIS = frozenset(
    {"this", "this one", "this picture", "this image", "it", "image", "picture", "attachment"}
    | {"이거", "이것", "이 그림", "이 사진", "이미지", "그림", "사진", "첨부"}
)
_USES = {"ref": Use.PICTURE, "sref": Use.STYLE, "oref": Use.SUBJECT}


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPicture:
    """A picture that a flag names, as typed, and what for."""

    name: str
    use: Use


def address_in(word: str) -> str:
    """The address that a word is, or has in it; empty where there is none."""
    scheme = _SCHEME.search(word)
    if scheme:
        rest = word[scheme.start() :]
        return re.split(r"[<>()\[\]\"“”|]", rest, maxsplit=1)[0].rstrip(_AROUND + ".")
    plain = word.strip(_AROUND)
    lower = plain.casefold()
    if lower.startswith("//"):  # an address that leaves out how it is fetched
        return plain if "." in plain[2:].partition("/")[0].strip(".") else ""
    is_file = "/" in plain and "." in plain.partition("/")[0] and lower.partition("?")[0].endswith(_ENDINGS)
    return plain if is_file or (lower.startswith(_BEGINS) and len(plain) > len("www.")) else ""


def addresses_in(text: str) -> list[tuple[str, str]]:
    """Each word with an address in it, and the address; not what shall be written on the picture."""
    return [(word, address) for word in _QUOTED.sub(_blank, text).split() if (address := address_in(word))]


def _blank(quoted: re.Match[str]) -> str:
    """The name of a site in quotation marks is lettering. What may be the address of a picture is none."""
    addresses = [address for word in quoted[0].split() if (address := address_in(word))]
    return " " if all(map(_is_site, addresses)) else quoted[0]


def _is_site(address: str) -> bool:
    _, _, rest = address.rpartition("//")
    host, _, path = rest.partition("/")
    return not (
        path or host.casefold().endswith(_ENDINGS) or "?" in host or address.casefold().startswith("data:")
    )


def without(text: str, words: Sequence[str]) -> str:
    """The text without some of its words; its lines stay."""
    gone = set(words)
    lines = (" ".join(word for word in line.split() if word not in gone) for line in text.split("\n"))
    return "\n".join(lines).strip()


def named_in(prompt: Prompt) -> Iterator[NamedPicture]:
    """What the flags name, in their order: between commas; addresses and numbers also between spaces."""
    for flag, use in _USES.items():
        said = {"ref": prompt.ref, "sref": prompt.sref, "oref": prompt.oref}[flag]
        for part in (said or "").split(","):
            plain = " ".join(part.split())
            words = plain.split()
            each = words if len(words) > 1 and all(map(_speaks_for_itself, words)) else [plain]
            yield from (NamedPicture(name=name, use=use) for name in each if name)


def _speaks_for_itself(word: str) -> bool:
    return bool(address_in(word) or _JOB.fullmatch(word) or _NUMBERED.fullmatch(word))


def is_style_code(named: NamedPicture) -> bool:
    """Whether it is one of Midjourney's numbers for styles, and no picture."""
    return named.use is Use.STYLE and (named.name.isdecimal() or named.name.casefold() == "random")


def job_in(name: str) -> tuple[str, int] | None:
    """A picture of ours by its job and number, as cards and histories tell them; 0: no number."""
    found = _JOB.fullmatch(name)
    return (found[1].lower(), int(found[2] or 0)) if found else None


def place_in(name: str) -> int | None:
    """`image2` is the second of the pictures that came with the words, `this one` the first; None for other names."""
    if name.casefold() in _THIS:
        return 1
    found = _NUMBERED.fullmatch(name)
    return int(found[1]) if found else None


def with_uses(prompt: str, sources: Sequence[Source]) -> str:
    """The words for a service that is given all pictures alike: what each is for, where it isn't to be changed."""
    told = []
    for number, source in enumerate((s for s in sources if s.use is not Use.MASK), 1):
        match source.use:
            case Use.STYLE:
                told.append(f"Take only the style from image {number}, not what is on it.")
            case Use.SUBJECT:
                told.append(f"Who or what is on image {number} appears, looking the same.")
            case Use.PICTURE | Use.MASK:
                continue
    if not told:
        return prompt
    joint = " " if prompt[-1:] in ".!?…。" else ". "
    return prompt + joint + " ".join(told)

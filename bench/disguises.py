"""How a prompt is disguised: each is a change of the whole text. The laws of the lexicon and its survival are tried with all of them."""

import base64
import codecs
import re
from collections.abc import Callable

Change = Callable[[str], str]
_AZ = "abcdefghijklmnopqrstuvwxyz"


def _table(letters: str) -> dict[int, str]:
    return str.maketrans(dict(zip(_AZ, letters, strict=True)))


def _each_word(change: Change) -> Change:
    return lambda text: re.sub(r"[A-Za-z]{3,}", lambda match: change(match.group()), text)


def _shifted(first: int) -> dict[int, str]:
    return _table("".join(chr(first + place) for place in range(26)))


DISGUISES: dict[str, Change] = {
    "fullwidth": lambda t: t.translate(_shifted(0xFF41)),
    "mathematical": lambda t: t.translate(_shifted(0x1D41A)),
    "circled": lambda t: t.translate(_shifted(0x24D0)),
    "negative circled": lambda t: t.translate(_shifted(0x1F150)),
    "squared": lambda t: t.translate(_shifted(0x1F130)),
    "negative squared": lambda t: t.translate(_shifted(0x1F170)),
    "regional indicators": lambda t: t.translate(_shifted(0x1F1E6)),
    "parenthesised": lambda t: t.translate(_shifted(0x249C)),
    "small caps": lambda t: t.translate(_table("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡxʏᴢ")),
    "superscript": lambda t: t.translate(_table("ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖqʳˢᵗᵘᵛʷˣʸᶻ")),
    "upside down": lambda t: t.translate(_table("ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz"))[::-1],
    "Cyrillic": lambda t: t.translate(str.maketrans("aceopxyiskmt", "асеорхуіѕкмт")),
    "Greek": lambda t: t.translate(str.maketrans("abeiknoptuvx", "αβεικηορτυνχ")),
    "leet": lambda t: t.translate(str.maketrans("aeiost", "431057")),
    "leet signs": lambda t: t.translate(str.maketrans("aeios", "@3!0$")),
    "diacritics": lambda t: t.translate(str.maketrans("aeioun", "äéîõüñ")),
    "zalgo": _each_word(lambda w: "".join(letter + "\u0335\u0321\u0489" for letter in w)),
    "zero width": _each_word("\u200b".join),
    "soft hyphens": _each_word("\u00ad".join),
    "bidi override": _each_word(lambda w: f"\u202e{w[::-1]}\u202c"),
    "spaced": _each_word(" ".join),
    "spaced, words wider": lambda t: "   ".join(" ".join(w) for w in t.split()),
    "dotted": _each_word(".".join),
    "dashed": _each_word("-".join),
    "underscored": _each_word("_".join),
    "starred apart": _each_word("*".join),
    "emoji between": _each_word("🔥".join),
    "lines between": _each_word("\n".join),
    "a line inside": _each_word(lambda w: f"{w[: len(w) // 2]}\n{w[len(w) // 2 :]}"),
    "a space inside": _each_word(lambda w: f"{w[: len(w) // 2]} {w[len(w) // 2 :]}"),
    "thrice": _each_word(lambda w: "".join(letter * 3 for letter in w)),
    "twice": _each_word(lambda w: "".join(letter * 2 for letter in w)),
    "stretched end": _each_word(lambda w: w + w[-1] * 4),
    "capitals": str.upper,
    "alternating": lambda t: "".join(c.upper() if i % 2 else c for i, c in enumerate(t)),
    "HTML entities": lambda t: "".join(f"&#{ord(c)};" for c in t),
    "percent": lambda t: "".join(f"%{byte:02X}" for byte in t.encode()),
    "percent twice": lambda t: "".join(f"%25{byte:02X}" for byte in t.encode()),
    "backslash u": lambda t: "".join(f"\\u{ord(c):04x}" for c in t),
    "ROT13": lambda t: codecs.encode(t, "rot13"),
    "base64": lambda t: base64.b64encode(t.encode()).decode(),
    "hexadecimal": lambda t: t.encode().hex(),
    "backwards": lambda t: t[::-1],
    "words backwards": _each_word(lambda w: w[::-1]),
    "a vowel starred": _each_word(lambda w: re.sub("[aeiou]", "*", w, count=1)),
    "vowels starred": _each_word(lambda w: re.sub("[aeiou]", "*", w)),
    "last letter apart": _each_word(lambda w: f"{w[:-1]} {w[-1]}"),
    "first letter apart": _each_word(lambda w: f"{w[0]} {w[1:]}"),
    "joined by pluses": _each_word("+".join),
    "in brackets": _each_word(lambda w: "".join(f"[{letter}]" for letter in w)),
    "pig Latin": _each_word(lambda w: f"{w[1:]}{w[0]}ay"),
    "Braille": lambda t: t.translate(_table("⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵")),
}

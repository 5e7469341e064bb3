"""Texts of 16,000 letters that would be slow to judge: every kind of disguise, repeated and in thousands of different words."""

import base64
import random
import string
from collections.abc import Callable, Iterable, Iterator, Mapping

from bot.moderation.lexicon.lexicon import Lexicon
from bot.moderation.reading import hangul
from bot.moderation.tongues.pages import every

LETTERS = 16_000

# One piece again and again.
PIECES = (
    "a", "a.", "a ", "aa ", "a1", "1", "1 ", "17 ", "12yo ", "0x", ".", "-", "_", "*", "<", "<a", "<a>", "[a](b)", "`a`", "**a", "(a:1.2) ", "((((a))))",
    "((", "))", "{a|", "&", "&amp;", "&#110;", "%6e", "%", "\\x6e", "\\u006e", "6e ", "6e", "bnVkZQ== ", "bnVk", "=", "n*", "n*d* ", "f*ck ", "@", "$", "|/\\", "|/", "()",
    "naked ", "nakd ", "naked", "nak ", "nake", "n4k3d ", "n4k3d", "n-a-k-e-d ", "n a k e d ", "n a  k e d ", "n  a k ", "nnaakkeedd ", "dekan ", "anxrq ", "akednay ", "sex", "sexs", "child sex ", "naked child ", "childnaked",
    "nudelipstick", "nude lipstick ", "nude beach ", "the pen is ", "year old ", "8 year old oak ", "12 year old naked ", "1 2 y o ", "y e a r s o l d ", "who're ", "don't ", "n't ",
    "no ", "no nudity ", "no nudity, ", "no sex and no ", "without clothes, ", "negative: nude, ", "negative: ", "nudity, ", "nude or ", "nudity-free ", "not in lingerie ", "naked sword ", "holy infant ", "D minor ", "baby blue ", "negative ",
    "girl ", "girl lingerie ", "arm cut off ", "head ", "blood child head knife ", "a head of lettuce cut ", "porn 18 ", "eht fo ", "gur naked ", "eht gur ɐ ",
    "섹스 ", "섹스", "섹", "섹.스", "ㅅㅔㄱㅅㅡ", "ㅅ", "ㅅ ", "ㄴㄷ ", "ㅅㅅㅎ", "각ㄱ", "가", "가 ", "가1", "12살", "12살 누드 ", "초등학생 누드 ", "여자아이", "tprtm ", "sexy섹스", "노출 없이 ", "누드 없는 ", "성교", "자위하는 여교사 ",
    "nаkеd ", "наkеd ", "ｎｕｄｅ ", "nüde ", "n̈", "a\u0301\u0323\u0335", "\u0301", "\u200b", "n\u200bu\u200b", "👧", "👧 ", "n👧u👧d👧e ", "👨‍👩‍👧‍👦", "🔥", "ǝpnu ", "ɐ", "⠝⠥⠙⠑ ", "🅽🆄🅳🅴 ", "ﷺ", "ﬀ", "İ", "ß",
    "femme nue ", "desnuda ", "desnuda mujer ", "nu ", "nue", "裸", "裸の少女", "女裸", "голая ", "голая женщина ", "عارية ", "والعارية ", "नग्न ", "นู้ด", "เด็กเปลือย", "khỏa thân ", "nackt Kind ", "ohne nackt ", "sans nudité ",
    "desnuda niña 裸 голая ", "عا", "ा", "ى", "~", "\n", "\t", " ", "a\n", "\x02a ", "\x02", "İnaked ", "in Paris, 15 ", "woman painting a ", "painting ",
)  # fmt: skip

GAMES: Mapping[str, Callable[[str], str]] = {
    "plain": str,
    "run together": lambda word: word.replace(" ", ""),
    "leetspeak": lambda word: word.translate(str.maketrans("aeiost", "431057")),
    "signs": lambda word: word.translate(str.maketrans("aeios", "@3!0$")),
    "vowels starred": lambda word: word.translate(str.maketrans("aeiou", "*****")),
    "one starred": lambda word: word[:1] + "*" + word[2:],
    "no vowels": lambda word: word.translate(dict.fromkeys(map(ord, "aeiou"))),
    "doubled": lambda word: "".join(letter * 2 for letter in word),
    "backwards": lambda word: word[::-1],
    "pig Latin": lambda word: f"{word[1:]}{word[:1]}ay",
    "swapped": lambda word: word[:2] + word[3:4] + word[2:3] + word[4:],
    "one lost": lambda word: word[:3] + word[4:],
    "cut in two": lambda word: f"{word[: len(word) // 2]} {word[len(word) // 2 :]}",
    "dots between": ".".join,
    "spaces between": " ".join,
    "stars between": "*".join,
    "half words": lambda word: word[: max(1, len(word) // 2)],
    "accents": lambda word: word.translate(str.maketrans("aeioun", "äéîõüñ")),
    "Cyrillic": lambda word: word.translate(str.maketrans("aceopxyi", "асеорхуі")),
    "tagged": lambda word: f"{word[:2]}<b>{word[2:]}</b>",
    "marks of weight": lambda word: f"(({word}:1.3))",
    "base64": lambda word: base64.b64encode(word.encode()).decode(),
    "hexadecimal": lambda word: word.encode().hex(),
    "percent": lambda word: "".join(f"%{byte:02x}" for byte in word.encode()),
    "denied": lambda word: f"no {word}, without {word} or",
    "numbered": lambda word: f"{len(word)} {word} 12",
}


def hostile(words: Lexicon, rng: random.Random, letters: int = LETTERS) -> Iterator[tuple[str, str]]:
    """All kinds, each with its name: so many letters of each."""

    def filled(parts: Iterable[str], glue: str = " ") -> str:
        return glue.join(parts)[:letters]

    for piece in PIECES:
        yield f"again {piece!r}", (piece * letters)[:letters]
    listed = sorted({term for terms in words.groups.values() for term in terms if term[0] != "@"})
    english = [term for term in listed if term.isascii()]
    korean = [term for term in listed if hangul.is_hangul(term)]
    foreign = sorted({form.marked for line in every() for form in line.forms()})
    for name, game in GAMES.items():
        yield f"listed words, {name}", filled(map(game, rng.choices(english, k=letters)))
    yield (
        "listed words, all run together",
        filled((t.replace(" ", "") for t in rng.choices(english, k=letters)), ""),
    )
    for name, glue in (("apart", " "), ("run together", ""), ("with dots", "."), ("with digits", "1")):
        yield f"Korean words, {name}", filled(rng.choices(korean, k=letters), glue)
        yield f"foreign words, {name}", filled(rng.choices(foreign, k=letters), glue)
        yield f"all languages, {name}", filled(rng.choices([*english, *korean, *foreign], k=letters), glue)
    yield "Korean jamo", filled(map(_jamo, rng.choices(korean, k=letters)))
    yield "Korean typed in English", filled(_typed(rng.choices(korean, k=letters), hangul.keys))
    yield "Korean initials", filled(_typed(rng.choices(korean, k=letters), hangul.initials))
    mixed = list(GAMES.values())
    yield (
        "another game each word",
        filled(rng.choice(mixed)(term) for term in rng.choices(english, k=letters)),
    )
    youth, bodies = words.groups["youth_ambiguous"], words.groups["sexual_any"]
    near = [
        term
        for pair in zip(rng.choices(youth, k=letters), rng.choices(bodies, k=letters), strict=True)
        for term in pair
        if term[0] != "@"
    ]
    yield "youth and bodies", filled(near)
    alphabets = {
        "letters": string.ascii_lowercase, "letters and spaces": string.ascii_lowercase + "     ", "letters and digits": string.ascii_lowercase + string.digits,
        "letters, digits, spaces": string.ascii_lowercase + string.digits + "      ", "digits and spaces": string.digits + "   ", "capitals": string.ascii_letters + string.digits + "+/= ",
        "signs": string.punctuation, "signs and letters": string.punctuation + string.ascii_letters + "    ", "signs like letters": "@$!|+(<{#^*naked ", "syllables": "".join(map(chr, range(0xAC00, 0xD7A4))), "syllables and spaces": "".join(map(chr, range(0xAC00, 0xAE00))) + " " * 99,
        "jamo": "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅏㅑㅓㅕㅗㅜㅡㅣ", "vowelless": "bcdfghjklmnpqrstvwxz    ", "Cyrillic": "".join(map(chr, range(0x430, 0x450))) + "    ", "Arabic": "".join(map(chr, range(0x621, 0x64B))) + "    ", "Chinese": "".join(map(chr, range(0x4E00, 0x5200))),
        "Thai": "".join(map(chr, range(0xE01, 0xE4F))), "Hindi": "".join(map(chr, range(0x905, 0x94D))) + "   ", "emoji": "".join(map(chr, range(0x1F300, 0x1F5FF))), "marks": "".join(map(chr, range(0x300, 0x36F))) + "nude ", "everything": "".join(map(chr, (*range(0x20, 0x2000), *range(0x3000, 0xA000)))),
    }  # fmt: skip
    for name, signs in alphabets.items():
        yield f"chance: {name}", "".join(rng.choices(signs, k=letters))


def _jamo(word: str) -> str:
    return "".join("".join(hangul.parts(letter)) if "가" <= letter <= "힣" else letter for letter in word)


def _typed(words: list[str], way: Callable[[str], str]) -> Iterator[str]:
    for word in words:
        yield way("".join(letter for letter in word if "가" <= letter <= "힣"))

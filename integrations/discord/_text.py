"""Text of people made harmless for Discord: shown letter by letter, pinging nobody, hiding nothing."""

import re
import unicodedata

# What begins emphasis, code, spoilers, masked links, mentions, timestamps and custom emoji, anywhere in a line:
# https://support.discord.com/hc/articles/210298617
_SIGNS = re.compile(r"([\\*_~|`\[\]<])")
_AT_START = re.compile(r"^(>|#|-|\+|\d+(?=\.))")  # quotes, headings, small print, lists
_LINK = re.compile(r":(?=//)")
# A backslash doesn't help here: the client looks for these before it reads markdown.
_EVERYONE = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_JOINERS = frozenset("\u200c\u200d")  # emoji families and some scripts need them
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain(text: str) -> str:
    """One line without letters that can't be seen, for places that know no markdown."""
    spaced = "".join(" " if c.isspace() else c for c in text)
    kept = (c for c in spaced if c in _JOINERS or unicodedata.category(c) not in _HIDDEN)
    return " ".join("".join(kept).split())


def harmless(text: str) -> str:
    """One line that Discord shows as it was typed."""
    signs = _LINK.sub(r"\\:", _SIGNS.sub(r"\\\1", plain(text)))
    return _EVERYONE.sub("@\u200b", _AT_START.sub(_escaped_start, signs))


def harmless_lines(lines: list[str]) -> str:
    """Several lines, each harmless."""
    return "\n".join(harmless(line) for line in lines)


def code_block(text: str) -> str:
    """What somebody typed, to be copied as it is; it can't end the block itself."""
    kept = "".join(c for c in text if c == "\n" or c in _JOINERS or unicodedata.category(c) not in _HIDDEN)
    return "```\n" + kept.replace("```", "`\u200b`\u200b`") + "\n```"


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; half an escape at the end goes too."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rstrip("\\").rstrip() + "…"


def _escaped_start(match: re.Match[str]) -> str:
    return f"{match[1]}\\" if match[1].isdecimal() else f"\\{match[1]}"

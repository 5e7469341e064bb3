"""What nobody is to read: the types of secrets, and the second net, which knows the secrets that were configured.

A secret is a `SecretStr`, an address that may hold one a `SecretUrl`, a section that is handed on as it is written
`Sealed`: none prints what it holds. Whatever gets out all the same (another library's words, a traceback) passes
`hide` before it reaches a log or a terminal.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from pydantic import BaseModel, SecretStr

HIDDEN = "[hidden]"
LEAST_CHARS = 6  # a shorter one stands in too many words to be looked for
_LEARNED_MAX = 2000

# Keys whose values are secrets, in sections that no model of ours describes.
_NAMED = re.compile(r"(?i)pass|secret|token|credential|signing|dsn|(^|_)(key|auth|sas|pat)s?($|_)")
# Secrets by their shape, for those that were never configured: other people's, and a platform's own.
_SHAPED = re.compile(
    r"(?i)(?:bearer\s+|key\s+)[\w.~+/=-]{8,}|basic\s+[\w+/=-]{16,}|xox[a-z]-[\w-]+|xapp-[\w-]+|sk-[\w-]{8,}|"
    r"[\w-]{23,28}\.[\w-]{6}\.[\w-]{27,}|data:image/[^\s\"']+|/a/[\w.~-]{20,}|"
    r"/interactions/\d+/[^/\s]+|/webhooks/\d+/[^/\s\"'?]{20,}|hooks\.slack\.com/[^\s\"']+|"
    r"(?<=://)[^\s/@\"']*:[^\s/@\"']+(?=@)"
)

_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][\w+.-]*://)(?P<rest>.*)", re.DOTALL)
_HOST = re.compile(r"(?:[\w.-]*|\[[0-9A-Fa-f:.]+\])(?::\d+)?(?:/[^\s?#]*)?")
_PATH = re.compile(r"[A-Za-z]:[\\/][^=]*|[^:@=]*", re.DOTALL)  # "host=h password=p" is none
_KEYED = re.compile(r"""(?:^|[?&\s])([\w-]+)\s*=\s*['"]?([^&\s'"]+)""")


class SecretUrl(SecretStr):
    """An address whose password is never printed, also where the address is mistyped."""

    def _display(self) -> str:
        """What may be read of it: no user, no password, no query; of what can't be an address nothing."""
        text = self.get_secret_value()
        found = _ADDRESS.fullmatch(text)
        if found is None:
            return text if _PATH.fullmatch(text) else "***"
        scheme, rest = found["scheme"], found["rest"]
        before, at, place = rest.rpartition("@")
        bare, query, _ = place.partition("?")
        if not _HOST.fullmatch(bare):
            return f"{scheme}***"
        return f"{scheme}{'***@' if before or at else ''}{bare}{'?***' if query else ''}"


class Sealed(dict[str, Any]):
    """A section as it is written, for whoever reads it; printed, it shows its keys alone."""

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{name!r}: ***" for name in self) + "}"

    __str__ = __repr__


def sealed(value: Any) -> Any:
    """A mapping with all the mappings in it, sealed; anything else as it is."""
    if isinstance(value, Mapping):
        return Sealed({name: sealed(inner) for name, inner in value.items()})
    return value


# ── What was configured ──────────────────────────────────────────────────────────────────────────────

# What a log line must not say concerns the whole process, as logging itself does.
_learned: dict[str, None] = {}
_pattern: list[re.Pattern[str]] = []


def learn(*trees: Any) -> None:
    """Remembers every secret of settings or of a raw section, to be hidden from now on wherever it shows up."""
    for tree in trees:
        for secret in secrets_in(tree):
            _learned.update(dict.fromkeys(_spellings(secret)))
    while len(_learned) > _LEARNED_MAX:
        del _learned[next(iter(_learned))]
    # The longest first: one secret may begin another.
    words = sorted(_learned, key=len, reverse=True)
    _pattern[:] = [re.compile("|".join(map(re.escape, words)))] if words else []


def hide(text: str) -> str:
    """A text for a log: without the secrets that were learned, nor anything that looks like one."""
    return _SHAPED.sub(HIDDEN, hide_configured(text))


def hide_configured(text: str) -> str:
    """A text without the secrets that were learned; what a person wrote stays, whatever it looks like."""
    for pattern in _pattern:
        text = pattern.sub(HIDDEN, text)
    return text


def secrets_in(tree: Any, name: str = "") -> Iterator[str]:
    """Every secret of a tree of settings: by its type, by its key's name, and the passwords of addresses."""
    if isinstance(tree, SecretStr):
        secret = tree.get_secret_value()
        yield from passwords_in(secret) if isinstance(tree, SecretUrl) else filter(None, (secret,))
    elif isinstance(tree, str):
        yield from passwords_in(tree)
        if _NAMED.search(name) and not name.endswith("_file"):
            yield tree
    else:
        for key, value in _branches(tree, name):
            yield from secrets_in(value, key)


def _branches(tree: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(tree, BaseModel):
        yield from tree
    elif isinstance(tree, Mapping):
        yield from ((str(key), value) for key, value in tree.items())
    elif isinstance(tree, list | tuple | set | frozenset):
        yield from ((name, value) for value in tree)


def passwords_in(address: str) -> Iterator[str]:
    """What is secret of an address: all of its password, and the parts that a wrong reading of it would show."""
    found = _ADDRESS.search(address)
    rest = found["rest"] if found else address
    owner, at, _ = rest.rpartition("@")
    if at and ":" in owner:
        password = owner.partition(":")[2]
        yield password
        yield unquote(password)
        yield from re.split(r"[/?#@:]", password)
    elif found and not _HOST.fullmatch(rest.partition("?")[0]):
        yield rest.partition(":")[2].partition("/")[0]
    for key, value in _KEYED.findall(rest):
        if _NAMED.search(key):
            yield value
            yield unquote(value)


def _spellings(secret: str) -> Iterable[str]:
    """A secret as it may be met: plain, in an address, in JSON, in a repr, in base 64 wherever it begins there."""
    if len(secret) < LEAST_CHARS:
        return
    yield from {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
    }
    data = secret.encode(errors="replace")
    for before in range(3):
        # Without the letters that depend on what stands before and behind it: each holds six bits.
        whole = base64.b64encode(b"\0" * before + data).decode()
        middle = whole[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        if len(middle) >= LEAST_CHARS:
            yield middle
            yield middle.translate(str.maketrans("+/", "-_"))

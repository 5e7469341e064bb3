"""What `easel check` can see of settings that let strangers or neighbours in, and what to do about each."""

import contextlib
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import sections
from bot.configuration import space
from bot.configuration.settings import Settings
from bot.errors import ConfigError
from bot.http.guard import is_loopback
from bot.pictures.backends import PICTURES
from bot.process import hidden, modes
from bot.store.sqlite import path_of

# What examples and images come with; whoever finds a port open tries these first.
_KNOWN = frozenset({
    "admin", "change-me", "change-me-too", "changeme", "easel", "minio", "minioadmin", "password", "postgres",
    "root", "secret", "test", "123456", "12345678",
})  # fmt: skip
_NAMED_MAX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyRow:
    """One row: what was looked at, and what is wrong with it and what to do, if anything."""

    name: str
    detail: str
    fix: str = ""
    advice: bool = False  # what to do is for the operator to weigh, and nothing that fails


def look(settings: Settings, file: Path | None) -> Iterator[SafetyRow]:
    """Looks at files and at secrets; asks nobody."""
    yield _files(settings)
    yield _secrets(file)
    yield _passwords(settings)
    yield _listener(settings)
    yield _user()


def _files(settings: Settings) -> SafetyRow:
    """Modes of what we keep: it is ours, and was made for nobody else."""
    found = modes.open_to_others([*_kept(settings)])
    if not found:
        return SafetyRow(name="files", detail="nobody else can read what is kept here")
    return SafetyRow(name="files", detail=_readable(found), fix="chmod go= these")


def _secrets(file: Path | None) -> SafetyRow:
    """Modes of the files with our secrets: a file mounted for one container alone is often open to all in it."""
    found = modes.open_to_others([*_with_secrets(file)])
    if not found:
        return SafetyRow(name="secrets", detail="nobody else can read the files with secrets")
    fix = "chmod go= these, or 640 and its group where Easel is another user"
    return SafetyRow(name="secrets", detail=_readable(found), fix=fix, advice=True)


def _readable(found: list[Path]) -> str:
    return f"others on this machine can read {', '.join(map(str, found[:_NAMED_MAX]))}"


def _kept(settings: Settings) -> Iterator[Path]:
    with contextlib.suppress(ConfigError):  # PostgreSQL looks after its own files
        yield from modes.beside(Path(path_of(settings.store.url.get_secret_value())))
    if (folder := space.of_pictures(settings.assets.url.get_secret_value())) is not None:
        yield folder / PICTURES


def _with_secrets(file: Path | None) -> Iterator[Path]:
    """The configuration, where a secret stands in it, and the files that it names for secrets."""
    if file is None:
        return
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    if any(hidden.secrets_in(content)):
        yield file
    yield from _named_files(content)


def _named_files(section: dict[str, Any]) -> Iterator[Path]:
    for key, value in section.items():
        if isinstance(value, dict):
            yield from _named_files(value)
        elif key.endswith("_file") and isinstance(value, str):
            yield Path(value)


def _listener(settings: Settings) -> SafetyRow:
    """Whether what it serves is guarded where others than this machine reach it."""
    host = settings.http.host
    if is_loopback(host):
        return SafetyRow(name="listener", detail=f"{host}: this machine alone")
    fixes = [section.unguarded for _, section in settings if isinstance(section, sections.Unguarded)]
    fix = "; ".join(one for one in fixes if one)
    detail = "anybody who reaches it comes in" if fix else "other machines reach it, too"
    return SafetyRow(name="listener", detail=f"{host}: {detail}", fix=fix)


def _user() -> SafetyRow:
    """Whether the system's own limits hold for us: root reads every file, whatever its mode."""
    if os.name != "posix" or os.geteuid() != 0:
        return SafetyRow(name="user", detail="not root")
    fix = "run Easel as a user of its own, as deploy/easel.service and the image do"
    return SafetyRow(
        name="user", detail="root: whoever gets into Easel has this machine", fix=fix, advice=True
    )


def _passwords(settings: Settings) -> SafetyRow:
    """Secrets that everybody knows, by the section where they stand; they themselves are not said."""
    known = [
        f"[{name}]"
        for name, section in settings
        if any(secret.lower() in _KNOWN for secret in hidden.secrets_in(section))
    ]
    if not known:
        return SafetyRow(name="passwords", detail="none is one that everybody knows")
    return SafetyRow(
        name="passwords",
        detail=f"{', '.join(known)}: a password that everybody tries first",
        fix="openssl rand -hex 24 makes a better one",
    )

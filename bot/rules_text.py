"""Rules as people type and read them: `budget 5000`, `models gpt-image-1-mini, flux-2-pro`, `owners_exempt yes`."""

import difflib
import json
from typing import Any, get_args, get_origin

from bot.errors import BadPrompt
from bot.rules import Rules

_YES = {"yes", "on", "true", "1", "예", "네"}
_NO = {"no", "off", "false", "0", "아니요"}
_UNSET = {"default", "unset", "none", "-", ""}
_HIDDEN = {"schedule_before"}

NAMES: tuple[str, ...] = tuple(name for name in Rules.model_fields if name not in _HIDDEN)


def named(name: str) -> str:
    """The setting that was meant. Raises BadPrompt with the nearest."""
    wanted = name.strip().casefold().replace("-", "_").replace(" ", "_")
    if wanted in NAMES:
        return wanted
    near = difflib.get_close_matches(wanted, NAMES, n=1)
    raise BadPrompt("setting-unknown", name=name, nearest=near[0] if near else None, values=", ".join(NAMES))


def read(name: str, text: str) -> Any:
    """A typed value, not yet validated; None unsets. Raises BadPrompt for what can't be read at all."""
    plain = text.strip()
    if plain.casefold() in _UNSET:
        return None
    kind = Rules.model_fields[name].annotation
    if kind is bool:
        return _switch(name, plain)
    if get_origin(kind) is tuple:
        return [part.strip() for part in plain.split(",") if part.strip()]
    if get_origin(kind) is dict:
        return _mapping(name, plain)
    if _is_number(kind):
        return _number(name, plain)
    return plain


def show(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or (not value and not isinstance(value, (int, float))):
        return "none"
    if isinstance(value, (tuple, list)):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=lambda v: v.model_dump(exclude_defaults=True))
    return str(value)


def _switch(name: str, text: str) -> bool:
    word = text.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise BadPrompt("setting-value", name=name, value=text, problem="yes / no")


def _mapping(name: str, text: str) -> Any:
    """JSON, or `model=1.5, other=2` for factors."""
    if text.startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            raise BadPrompt("setting-value", name=name, value=text, problem="JSON") from None
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not all(value.strip() for _, _, value in pairs):
        raise BadPrompt("setting-value", name=name, value=text, problem="name=value, name=value")
    return {key.strip(): value.strip() for key, _, value in pairs}


def _is_number(kind: Any) -> bool:
    return kind in (int, float) or bool({int, float} & set(get_args(kind)))


def _number(name: str, text: str) -> float | int:
    cleaned = text.replace(",", "").replace("_", "").replace(" ", "")
    try:
        return float(cleaned) if "." in cleaned else int(cleaned)
    except ValueError:
        raise BadPrompt("setting-value", name=name, value=text, problem="0, 1, 2 …") from None

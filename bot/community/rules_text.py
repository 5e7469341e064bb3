"""Rules as people type and read them: `budget 5000`, `models gpt-image-1-mini, flux-2-pro`, `owners_exempt yes`."""

import difflib
import json
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError

from bot.errors import BadPrompt
from bot.order.flags import NO, UNSET, YES
from bot.rules.rules import STRIKES_LEAST, Period, Rules

NOTHING = UNSET | {"-", ""}
OFF = NO | NOTHING
ALL = {"all", "any", "none", "*", "모두"}  # of a list of what may be used: an empty one lets everything
_LIMITING = {"models", "styles", "sizes", "channels"}
_SHOWN_MAX = 100  # letters of a value that was not taken
_HIDDEN = {"schedule_before", "budget_before"}
_PERIODS = {
    "daily": "day", "days": "day", "weekly": "week", "weeks": "week", "monthly": "month", "months": "month",
    "일": "day", "주": "week", "월": "month",
}  # fmt: skip

NAMES: tuple[str, ...] = tuple(name for name in Rules.model_fields if name not in _HIDDEN)


def named(name: str) -> str:
    """The setting that was meant. Raises BadPrompt with the nearest."""
    wanted = name.strip().casefold().replace("-", "_").replace(" ", "_")
    if wanted in NAMES:
        return wanted
    near = difflib.get_close_matches(wanted, NAMES, n=1)
    raise BadPrompt(
        "setting-unknown", name=name[:_SHOWN_MAX], nearest=near[0] if near else None, values=", ".join(NAMES)
    )


def read(name: str, text: str) -> Any:
    """A typed value, not yet validated; None unsets. Raises BadPrompt for what can't be read at all."""
    plain = text.strip()
    if plain.casefold() in NOTHING or (name in _LIMITING and plain.casefold() in ALL):
        return None
    return _parsed(name, plain, Rules.model_fields[name].annotation)


def _parsed(name: str, plain: str, kind: Any) -> Any:
    if kind == Period:
        return _PERIODS.get(plain.casefold(), plain.casefold())
    if kind is bool:
        return switch(name, plain)
    if get_origin(kind) is tuple:
        return [part.strip() for part in plain.split(",") if part.strip()]
    if get_origin(kind) is dict:
        return _mapping(name, plain)
    return number(name, plain) if _isnumber(kind) else plain


def refusal(error: ValidationError, values: Mapping[str, Any]) -> BadPrompt:
    """What is wrong with a value, in words that every language has."""
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    reason = _reason_of(first["type"], name)
    where = (str(part) for part in first["loc"] if isinstance(part, str) and part != "[key]")
    facts: dict[str, Any] = {
        "name": printable(".".join(where)),
        "value": printable(show(first.get("input"))),
    }
    match reason:
        case "setting-range":
            facts |= _range(name)
        case "setting-choice":
            facts["values"] = _choices(first)
        case "setting-part":
            facts = {"name": name, "part": printable(first["loc"][-1])}
        case "setting-json":
            facts = {"name": name, "value": show(values.get(name))[:_SHOWN_MAX]}
        case "setting-strikes":
            facts["least"] = STRIKES_LEAST
        case "setting-long" | "setting-many":
            facts["limit"] = first.get("ctx", {}).get("max_length")
        case (
            "setting-number"
            | "setting-pairs"
            | "setting-unreadable"
            | "setting-value"
            | "setting-words"
            | "setting-zone"
        ):
            pass
    return BadPrompt(reason, **facts)


_Reason = Literal[
    "setting-range", "setting-choice", "setting-part", "setting-json", "setting-number", "setting-zone",
    "setting-strikes", "setting-value", "setting-long", "setting-many", "setting-unreadable", "setting-words",
    "setting-pairs",
]  # fmt: skip
# pydantic's kinds of errors -> our sentences
_REASONS: Mapping[str, _Reason] = {
    "greater_than_equal": "setting-range",
    "less_than_equal": "setting-range",
    "literal_error": "setting-choice",
    "enum": "setting-choice",
    "bool_parsing": "setting-choice",
    "bool_type": "setting-choice",
    "finite_number": "setting-number",
    "int_parsing_size": "setting-range",
    "int_from_float": "setting-number",
    "int_parsing": "setting-number",
    "int_type": "setting-number",
    "float_parsing": "setting-number",
    "float_type": "setting-number",
    "no_number": "setting-number",
    "string_too_long": "setting-long",
    "too_long": "setting-many",
    "unreadable": "setting-unreadable",
    "string_unicode": "setting-unreadable",
    "string_type": "setting-words",
    "tuple_type": "setting-words",
    "extra_forbidden": "setting-part",
    "model_type": "setting-json",
    "dict_type": "setting-json",
}
_OF_RULES: Mapping[str, _Reason] = {"strikes": "setting-strikes"}


def _reason_of(kind: str, name: str) -> _Reason:
    """The sentence for a kind of pydantic's; where it has none, the rule's own."""
    if name == "time_zone":
        return "setting-zone"
    reason = _REASONS.get(kind) or _OF_RULES.get(name, "setting-value")
    return _shape(name) if reason == "setting-json" else reason


def _choices(error: Mapping[str, Any]) -> str:
    """What may be chosen, as one types it in every language."""
    expected = str(error.get("ctx", {}).get("expected", "yes, no"))
    return expected.replace("'", "").replace(" or ", ", ")


def _range(name: str) -> dict[str, Any]:
    """What a number may be, as its rule says."""
    schema = Rules.model_json_schema()["properties"].get(name, {})
    numbers = [schema, *schema.get("anyOf", []), schema.get("additionalProperties", {})]
    found = next((one for one in numbers if isinstance(one, dict) and "minimum" in one), {})
    return {"least": found.get("minimum", 0), "limit": found.get("maximum")}


def shown(rules: Rules, name: str) -> str:
    """The value of one rule, of `NAMES`, as people read it."""
    return show(getattr(rules, name))


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


def printable(value: object) -> str:
    """As it can be told: what nobody can see is written by its number."""
    shown = "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in str(value)[:_SHOWN_MAX])
    return shown.strip() or "-"


def switch(name: str, text: str) -> bool:
    """Yes or no. Raises BadPrompt."""
    word = text.casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise BadPrompt("setting-choice", name=name, value=text[:_SHOWN_MAX], values="yes, no")


def _mapping(name: str, text: str) -> Any:
    """JSON, or `model=1.5, other=2` for factors."""
    if text.startswith("{"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise BadPrompt(_shape(name), name=name, value=text[:_SHOWN_MAX]) from None
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not all(value.strip() for _, _, value in pairs):
        raise BadPrompt(_shape(name), name=name, value=text[:_SHOWN_MAX])
    return {key.strip(): value.strip() for key, _, value in pairs}


def _shape(name: str) -> Literal["setting-pairs", "setting-json"]:
    """How one writes a rule of several parts: factors in pairs."""
    return "setting-pairs" if name == "price_factors" else "setting-json"


def _isnumber(kind: Any) -> bool:
    return kind in (int, float) or bool({int, float} & set(get_args(kind)))


def number(name: str, text: str) -> float | int:
    """A number. Raises BadPrompt."""
    cleaned = text.replace(",", "").replace("_", "").replace(" ", "")
    try:
        return float(cleaned) + 0.0 if "." in cleaned else int(cleaned)  # never a zero below zero
    except ValueError:
        raise BadPrompt("setting-number", name=name, value=text[:_SHOWN_MAX]) from None

"""The form of Remix, pure: the prompt filled in; its custom_id carries the job, so that it survives a restart."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.counter import Offer
from bot.ports import Do
from integrations.discord._text import cut, plain
from integrations.discord.cards import custom_id

PROMPT, MODEL, ASPECT, IMAGES, NEGATIVE = "prompt", "model", "aspect", "images", "negative"
_PROMPT_LIMIT, _TITLE_LIMIT, _LABEL_LIMIT, _OPTION_LIMIT, _MODELS_MOST = 4_000, 45, 45, 100, 25
_LABEL, _TEXT, _LIST, _LINE, _PARAGRAPH = 18, 4, 3, 1, 2
_KEPT = ("style", "quality", "size", "private")  # no field of their own: they stay as flags
_ASPECT_LIMIT, _NEGATIVE_LIMIT = 20, 500

Say = Callable[[str], str]


def form_of(
    job: str, wishes: Mapping[str, str], offers: Sequence[Offer], *, say: Say, price: str
) -> dict[str, Any]:
    """The modal for one job, starting from what it asked for."""
    fields = [
        (say("label-prompt"), _text(PROMPT, _prompt(wishes), _PROMPT_LIMIT, paragraph=True, required=True)),
        (say("label-model"), _models(offers, wishes.get(MODEL, ""), price)),
        (say("label-shape"), _text(ASPECT, wishes.get(ASPECT, ""), _ASPECT_LIMIT)),
        (say("label-images"), _counts(wishes.get(IMAGES, "1"))),
        (say("label-negative"), _text(NEGATIVE, wishes.get(NEGATIVE, ""), _NEGATIVE_LIMIT)),
    ]
    return {
        "title": cut(say("remix-title"), _TITLE_LIMIT),
        "custom_id": custom_id(Do.REMIX, job),
        "components": [
            {"type": _LABEL, "label": cut(label, _LABEL_LIMIT), "component": component}
            for label, component in fields
            if component is not None
        ],
    }


def order_of(components: Sequence[Mapping[str, Any]]) -> tuple[str, dict[str, str]]:
    """What was filled in: the prompt, and the options that are not empty."""
    values: dict[str, str] = {}
    for row in components:
        inner = [row["component"]] if "component" in row else row.get("components") or []
        for one in inner:
            chosen = one.get("values") or [one.get("value") or ""]
            values[str(one.get("custom_id", ""))] = str(chosen[0])
    text = values.pop(PROMPT, "")
    return text, {name: value for name, value in values.items() if value.strip()}


def _prompt(wishes: Mapping[str, str]) -> str:
    flags = [f"--{name} {wishes[name]}" for name in _KEPT if wishes.get(name) and name != "private"]
    flags += ["--private"] if wishes.get("private") else []
    return " ".join([wishes.get(PROMPT, ""), *flags])[:_PROMPT_LIMIT]


def _text(
    name: str, value: str, limit: int, *, paragraph: bool = False, required: bool = False
) -> dict[str, Any]:
    style = _PARAGRAPH if paragraph else _LINE
    field: dict[str, Any] = {
        "type": _TEXT, "custom_id": name, "style": style, "required": required, "max_length": limit,
    }  # fmt: skip
    return field | ({"value": value[:limit]} if value else {})


def _models(offers: Sequence[Offer], chosen: str, price: str) -> dict[str, Any] | None:
    """The open models with their credits; the job's own one is marked, and always among them."""
    ordered = sorted(offers, key=lambda one: (one.model.id != chosen, one.credits, one.name))[:_MODELS_MOST]
    if not ordered:
        return None
    options = [
        {
            "label": cut(plain(one.name), _OPTION_LIMIT),
            "value": one.model.id[:_OPTION_LIMIT],
            "description": cut(price.format(credits=one.credits), _OPTION_LIMIT),
            "default": one.model.id == chosen,
        }
        for one in ordered
    ]
    return {"type": _LIST, "custom_id": MODEL, "options": options, "required": False, "min_values": 0}


def _counts(chosen: str) -> dict[str, Any]:
    options = [{"label": str(n), "value": str(n), "default": str(n) == chosen} for n in range(1, 5)]
    return {"type": _LIST, "custom_id": IMAGES, "options": options, "required": False, "min_values": 0}

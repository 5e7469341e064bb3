"""The one modal: /imagine alone, the global shortcut and Remix open it; its fields follow the model."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from bot.counter import Offer
from bot.errors import NotThere
from integrations.slack._room import Caller, Room
from integrations.slack._text import Say, cut, plain
from integrations.slack._wire import SlackFault

log = structlog.get_logger()

CALLBACK = "create"
MODEL = "model"
PROMPT = "prompt"
PROMPT_LIMIT = 3_000  # of a plain_text_input
OPTIONS_MOST = 100
_SHAPES = ("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9")
_FIELDS = (
    ("aspect", "--ar", "label-shape"),
    ("quality", "--quality", "label-quality"),
    ("size", "--size", "label-size"),
)
_META = ("channel", "user", "thread", "url")


async def open_form(room: Room, caller: Caller, trigger: str, *, job: str = "") -> None:
    """Opens the form within the 3 s of the trigger; Remix starts from what the job asked for."""
    values: Mapping[str, str] = {}
    if job:
        values = room.tools.studio.wishes(await room.tools.studio.job(job, caller.who))
    view = await form_of(room, caller, values, meta={**_kept(caller.where), **({"job": job} if job else {})})
    try:
        await room.api.once("views.open", trigger_id=trigger, view=view)
    except SlackFault as fault:
        log.info("a form could not be opened", problem=str(fault))
        await room.private.tell(caller.where, caller.say("slack-form-late"))


async def follow_model(room: Room, caller: Caller, view: Mapping[str, Any]) -> None:
    """Another model was chosen: the fields that it takes, with what was filled in where it still fits."""
    fresh = await form_of(
        room, caller, values_of(view), meta=json.loads(view.get("private_metadata") or "{}")
    )
    try:
        await room.api.once("views.update", view_id=view["id"], hash=view.get("hash"), view=fresh)
    except SlackFault as fault:
        log.info("a form could not follow its model", problem=str(fault))  # closed, or changed meanwhile


async def form_of(
    room: Room, caller: Caller, values: Mapping[str, str], *, meta: Mapping[str, str]
) -> dict[str, Any]:
    """The form for one person, as the values stand."""
    offers = await room.tools.studio.models(caller.who)
    if not offers:
        raise NotThere("no-models-open")
    return view_of(caller.say, offers, tuple(room.tools.studio.catalog.styles), values, meta=meta)


def view_of(
    say: Say,
    offers: Sequence[Offer],
    styles: Sequence[str],
    values: Mapping[str, str],
    *,
    meta: Mapping[str, str],
) -> dict[str, Any]:
    """The modal's payload, pure."""
    chosen = _chosen(offers, values.get(MODEL, ""))
    mark = chosen.name[:60]
    blocks = [_prompt(say, values), _models(say, offers, chosen)]
    for name, flag, label in _FIELDS:
        if flag in chosen.takes:
            offered = chosen.takes[flag] or _SHAPES
            blocks.append(_select(f"{name}@{mark}", name, say(label), offered, values.get(name, "")))
    counts = chosen.takes.get("--n", ("1",))
    if len(counts) > 1:
        blocks.append(
            _select(f"images@{mark}", "images", say("label-images"), counts, values.get("images", ""))
        )
    if styles:
        blocks.append(_select("style", "style", say("label-style"), styles, values.get("style", "")))
    blocks += [_negative(say, values), _private(say, values)]
    title = say("remix-title") if meta.get("job") else say("create-title")
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(title, 24),
        "submit": plain(title, 24),
        "close": plain(say("button-cancel"), 24),
        "private_metadata": json.dumps(dict(meta)),
        "blocks": blocks,
    }


def values_of(view: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the fields of a form, by name."""
    values: dict[str, str] = {}
    for fields in (view.get("state") or {}).get("values", {}).values():
        for name, state in fields.items():
            value = _value(state)
            if value:
                values[name] = value
    return values


def order_of(values: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The prompt's text and the explicit options."""
    options = {name: value for name, value in values.items() if name != PROMPT}
    return values.get(PROMPT, ""), options


def _value(state: Mapping[str, Any]) -> str:
    if "selected_options" in state:
        return "yes" if state["selected_options"] else ""
    if "selected_option" in state:
        return str((state["selected_option"] or {}).get("value", ""))
    return str(state.get("value") or "")


def _kept(where: Mapping[str, str]) -> dict[str, str]:
    return {name: where[name] for name in _META if where.get(name)}


def _chosen(offers: Sequence[Offer], wanted: str) -> Offer:
    named = next((o for o in offers if o.model.id == wanted), None)
    return named or next((o for o in offers if o.is_default), offers[0])


# ── Fields ───────────────────────────────────────────────────────────────────────────────────────────


def _input(block: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "block_id": block, "label": plain(label, 2000), "element": element, **more}


def _prompt(say: Say, values: Mapping[str, str]) -> dict[str, Any]:
    element = {
        "type": "plain_text_input",
        "action_id": PROMPT,
        "multiline": True,
        "max_length": PROMPT_LIMIT,
        "placeholder": plain(say("slack-form-hint"), 150),
        "focus_on_load": True,
    }
    if values.get(PROMPT):
        element["initial_value"] = cut(values[PROMPT], PROMPT_LIMIT)
    return _input(PROMPT, say("label-prompt"), element)


def _models(say: Say, offers: Sequence[Offer], chosen: Offer) -> dict[str, Any]:
    listed = (
        offers[:OPTIONS_MOST] if chosen in offers[:OPTIONS_MOST] else [chosen, *offers[: OPTIONS_MOST - 1]]
    )
    options = {
        o.model.id: _option(f"{o.name} · {say('credits-value', credits=o.credits)}", o.model.id)
        for o in listed
    }
    element = {
        "type": "static_select",
        "action_id": MODEL,
        "options": list(options.values()),
        "initial_option": options[chosen.model.id],
    }
    return _input(MODEL, say("label-model"), element, dispatch_action=True)


def _select(block: str, name: str, label: str, offered: Sequence[str], value: str) -> dict[str, Any]:
    options = {v: _option(v, v) for v in offered[:OPTIONS_MOST]}
    element: dict[str, Any] = {"type": "static_select", "action_id": name, "options": list(options.values())}
    if value in options:
        element["initial_option"] = options[value]
    return _input(block, label, element, optional=True)


def _negative(say: Say, values: Mapping[str, str]) -> dict[str, Any]:
    element: dict[str, Any] = {"type": "plain_text_input", "action_id": "negative", "max_length": 500}
    if values.get("negative"):
        element["initial_value"] = cut(values["negative"], 500)
    return _input("negative", say("label-negative"), element, optional=True)


def _private(say: Say, values: Mapping[str, str]) -> dict[str, Any]:
    only = _option(say("label-private"), "yes")
    element: dict[str, Any] = {"type": "checkboxes", "action_id": "private", "options": [only]}
    if values.get("private") in ("yes", "True"):
        element["initial_options"] = [only]
    return _input("private", say("label-private"), element, optional=True)


def _option(text: str, value: str) -> dict[str, Any]:
    return {"text": plain(text, 75), "value": value[:150]}

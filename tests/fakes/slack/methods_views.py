"""views.*: modals opened by a living trigger, updated, pushed; home tabs published."""

import secrets
from typing import TYPE_CHECKING, Any

from .args import Args
from .content import judge_view
from .errors import ApiError, invalid_arguments
from .faces import view_face
from .fields import initial_values
from .records import View
from .workspace import number_blocks

if TYPE_CHECKING:
    from .server import SlackServer

__all__ = ["new_view", "open_view", "publish", "push", "replace_view", "update"]

# "Apps can push up to two views on top of the first": push_limit_reached.
MAX_STACK = 3


def _payload(slack: "SlackServer", args: Args, where: str, *, kind: str) -> dict[str, Any]:
    view = args.json("view", error="invalid_arguments")
    body = judge_view(slack, view, where)
    if body["type"] != kind:
        raise invalid_arguments(f"a {kind} view is wanted here, not {body['type']} [json-pointer:/view/type]")
    taken = [v for v in slack.world.views.values() if v.open and v.body.get("external_id")]
    if any(v.body["external_id"] == body.get("external_id") for v in taken) and where != "views.update":
        raise ApiError("duplicate_external_id")
    return body


def new_view(slack: "SlackServer", user: str, body: dict[str, Any], *, over: View | None = None) -> View:
    """A view that now stands before its person, over another when there was one."""
    ident = slack.world.number("V")
    number_blocks(body["blocks"])
    view = View(
        id=ident,
        type=body["type"],
        user=user,
        body=body,
        hash=_hash(slack),
        root_id=over.root_id if over else ident,
        previous_id=over.id if over else None,
        opened_at=slack.clock.now(),
        values=initial_values(body["blocks"]),
        history=[body],
    )
    slack.world.views[ident] = view
    return view


def replace_view(slack: "SlackServer", view: View, body: dict[str, Any]) -> None:
    """New contents; what a person typed stays where block_id and action_id stay the same."""
    number_blocks(body["blocks"])
    typed = view.values
    view.body, view.hash = body, _hash(slack)
    view.values = initial_values(body["blocks"])
    for block_id, fields in view.values.items():
        for action_id, value in typed.get(block_id, {}).items():
            if action_id in fields and fields[action_id]["type"] == value["type"]:
                fields[action_id] = value
    view.history.append(body)


def _hash(slack: "SlackServer") -> str:
    return f"{int(slack.clock.now())}.{secrets.token_hex(4)}"


def _stack(slack: "SlackServer", root_id: str) -> list[View]:
    return [v for v in slack.world.views.values() if v.root_id == root_id and v.open]


async def open_view(slack: "SlackServer", args: Args) -> dict[str, Any]:
    body = _payload(slack, args, "views.open", kind="modal")
    trigger = slack.triggers.exchange(args.need("trigger_id"))
    view = new_view(slack, trigger.user, body)
    view.trigger_id = trigger.id
    return {"view": view_face(view, slack.world)}


async def push(slack: "SlackServer", args: Args) -> dict[str, Any]:
    body = _payload(slack, args, "views.push", kind="modal")
    trigger = slack.triggers.exchange(args.need("trigger_id"))
    over = slack.world.views.get(trigger.view_id or "")
    if over is None or not over.open:
        raise ApiError("not_found")
    if len(_stack(slack, over.root_id)) >= MAX_STACK:
        raise ApiError("push_limit_reached")
    view = new_view(slack, trigger.user, body, over=over)
    view.trigger_id = trigger.id
    return {"view": view_face(view, slack.world)}


async def update(slack: "SlackServer", args: Args) -> dict[str, Any]:
    view = _found(slack, args)
    body = _payload(slack, args, "views.update", kind=view.type)
    if args.has("hash") and args.text("hash") != view.hash:
        raise ApiError("hash_conflict")
    replace_view(slack, view, body)
    return {"view": view_face(view, slack.world)}


def _found(slack: "SlackServer", args: Args) -> View:
    if args.has("view_id") == args.has("external_id"):
        raise invalid_arguments("exactly one of view_id and external_id is wanted")
    for view in slack.world.views.values():
        called = view.id if args.has("view_id") else view.body.get("external_id")
        if view.open and called == (args.text("view_id") or args.text("external_id")):
            return view
    raise ApiError("not_found")


async def publish(slack: "SlackServer", args: Args) -> dict[str, Any]:
    user = args.need("user_id")
    if user not in slack.world.people:
        raise ApiError("user_not_found")
    body = _payload(slack, args, "views.publish", kind="home")
    slack.used.home_tab = True
    view = slack.world.homes.get(user)
    if view is None:
        view = slack.world.homes[user] = new_view(slack, user, body)
    else:
        if args.has("hash") and args.text("hash") != view.hash:
            raise ApiError("hash_conflict")
        replace_view(slack, view, body)
    return {"view": view_face(view, slack.world)}

"""What people do with a finger: buttons, menus, forms and shortcuts."""

from typing import TYPE_CHECKING, Any

from . import payloads
from .args import Args
from .content import judge_message, judge_view
from .errors import ApiError
from .faces import message_face, shared_face, view_face
from .fields import BadInput, put_value, value_of
from .files import StoredFile
from .invocation import Invocation
from .methods_views import new_view, replace_view
from .records import Message, View, elements
from .talking import ident
from .workspace import Channel, Person

if TYPE_CHECKING:
    from .server import SlackServer

__all__ = ["Pressing"]


def find_element(blocks: list[dict[str, Any]], action_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    for block, element in elements(blocks):
        if element.get("action_id") == action_id:
            return block, element
    there = [e["action_id"] for _, e in elements(blocks) if "action_id" in e]
    raise BadInput(f"nothing called {action_id!r} here, only {there}")


class Pressing:
    """The half of the server that presses for people; the other half is in `talking`."""

    async def click(self: "SlackServer", user: Person | str, message: Message, action_id: str) -> Invocation:
        """A button of a message as it stands now."""
        return await self._press(ident(user), message, action_id, None, kinds=("button",))

    async def overflow(
        self: "SlackServer", user: Person | str, message: Message, action_id: str, value: str
    ) -> Invocation:
        """An entry, by its value, of a message's overflow menu."""
        return await self._press(ident(user), message, action_id, value, kinds=("overflow",))

    async def select(
        self: "SlackServer", user: Person | str, message: Message, action_id: str, value: Any
    ) -> Invocation:
        """Any other menu or field of a message."""
        return await self._press(ident(user), message, action_id, value)

    async def view_action(
        self: "SlackServer", user: Person | str, view: View, action_id: str, value: Any = None
    ) -> Invocation:
        """A button, menu or dispatching field of a modal or a home tab."""
        who = ident(user)
        if view.user != who or not view.open:
            raise BadInput("that view does not stand before this person")
        block, element = find_element(view.blocks, action_id)
        if block["type"] == "input":
            view.values[block["block_id"]][action_id] = put_value(element, value)
            if not block.get("dispatch_action"):
                raise BadInput(f"{action_id} has no dispatch_action: Slack tells the program nothing")
        elif element["type"] not in ("button", "overflow"):
            view.values[block["block_id"]][action_id] = put_value(element, value)
        action = self._action(block, element, value)
        trigger_id = self.triggers.make(who, view.id)
        more = payloads.view_part(self, view) | {"trigger_id": trigger_id, "actions": [action]}
        return await self._interact(who, "block_actions", more, trigger_id=trigger_id, view=view)

    def fill(self: "SlackServer", view: View, values: dict[str, Any]) -> None:
        """A person types, chooses and drops files, by action_id; the program hears nothing yet."""
        for action_id, value in values.items():
            block, element = find_element(view.blocks, action_id)
            put = self._dropped(view.user, value) if element["type"] == "file_input" else value
            view.values[block["block_id"]][action_id] = put_value(element, put)

    def _dropped(self: "SlackServer", user: str, files: list[StoredFile | bytes]) -> list[dict[str, Any]]:
        """Files that lie in a form from now on: Slack keeps them, and the app may read them."""
        stored = [self.file(user, f) if isinstance(f, bytes) else f for f in files]
        for file in stored:
            file.given = True
        return [shared_face(file, self) for file in stored]

    async def submit_view(
        self: "SlackServer", user: Person | str, view: View, values: dict[str, Any] | None = None
    ) -> Invocation:
        """Fills and submits a modal; the program's ack closes, updates, pushes or finds errors."""
        who = ident(user)
        if view.type != "modal" or not view.open or view.user != who:
            raise BadInput("that modal does not stand before this person")
        self.fill(view, values or {})
        for block in view.blocks:
            if block["type"] == "input" and not block.get("optional"):
                state = view.values[block["block_id"]][block["element"]["action_id"]]
                if value_of(state) in (None, "", []):
                    raise BadInput(f"Slack wants a value for {block['element']['action_id']}")
        trigger_id = self.triggers.make(who, view.id)
        more = {"trigger_id": trigger_id, "view": view_face(view, self.world), "response_urls": []}
        return await self._interact(
            who,
            "view_submission",
            more,
            trigger_id=trigger_id,
            view=view,
            on_ack=lambda body: self._submitted(view, trigger_id, body),
        )

    async def close_view(self: "SlackServer", user: Person | str, view: View) -> Invocation | None:
        """A person closes a modal; the program hears it when it asked to (`notify_on_close`)."""
        view.open = False
        if not view.body.get("notify_on_close"):
            return None
        more = {"view": view_face(view, self.world), "is_cleared": False}
        return await self._interact(ident(user), "view_closed", more, view=view)

    async def shortcut(self: "SlackServer", user: Person | str, callback_id: str) -> Invocation:
        """A global shortcut."""
        self._declared("global", callback_id)
        trigger_id = self.triggers.make(ident(user))
        more = {"callback_id": callback_id, "trigger_id": trigger_id, "action_ts": self.world.ts()}
        return await self._interact(ident(user), "shortcut", more, trigger_id=trigger_id)

    async def message_shortcut(
        self: "SlackServer", user: Person | str, message: Message, callback_id: str
    ) -> Invocation:
        """A shortcut from a message's menu, also where the bot is no member."""
        self._declared("message", callback_id)
        who, channel = ident(user), self.world.channels[message.channel]
        if message.deleted or message.ephemeral_for is not None or who not in channel.members:
            raise BadInput("that message has no menu for this person")
        trigger_id = self.triggers.make(who)
        url = self.response_urls.make("actions", who, message.channel)
        more = {
            "callback_id": callback_id,
            "trigger_id": trigger_id,
            "action_ts": self.world.ts(),
            "message_ts": message.ts,
            "message": message_face(message, self),
            "channel": {"id": channel.id, "name": channel.name},
            "response_url": url.url,
        }
        return await self._interact(
            who, "message_action", more, trigger_id=trigger_id, url=url, channel=channel
        )

    # Inside

    async def _press(
        self: "SlackServer",
        who: str,
        message: Message,
        action_id: str,
        value: Any,
        kinds: tuple[str, ...] | None = None,
    ) -> Invocation:
        if message.deleted or message.ephemeral_for not in (None, who):
            raise BadInput("that message does not stand before this person")
        block, element = find_element(message.blocks, action_id)
        if kinds is not None and element["type"] not in kinds:
            raise BadInput(f"{action_id} is a {element['type']}")
        trigger_id = self.triggers.make(who)
        url = self.response_urls.make("actions", who, message.channel, message)
        more = payloads.message_container(self, message) | {
            "trigger_id": trigger_id,
            "response_url": url.url,
            "state": {"values": {}},
            "actions": [self._action(block, element, value)],
        }
        channel = self.world.channels[message.channel]
        return await self._interact(
            who, "block_actions", more, trigger_id=trigger_id, url=url, channel=channel
        )

    def _action(
        self: "SlackServer", block: dict[str, Any], element: dict[str, Any], value: Any
    ) -> dict[str, Any]:
        action = {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "action_ts": self.world.ts(),
        }
        if element["type"] == "button":
            named = {k: element[k] for k in ("value", "url", "style") if k in element}
            return action | named | {"text": element["text"]}
        return action | {k: v for k, v in put_value(element, value).items() if k != "type"}

    def _declared(self: "SlackServer", kind: str, callback_id: str) -> None:
        if self.shortcuts is not None and (kind, callback_id) not in self.shortcuts:
            raise BadInput(f"the {kind} shortcut {callback_id} is not in the manifest")
        self.used.shortcuts.add((kind, callback_id))
        self.used.scopes.add("commands")

    async def _interact(
        self: "SlackServer",
        who: str,
        kind: str,
        more: dict[str, Any],
        *,
        trigger_id: str | None = None,
        url: Any = None,
        channel: Channel | None = None,
        view: View | None = None,
        on_ack: Any = None,
    ) -> Invocation:
        self.used.interactivity = True
        made = Invocation(
            slack=self,
            user=who,
            channel=channel.id if channel else None,
            started_ts=float(self.world.ts()),
            delivery=None,
            trigger_id=trigger_id,
            response_url=url,
            view=view,
        )
        made.delivery = await self.deliveries.send(
            "interactive",
            payloads.interaction(self, kind, who, **more),
            accepts_body=kind == "view_submission",
            on_ack=on_ack,
        )
        return made

    async def command_answer(self: "SlackServer", made: Invocation, body: Any) -> None:
        """What a command's ack says is posted: to its person alone unless it is in_channel."""
        if not isinstance(body, dict) or not (body.get("text") or body.get("blocks")):
            return
        try:
            content = await judge_message(self, Args(body), where="ack")
        except ApiError as refusal:
            self.violate(refusal.error, str(refusal.extra), "ack")
            return
        public = body.get("response_type") == "in_channel"
        self.bot_message(
            self.world.channels[made.channel or ""],
            content,
            ephemeral_for=None if public else made.user,
            via="ack",
        )

    def _submitted(self: "SlackServer", view: View, trigger_id: str, body: Any) -> None:
        """The ack of a submission: https://docs.slack.dev/surfaces/modals#response_actions."""
        view.errors = {}
        said = body.get("response_action") if isinstance(body, dict) else None
        if said == "errors":
            self._field_errors(view, body.get("errors"))
        elif said == "clear":
            for other in self.world.views.values():
                other.open = other.open and other.root_id != view.root_id
        elif said in ("update", "push"):
            self._next_view(view, trigger_id, said, body.get("view"))
        elif said is None and not body:
            view.open = False
        else:
            self.violate("bad_response_action", str(body)[:200], "ack")

    def _field_errors(self: "SlackServer", view: View, errors: Any) -> None:
        known = {b["block_id"] for b in view.blocks if b["type"] == "input"}
        if not isinstance(errors, dict) or not errors or not set(errors) <= known:
            self.violate("bad_field_errors", f"{errors} where inputs are {sorted(known)}", "ack")
            return
        view.errors = dict(errors)

    def _next_view(self: "SlackServer", view: View, trigger_id: str, said: str, payload: Any) -> None:
        try:
            body = judge_view(self, payload, "ack")
        except ApiError as refusal:
            self.violate(refusal.error, str(refusal.extra), "ack")
            return
        if said == "update":
            replace_view(self, view, body)
        else:
            new_view(self, view.user, body, over=view).trigger_id = trigger_id

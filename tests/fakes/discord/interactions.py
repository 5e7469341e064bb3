"""Interactions: their tokens and deadlines, the one first response, the original, and the follow-ups."""

import dataclasses
from typing import TYPE_CHECKING, Any

from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there

from . import limits
from .clock import EPOCH_MS
from .errors import ApiError, Problems
from .members import User
from .rest import Call
from .routes import router
from .uploads import Form
from .world import EPHEMERAL, LOADING, Channel, Guild, Message

if TYPE_CHECKING:
    from .server import DiscordServer

DEADLINE_S, TOKEN_LIFE_S = 3.0, 900.0
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
ANSWER, DEFER, DEFER_UPDATE, UPDATE, CHOICES, OPEN_MODAL = 4, 5, 6, 7, 8, 9
ANSWERED = frozenset({ANSWER, DEFER})  # at once; on a busy machine Easel promises first, and then answers
CALLBACK = "/interactions/{interaction}/{token}/callback"
WEBHOOK = "/webhooks/{application}/{token}"


@dataclasses.dataclass(eq=False)
class Invocation:
    """What a person did, and everything that the bot answered to it."""

    server: "DiscordServer"
    id: int
    token: str
    type: int
    user: User
    channel: Channel
    guild: Guild | None
    data: dict[str, Any]
    limit_bytes: int
    owners: dict[str, str]
    started: float  # on the fair clock, as `acknowledged`
    source: Message | None = None
    parent: "Invocation | None" = None
    command: dict[str, Any] | None = None
    focused_type: int = 3
    delivered: bool = False
    acknowledged: float | None = None
    response_type: int | None = None
    message: Message | None = None
    followups: list[Message] = dataclasses.field(default_factory=list)
    choices: list[dict[str, Any]] | None = None
    modal: dict[str, Any] | None = None
    errors: list[str] = dataclasses.field(default_factory=list)
    deferred_ephemeral: bool = False
    answer_lost: bool = False
    busy: bool = False

    @property
    def ack_s(self) -> float | None:
        """Seconds from the person's press to the first response."""
        return None if self.acknowledged is None else self.acknowledged - self.started

    @property
    def ephemeral(self) -> bool:
        return bool(self.message and self.message.ephemeral)

    @property
    def failed(self) -> bool:
        """Whether the person saw "The application did not respond"."""
        return self.acknowledged is None and self.age_s > DEADLINE_S

    @property
    def age_s(self) -> float:
        return self.server.clock.fair() - self.started

    @property
    def kept(self) -> bool:
        """Whether the first response says more than that something will come."""
        return self.message is None or self.message.deleted or not self.message.loading

    @property
    def stood_s(self) -> float:
        """Its age on everybody's clock; an id tells when it was made."""
        return self.server.clock.now() - ((self.id >> 22) + EPOCH_MS) / 1000

    async def response(self, timeout: float = PATIENCE_S) -> "Invocation":
        """Waits for the first response, or what takes its place where it only promised that.

        Raises TimeoutError when the person saw that none came.
        """
        await self.server.until(lambda: self.failed or (self.acknowledged is not None and self.kept), timeout)
        if self.acknowledged is None:
            raise TimeoutError(f"{self.data.get('name', self.type)}: the application did not respond")
        return self

    async def shows(self, text: str, timeout: float = PATIENCE_S) -> Message:
        """Waits until the answer (or a follow-up) reads this text somewhere."""
        return await self.server.until(
            lambda: next((one for one in self.messages if text in one.text and not one.deleted), None),
            timeout,
        )

    async def pictured(self, count: int = 1, timeout: float = PATIENCE_S) -> Message:
        """Waits until the answer (or a follow-up) carries this many images."""
        return await self.server.until(
            lambda: next((one for one in self.messages if len(one.images) == count), None), timeout
        )

    @property
    def messages(self) -> list[Message]:
        return ([self.message] if self.message else []) + self.followups

    @property
    def user_only(self) -> bool:
        return "0" not in self.owners

    def metadata(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "type": self.type,
            "user": self.user.json(),
            "authorizing_integration_owners": self.owners,
        }


class Interactions:
    """All invocations by token; answers the callback and the webhook routes."""

    def __init__(self, server: "DiscordServer") -> None:
        self._server = server
        self.all: dict[str, Invocation] = {}

    @property
    def unanswered(self) -> list[Invocation]:
        return [one for one in self.all.values() if one.failed]

    def alive(self, token: str) -> Invocation:
        """The invocation whose token may still be used for follow-ups."""
        invocation = self.all.get(token)
        if invocation is None or invocation.type == AUTOCOMPLETE:
            raise ApiError(10015)
        if invocation.acknowledged is None:
            # A machine too busy to give the program its turns stops the fair clock, and no clock that the program has.
            if not invocation.failed and invocation.stood_s < DEADLINE_S:
                self._server.records.violate(
                    "not answered yet", f"webhook of interaction {invocation.id} used before its callback"
                )
            raise ApiError(10015)
        if invocation.age_s > TOKEN_LIFE_S:
            raise ApiError(50027)
        return invocation

    def owned(self, token: str, which: int | str) -> tuple[Invocation, Message]:
        """A message that this token may touch: the original, a follow-up, or the pressed message."""
        invocation = self.alive(token)
        mine = [*invocation.messages, *([invocation.source] if invocation.source else [])]
        found = [one for one in mine if which in ("@original", one.id)]
        if (
            not found
            or found[0].deleted
            or found[0].channel.deleted
            or (which == "@original" and invocation.message is None)
        ):
            raise ApiError(10008)
        return invocation, found[0]

    async def respond(self, invocation: Invocation, call: Call) -> dict[str, Any]:
        body = call.body
        kind, data = body.get("type"), body.get("data") or {}
        problems = Problems()
        problems.choice("type", kind, self._allowed(invocation))
        problems.check()
        if kind in {ANSWER, DEFER}:
            await self._answer(invocation, call.form, kind, data)
        elif kind in {DEFER_UPDATE, UPDATE}:
            invocation.message = invocation.source
            if kind == UPDATE:
                await self._server.messages.edit(
                    there(invocation.source),
                    call.form,
                    data,
                    prefix="data.",
                    limit_bytes=invocation.limit_bytes,
                )
        elif kind == CHOICES:
            limits.choices(data.get("choices") or [], problems, "data.choices", invocation.focused_type)
            problems.check()
            invocation.choices = data.get("choices") or []
        else:
            limits.modal(data, problems)
            problems.check()
            invocation.modal = data
        invocation.acknowledged, invocation.response_type = call.request.fair_at, kind
        self._server.records.changed()
        return self._callback_json(invocation, kind)

    @staticmethod
    def _allowed(invocation: Invocation) -> set[int]:
        if invocation.type == AUTOCOMPLETE:
            return {CHOICES}
        if invocation.type == COMMAND:
            return {ANSWER, DEFER, OPEN_MODAL}
        if invocation.type == COMPONENT:
            return {ANSWER, DEFER, DEFER_UPDATE, UPDATE, OPEN_MODAL}
        # A modal that a command opened has no message to update.
        return {ANSWER, DEFER} | ({DEFER_UPDATE, UPDATE} if invocation.source else set())

    async def _answer(self, invocation: Invocation, form: Form, kind: int, data: dict[str, Any]) -> None:
        flags = (data.get("flags") or 0) & EPHEMERAL
        if kind == DEFER:
            form, data, flags = Form(), {"flags": flags}, flags | LOADING
        # https://discord.com/developers/docs: without Use External Apps a user-installed answer is private.
        if (
            invocation.user_only
            and invocation.guild
            and not self._server.holds(invocation.user, invocation.channel, "use_external_apps")
        ):
            flags |= EPHEMERAL
        invocation.deferred_ephemeral = bool(flags & EPHEMERAL)
        invocation.message = await self._made(invocation, form, data, flags, prefix="data.")

    async def _made(
        self, invocation: Invocation, form: Form, data: dict[str, Any], flags: int, prefix: str = ""
    ) -> Message:
        kinds = {COMMAND: 20 if invocation.data.get("type", 1) == 1 else 23, COMPONENT: 19, MODAL: 0}
        facts: dict[str, Any] = {}
        if invocation.type == COMPONENT and invocation.source:
            reference = {
                "type": 0,
                "channel_id": str(invocation.channel.id),
                "message_id": str(invocation.source.id),
            }
            facts = {"referenced": invocation.source, "reference": reference}
        return await self._server.messages.create(
            invocation.channel, self._server.world.bot, form, data, prefix=prefix, limit_bytes=invocation.limit_bytes,
            flags=flags, type=kinds[invocation.type], interaction=invocation.metadata(),
            application_id=self._server.world.application_id, owner_id=invocation.user.id, **facts,
        )  # fmt: skip

    def _callback_json(self, invocation: Invocation, kind: int) -> dict[str, Any]:
        interaction: dict[str, Any] = {"id": str(invocation.id), "type": invocation.type}
        body: dict[str, Any] = {"interaction": interaction}
        if kind in {CHOICES, OPEN_MODAL}:
            return body
        message = there(invocation.message)
        interaction |= {
            "response_message_id": str(message.id),
            "response_message_loading": message.loading,
            "response_message_ephemeral": message.ephemeral,
        }
        body["resource"] = {"type": kind}
        if kind in {ANSWER, UPDATE}:
            body["resource"]["message"] = self._server.world.message_json(message)
        return body

    async def follow_up(self, invocation: Invocation, form: Form, data: dict[str, Any]) -> Message:
        if invocation.message and invocation.message.loading and not invocation.message.deleted:
            # The first follow-up after a deferral edits the placeholder.
            data = {key: value for key, value in data.items() if key != "flags"}
            return await self._server.messages.edit(
                invocation.message, form, data, limit_bytes=invocation.limit_bytes
            )
        if invocation.user_only and len(invocation.followups) >= 5:
            raise ApiError(40094)
        flags = (data.get("flags") or 0) & EPHEMERAL
        made = await self._made(invocation, form, data, flags)
        invocation.followups.append(made)
        return made


@router.on("POST", CALLBACK, keyless=True)
async def callback(call: Call) -> Any:
    server = call.server
    invocation = server.interactions.all.get(call.args["token"])
    if invocation is None or str(invocation.id) != call.args["interaction"]:
        raise ApiError(10062)
    try:
        _still_open(invocation, call)
        invocation.busy = True
        try:
            body = await server.interactions.respond(invocation, call)
        finally:
            invocation.busy = False
    except ApiError as error:
        invocation.errors.append(str(error))
        raise
    invocation.answer_lost = call.request.fault in {"cut_after", "status_after"}
    return body if call.flag("with_response") else None


def _still_open(invocation: Invocation, call: Call) -> None:
    """One response, within three seconds."""
    records = invocation.server.records
    if invocation.busy or invocation.acknowledged is not None:
        if not invocation.answer_lost:
            records.violate("double response", f"interaction {invocation.id} was answered before")
        raise ApiError(40060)
    age_s = call.request.fair_at - invocation.started
    if age_s > DEADLINE_S:
        records.violate("late", f"interaction {invocation.id} answered after {age_s:.2f} s")
        raise ApiError(10062)


@router.on("POST", WEBHOOK, keyless=True)
async def execute(call: Call) -> Any:
    invocation = _alive(call)
    return call.server.world.message_json(
        await call.server.interactions.follow_up(invocation, call.form, call.body)
    )


@router.on("GET", WEBHOOK + "/messages/{message}", keyless=True)
async def get_answer(call: Call) -> Any:
    _, message = _owned(call)
    return call.server.world.message_json(message)


@router.on("PATCH", WEBHOOK + "/messages/{message}", keyless=True)
async def edit_answer(call: Call) -> Any:
    invocation, message = _owned(call)
    await call.server.messages.edit(message, call.form, call.body, limit_bytes=invocation.limit_bytes)
    return call.server.world.message_json(message)


@router.on("DELETE", WEBHOOK + "/messages/{message}", keyless=True)
async def delete_answer(call: Call) -> None:
    _, message = _owned(call)
    await call.server.messages.delete(message)


def _alive(call: Call) -> Invocation:
    if call.args["application"] != str(call.server.world.application_id):
        raise ApiError(10015)
    return call.server.interactions.alive(call.args["token"])


def _owned(call: Call) -> tuple[Invocation, Message]:
    _alive(call)
    return call.server.interactions.owned(call.args["token"], call.args["message"])

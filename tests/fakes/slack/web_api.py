"""The HTTP side: /api/METHOD, upload URLs, response_urls and file downloads."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aiohttp import web

from . import methods_chat, methods_conversations, methods_files, methods_views
from .args import Args, read_args
from .errors import ApiError
from .pipeline import Answer

if TYPE_CHECKING:
    from .server import SlackServer

__all__ = ["METHODS", "WebApi"]

Run = Callable[["SlackServer", Args], Awaitable[dict[str, Any]]]

# Words that only a mistake of the program can bring about. What depends on the workspace
# (not_in_channel, ratelimited, missing_scope ...) is an answer to handle, no violation.
MISUSE = {
    "invalid_blocks", "invalid_blocks_format", "invalid_arguments", "invalid_attachments", "too_many_attachments",
    "msg_too_long", "no_text", "missing_argument", "invalid_metadata_format", "metadata_too_large", "invalid_json",
    "json_not_object", "not_allowed_token_type", "invalid_trigger_id", "exchanged_trigger_id", "expired_trigger_id",
    "view_too_large", "push_limit_reached", "duplicate_external_id", "invalid_name", "alt_txt_too_large",
    "thread_not_found", "file_update_failed", "invalid_cursor", "invalid_limit",
}  # fmt: skip

DOCUMENTS = (".json", ".json.gz")  # files that are no pictures


@dataclass(frozen=True, kw_only=True)
class Method:
    """A method's handler, its scope where that is fixed, its tier, and the token it wants."""

    run: Run
    scope: str | None = None
    tier: int | None = 3
    kind: str = "bot"


async def _auth_test(slack: "SlackServer", args: Args) -> dict[str, Any]:
    world = slack.world
    return {
        "url": f"{slack.base}/",
        "team": world.team_name,
        "user": world.bot_name,
        "team_id": world.team_id,
        "user_id": world.bot_user,
        "bot_id": world.bot_id,
        "is_enterprise_install": False,
    }


async def _connections_open(slack: "SlackServer", args: Args) -> dict[str, Any]:
    slack.used.socket_mode = True
    return {"url": slack.sockets.ticket()}


_chat, _conv, _files, _views = methods_chat, methods_conversations, methods_files, methods_views
METHODS: dict[str, Method] = {
    "auth.test": Method(run=_auth_test, tier=None),
    "apps.connections.open": Method(run=_connections_open, scope="connections:write", tier=None, kind="app"),
    "chat.postMessage": Method(run=_chat.post_message, scope="chat:write"),
    "chat.update": Method(run=_chat.update, scope="chat:write"),
    "chat.delete": Method(run=_chat.delete, scope="chat:write"),
    "chat.postEphemeral": Method(run=_chat.post_ephemeral, scope="chat:write", tier=4),
    "chat.getPermalink": Method(run=_chat.permalink, tier=None),
    "conversations.open": Method(run=_conv.open_direct),
    "conversations.history": Method(run=_conv.history),
    "conversations.replies": Method(run=_conv.replies),
    "conversations.info": Method(run=_conv.info),
    "conversations.list": Method(run=_conv.listing, tier=2),
    "conversations.members": Method(run=_conv.members, tier=4),
    "views.open": Method(run=_views.open_view, tier=4),
    "views.update": Method(run=_views.update, tier=4),
    "views.push": Method(run=_views.push, tier=4),
    "views.publish": Method(run=_views.publish, tier=4),
    "usergroups.list": Method(run=_conv.usergroups, scope="usergroups:read", tier=2),
    "users.info": Method(run=_conv.users_info, scope="users:read", tier=4),
    "files.getUploadURLExternal": Method(run=_files.get_upload_url, scope="files:write", tier=4),
    "files.completeUploadExternal": Method(run=_files.complete_upload, scope="files:write", tier=4),
    "files.info": Method(run=_files.info, scope="files:read", tier=4),
    "files.delete": Method(run=_files.delete, scope="files:write"),
    "reactions.add": Method(run=_conv.react, scope="reactions:write"),
    "reactions.remove": Method(run=_conv.unreact, scope="reactions:write", tier=2),
    "reactions.get": Method(run=_conv.reactions_get, scope="reactions:read"),
    "team.info": Method(run=_conv.team_info, scope="team:read"),
    "bots.info": Method(run=_conv.bots_info, scope="users:read"),
}


class WebApi:
    """Routes of the server and the order in which a call is judged."""

    def __init__(self, slack: "SlackServer") -> None:
        self._slack = slack

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/api/{method}", self._api),
            web.post("/upload/v1/{ticket}", self._upload),
            web.post("/commands/{rest:.*}", self._respond),
            web.post("/actions/{rest:.*}", self._respond),
            web.get("/files-pri/{file}/{rest:.*}", self._download),
            web.get("/", self._sign_in),
        ]

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method, problem, raw = request.match_info["method"], None, {}
        try:
            raw = await read_args(request)
        except ApiError as refusal:
            problem = refusal
        header = request.headers.get("Authorization", "")
        token = header.removeprefix("Bearer ").strip() or raw.pop("token", None)
        if "token" in request.query:
            self._slack.violate("token_in_query", "tokens go into the Authorization header", method)
        call = self._slack.pipeline.new_call(method, raw, token)

        async def work() -> Answer:
            return await self._judged(method, Args(raw), token, problem)

        return await self._slack.pipeline.serve(request, call, work)

    async def _judged(self, name: str, args: Args, token: str | None, problem: ApiError | None) -> Answer:
        method = METHODS.get(name)
        headers = {"x-oauth-scopes": ",".join(sorted(self._slack.tokens.scopes))}
        try:
            if problem is not None:
                raise problem
            if method is None:
                return self._unknown(name)
            headers["x-accepted-oauth-scopes"] = method.scope or ""
            if method.kind == "app":
                headers["x-oauth-scopes"] = ",".join(sorted(self._slack.tokens.app_scopes))
            self._slack.tokens.authenticate(token, method.kind)
            if method.scope is not None:
                self._slack.tokens.need(method.scope, method.kind)
            wait_s = self._slack.limits.retry_after_s(name, method.tier, args.text("channel"))
            if wait_s is not None:
                headers["Retry-After"] = str(wait_s)
                return Answer(body={"ok": False, "error": "ratelimited"}, status=429, headers=headers)
            body = await method.run(self._slack, args)
        except ApiError as refusal:
            if refusal.error in MISUSE:
                self._slack.violate(refusal.error, str(refusal.extra or args.raw)[:2000], name)
            return Answer(body=refusal.body(), headers=headers)
        return Answer(body={"ok": True, **body}, headers=headers)

    def _unknown(self, name: str) -> Answer:
        self._slack.violate("unknown_method", name, name)
        return Answer(body={"ok": False, "error": "unknown_method", "req_method": name})

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        file = self._slack.files.by_ticket(request.match_info["ticket"])
        data = await _bytes(request)
        args = {"file": file.id if file else None, "size_bytes": len(data)}
        call = self._slack.pipeline.new_call("upload", args)

        async def work() -> Answer:
            if file is None:
                return Answer(body="unknown upload URL", status=404)
            if problem := self._slack.files.receive(file, data):
                self._slack.violate("bad_upload", problem, "upload")
                return Answer(body=problem, status=400)
            if file.format is None and not file.name.endswith(DOCUMENTS):
                self._slack.violate("bad_image", f"{file.name}: Pillow can't read these bytes", "upload")
            return Answer(body=f"OK - {len(data)}")

        return await self._slack.pipeline.serve(request, call, work)

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json() if request.can_read_body else {}
        except ValueError:
            self._slack.violate("invalid_payload", "a response_url takes JSON", "response_url")
            return web.Response(status=400, text="invalid_payload")
        call = self._slack.pipeline.new_call("response_url", dict(body))

        async def work() -> Answer:
            return await self._slack.response_urls.use(request.path, dict(body))

        return await self._slack.pipeline.serve(request, call, work)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """url_private: without the right token there is no 401, but a way to the page where people sign in."""
        ident = request.match_info["file"].rpartition("-")[2]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        call = self._slack.pipeline.new_call("download", {"file": ident}, token)

        async def work() -> Answer:
            file = self._slack.files.stored.get(ident)
            if file is None or file.deleted or file.data is None:
                return Answer(body="not found", status=404)
            if not self._opens(token) or not methods_files.may_read(self._slack, file):
                headers = {"Location": f"{self._slack.base}/?{urlencode({'redir': request.path})}"}
                return Answer(body="", status=302, headers=headers)
            return Answer(body=file.data, content_type=file.mimetype or "application/octet-stream")

        return await self._slack.pipeline.serve(request, call, work)

    def _opens(self, token: str) -> bool:
        try:
            self._slack.tokens.authenticate(token, "bot")
            self._slack.tokens.need("files:read")
        except ApiError:
            return False
        return True

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        """A page for people, with a 200, whoever asks."""
        call = self._slack.pipeline.new_call("sign_in", dict(request.query))

        async def work() -> Answer:
            page = "<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in</body></html>"
            return Answer(body=page, content_type="text/html")

        return await self._slack.pipeline.serve(request, call, work)


async def _bytes(request: web.Request) -> bytes:
    """Raw bytes, or the first file of a multipart form."""
    if request.content_type != "multipart/form-data":
        return await request.read()
    for field in (await request.post()).values():
        if isinstance(field, web.FileField):
            return field.file.read()
    return b""

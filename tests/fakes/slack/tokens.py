"""Who may call: the bot's and the app's token, their scopes, and the knobs that take them away."""

from .errors import ApiError
from .records import Used

__all__ = ["BOT_SCOPES", "Tokens"]

BOT_SCOPES = (
    "commands", "chat:write", "files:write", "files:read", "reactions:read",
    "app_mentions:read", "im:write", "im:history", "users:read",
)  # fmt: skip


class Tokens:
    """The installation: `state` is ok, revoked, inactive or uninstalled."""

    def __init__(self, used: Used, scopes: tuple[str, ...] = BOT_SCOPES) -> None:
        self.bot = "xoxb-1-2-EaselBotToken"
        self.app = "xapp-1-A0EASEL01-3-EaselAppToken"
        self.scopes = set(scopes)
        self.app_scopes = {"connections:write"}
        self.state = "ok"
        self._used = used

    def revoke(self) -> None:
        self.state = "revoked"

    def deactivate(self) -> None:
        self.state = "inactive"

    def restore(self) -> None:
        self.state = "ok"

    def authenticate(self, token: str | None, kind: str) -> None:
        if not token:
            raise ApiError("not_authed")
        if token not in (self.bot, self.app):
            raise ApiError("invalid_auth")
        if self.state == "revoked":
            raise ApiError("token_revoked")
        if self.state != "ok":
            raise ApiError("account_inactive")
        if token != (self.app if kind == "app" else self.bot):
            raise ApiError("not_allowed_token_type")

    def need(self, scope: str, kind: str = "bot") -> None:
        """Refuses when the scope is missing, and notes it for the manifest's check."""
        granted = self.app_scopes if kind == "app" else self.scopes
        if scope not in granted:
            self._used.denied_scopes.add(scope)
            raise ApiError("missing_scope", needed=scope, provided=",".join(sorted(granted)))
        if kind == "bot":
            self._used.scopes.add(scope)

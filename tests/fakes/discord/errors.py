"""Discord's refusals: HTTP status, JSON error code, and the error tree of an invalid form."""

from typing import Any

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
CODES: dict[int, tuple[int, str]] = {
    0: (401, "401: Unauthorized"),
    10002: (404, "Unknown Application"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10014: (400, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10029: (404, "Unknown entitlement"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    20016: (400, "This action cannot be performed due to slowmode rate limit"),
    20022: (429, "This message cannot be edited due to announcement rate limits"),
    20028: (429, "The channel you are writing has hit the write rate limit"),
    30046: (429, "Maximum number of edits to messages older than 1 hour reached"),
    40003: (429, "You are opening direct messages too fast"),
    110000: (503, "API resource is currently overloaded"),
    130000: (503, "API resource is currently overloaded. Try again a little later"),
    160005: (403, "Thread is locked"),
    200000: (400, "Message was blocked by automatic moderation"),
    200001: (400, "Title was blocked by automatic moderation"),
    240000: (400, "Message blocked by harmful links filter"),
    999999: (400, "Something that nobody has heard of"),
    30032: (400, "Maximum number of application commands reached (100)"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    40094: (400, "This interaction has reached the maximum number of follow up messages."),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50024: (400, "Cannot execute action on this channel type"),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160002: (403, "Cannot reply without permission to read message history"),
}


class ApiError(Exception):
    """What the server answers instead of doing the work."""

    def __init__(self, code: int, *, errors: dict[str, Any] | None = None, status: int | None = None) -> None:
        known_status, self.message = CODES[code]
        super().__init__(f"{code}: {self.message}")
        self.code = code
        self.status = status or known_status
        self.errors = errors
        # True where the world, and not the client, is at fault: no misuse.
        self.excused = False

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = self.errors
        return body


class Problems:
    """Collects what is wrong with a form, then raises one 50035 with the whole tree."""

    def __init__(self) -> None:
        self.tree: dict[str, Any] = {}

    def add(self, path: str, code: str, message: str) -> None:
        node = self.tree
        for part in path.split("."):
            node = node.setdefault(part, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def length(self, path: str, value: Any, most: int, least: int = 0, *, required: bool = False) -> None:
        if value is None:
            if required:
                self.required(path)
            return
        if not isinstance(value, str):
            self.add(path, "STRING_TYPE_CONVERT", "Could not interpret value as string.")
        elif not least <= len(value) <= most:
            said = (
                f"Must be {most} or fewer in length."
                if not least
                else f"Must be between {least} and {most} in length."
            )
            self.add(path, "BASE_TYPE_BAD_LENGTH" if least else "BASE_TYPE_MAX_LENGTH", said)

    def count(self, path: str, values: list[Any], most: int, least: int = 0) -> None:
        if not least <= len(values) <= most:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")

    def required(self, path: str) -> None:
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    def choice(self, path: str, value: Any, allowed: Any) -> None:
        if value not in allowed:
            self.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {sorted(allowed)}.")

    def whole(self, path: str, value: Any, least: int, most: int) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            self.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        elif not least <= value <= most:
            self.add(path, "NUMBER_TYPE_MAX", f"int value should be between {least} and {most}.")

    def check(self) -> None:
        if self.tree:
            raise ApiError(50035, errors=self.tree)

"""Block Kit's small objects: texts, options, confirmations, files, each with its limits.

Limits: https://docs.slack.dev/reference/block-kit/composition-objects. Slack words a breach
as `must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "Check",
    "Report",
    "Shape",
    "boolean",
    "confirm",
    "one_of",
    "options",
    "plain",
    "slack_file",
    "string",
    "text",
]


@dataclass
class Report:
    """The errors found so far, and what must be unique in the whole."""

    file_problem: Callable[[dict[str, Any]], str | None]
    errors: list[str] = field(default_factory=list)
    action_ids: set[str] = field(default_factory=set)
    block_ids: set[str] = field(default_factory=set)
    image_urls: list[tuple[str, str]] = field(default_factory=list)
    surface: str = "message"

    def error(self, message: str, at: str) -> None:
        self.errors.append(f"{message} [json-pointer:{at}]")


Check = Callable[[Report, Any, str], None]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The fields that an object may and must have; Slack refuses any other."""

    fields: dict[str, Check]
    required: tuple[str, ...] = ()
    rule: Check | None = None

    def __call__(self, report: Report, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            report.error("must be an object", at)
            return
        for name in self.required:
            if value.get(name) is None:
                report.error(f"missing required field: {name}", at)
        for name, item in value.items():
            if name == "type" and name not in self.fields:
                continue
            if name not in self.fields:
                report.error(f"invalid additional property: {name}", at)
            elif item is None:
                report.error("must provide a non-null value", f"{at}/{name}")
            else:
                self.fields[name](report, item, f"{at}/{name}")
        if self.rule is not None:
            self.rule(report, value, at)


def string(most: int, *, least: int = 1) -> Check:
    def check(report: Report, value: Any, at: str) -> None:
        if not isinstance(value, str):
            report.error("must be a string", at)
        elif len(value) > most:
            report.error(f"must be less than {most + 1} characters", at)
        elif len(value) < least:
            report.error(f"must be more than {least - 1} characters", at)

    return check


def boolean(report: Report, value: Any, at: str) -> None:
    if not isinstance(value, bool):
        report.error("must be a boolean", at)


def integer(least: int, most: int) -> Check:
    def check(report: Report, value: Any, at: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            report.error(f"must be an integer between {least} and {most}", at)

    return check


def one_of(*words: str) -> Check:
    def check(report: Report, value: Any, at: str) -> None:
        if value not in words:
            report.error(f"must be one of {', '.join(words)}", at)

    return check


def anything(report: Report, value: Any, at: str) -> None:
    """Fields whose inside this server does not judge."""


def items(check: Check, least: int, most: int) -> Check:
    def judge(report: Report, value: Any, at: str) -> None:
        if not isinstance(value, list):
            report.error("must be an array", at)
            return
        if len(value) < least:
            report.error(f"no fewer than {least} items required", at)
        if len(value) > most:
            report.error(f"no more than {most} items allowed", at)
        for i, item in enumerate(value):
            check(report, item, f"{at}/{i}")

    return judge


def text(most: int = 3000, *, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> Check:
    shape = Shape(
        required=("type", "text"),
        fields={"type": one_of(*kinds), "text": string(most), "emoji": boolean, "verbatim": boolean},
    )

    def check(report: Report, value: Any, at: str) -> None:
        shape(report, value, at)
        if isinstance(value, dict) and value.get("type") == "mrkdwn" and "emoji" in value:
            report.error("invalid additional property: emoji", at)
        if isinstance(value, dict) and value.get("type") == "plain_text" and "verbatim" in value:
            report.error("invalid additional property: verbatim", at)

    return check


def plain(most: int) -> Check:
    return text(most, kinds=("plain_text",))


# Slack words the option's value as "must be less than 151 characters".
_OPTION_VALUE = 150
confirm = Shape(
    required=("title", "text", "confirm", "deny"),
    fields={
        "title": plain(100),
        "text": text(300),
        "confirm": plain(30),
        "deny": plain(30),
        "style": one_of("primary", "danger"),
    },
)


def option(*, url: bool = False, mrkdwn: bool = False) -> Shape:
    words = text(75) if mrkdwn else plain(75)
    fields = {"text": words, "value": string(_OPTION_VALUE), "description": text(75) if mrkdwn else plain(75)}
    return Shape(required=("text", "value"), fields=fields | ({"url": string(3000)} if url else {}))


def options(least: int, most: int, *, url: bool = False, mrkdwn: bool = False) -> Check:
    return items(option(url=url, mrkdwn=mrkdwn), least, most)


option_groups = items(
    Shape(required=("label", "options"), fields={"label": plain(75), "options": options(1, 100)}), 1, 100
)


def image_url(report: Report, value: Any, at: str) -> None:
    string(3000)(report, value, at)
    if not str(value).startswith(("http://", "https://")):
        report.error("invalid image url", at)
    else:
        report.image_urls.append((value, at))


def slack_file(report: Report, value: Any, at: str) -> None:
    Shape(fields={"id": string(255), "url": string(3000)})(report, value, at)
    if not isinstance(value, dict) or len({"id", "url"} & set(value)) != 1:
        report.error("must have exactly one of id and url", at)
    elif problem := report.file_problem(value):
        report.error(f"invalid slack file ({problem})", at)


def one_picture(report: Report, value: Any, at: str) -> None:
    if ("image_url" in value) == ("slack_file" in value):
        report.error("must have exactly one of image_url and slack_file", at)

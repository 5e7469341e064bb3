"""The one table of what Slack can answer instead of doing it: code -> the obstacle, and so what is done."""

from dataclasses import dataclass
from enum import StrEnum

from bot.errors import ShowFailure
from bot.ways import Step

RATE_LIMITED, NO_ANSWER, UNREADABLE = "ratelimited", "no_answer", "unreadable"
UPLOAD_FAILED, NOT_PROCESSED = "upload_failed", "not_processed"


class Obstacle(StrEnum):
    """What stands in the way, by what is done about it."""

    PASSING = "passing"  # the same again, later
    BLOCKS = "blocks"  # a plainer face
    FROZEN = "frozen"  # this message can't be edited: a new one
    REMOVED = "removed"  # people took the message away
    THREAD = "thread"  # the thread is closed, the channel may be open
    PLACE = "place"  # the channel is closed to us, a direct message may be open
    PERSON = "person"  # the direct message is closed
    TOKEN = "token"  # noqa: S105 - nothing is open until the operator has acted
    FILES = "files"  # pictures as files are not taken here
    UNKNOWN = "unknown"  # a word that stands in no row: another way is tried, and it is logged


CODES: dict[Obstacle, tuple[str, ...]] = {
    Obstacle.PASSING: (
        RATE_LIMITED, "rate_limited", NO_ANSWER, UNREADABLE, UPLOAD_FAILED, NOT_PROCESSED, "internal_error",
        "fatal_error", "service_unavailable", "request_timeout", "message_limit_exceeded", "team_added_to_org",
        "external_channel_migrating", "file_not_found", "slack_file_not_found", "accesslimited",
    ),
    Obstacle.BLOCKS: (
        "invalid_blocks", "invalid_blocks_format", "block_mismatch", "invalid_arguments", "msg_blocks_too_long",
        "msg_too_long", "invalid_attachments",
    ),
    Obstacle.FROZEN: ("edit_window_closed", "cant_update_message", "update_failed"),
    Obstacle.REMOVED: ("message_not_found",),
    Obstacle.THREAD: ("thread_not_found", "cannot_reply_to_message", "thread_locked"),
    Obstacle.PLACE: (
        "not_in_channel", "channel_not_found", "is_archived", "is_inactive", "restricted_action", "no_permission",
        "team_access_not_granted", "access_denied", "ekm_access_denied", "channel_is_limited_access",
        "method_not_supported_for_channel_type",
    ),
    Obstacle.PERSON: (
        "messages_tab_disabled", "cannot_dm_bot", "user_disabled", "user_not_found", "user_not_visible",
    ),
    Obstacle.TOKEN: (
        "token_revoked", "account_inactive", "invalid_auth", "not_authed", "token_expired", "missing_scope",
        "not_allowed_token_type", "org_login_required", "two_factor_setup_required",
    ),
    Obstacle.FILES: (
        "file_uploads_disabled", "storage_limit_reached", "file_upload_size_restricted", "file_type_not_allowed",
        "file_uploads_except_images_disabled",
    ),
}  # fmt: skip
TABLE = {code: obstacle for obstacle, codes in CODES.items() for code in codes}
WRONG_TOKEN = frozenset(CODES[Obstacle.TOKEN]) - {"missing_scope", "org_login_required"}
# A bot's token says this of a workspace that is gone or has removed the app; one that was renewed says otherwise.
REMOVED_US = "account_inactive"

# What people are told when the first post is refused, by the name of its sentence.
SENTENCES = {
    "not_in_channel": "invite-me",
    "channel_not_found": "invite-me",
    **dict.fromkeys(CODES[Obstacle.PERSON], "slack-no-direct"),
}
SENTENCE = "slack-restricted"


@dataclass(frozen=True, slots=True)
class ObstacleRule:
    """What is done about an obstacle: whether another place is tried, what delivery is told where none is left."""

    step: Step
    kind: ShowFailure
    before: str  # painting: of the first post
    after: str  # the picture is there


_LATER, _CLOSED = ShowFailure.LATER, ShowFailure.FORBIDDEN
_TOLD_WHY = "called off, and why is said privately"
RULES = {
    Obstacle.PASSING: ObstacleRule(Step.STOP, _LATER, "tried again, in turn", "tried again, in turn"),
    Obstacle.BLOCKS: ObstacleRule(Step.STOP, _LATER, "posted as plain text", "shown plainly, and the picture put in later"),
    Obstacle.FROZEN: ObstacleRule(Step.AWAY, _CLOSED, "(only edits)", "posted anew in the same place"),
    Obstacle.REMOVED: ObstacleRule(
        Step.AWAY, _CLOSED, "(only edits)", "a picture that nobody has seen is sent by direct message; nothing more otherwise"
    ),
    Obstacle.THREAD: ObstacleRule(
        Step.NEXT, _CLOSED, "posted in the channel", "posted in the channel, else by direct message"
    ),
    Obstacle.PLACE: ObstacleRule(Step.AWAY, _CLOSED, _TOLD_WHY, "sent by direct message, else the credits go back"),
    Obstacle.PERSON: ObstacleRule(Step.AWAY, _CLOSED, _TOLD_WHY, "the credits go back"),
    Obstacle.TOKEN: ObstacleRule(Step.STOP, _CLOSED, "called off", "the credits go back"),
    Obstacle.FILES: ObstacleRule(Step.STOP, _CLOSED, "(only files)", "words and **Original** instead of the picture"),
    Obstacle.UNKNOWN: ObstacleRule(
        Step.NEXT, _CLOSED, "tried once more, then called off", "anew in the same place, then by direct message"
    ),
}  # fmt: skip

assert RULES.keys() == set(Obstacle), "each obstacle has its rule"


def of(code: str) -> Obstacle:
    """What a word of Slack's means; families count by their beginning."""
    if code.startswith("restricted_action"):
        return Obstacle.PLACE
    return TABLE.get(code, Obstacle.UNKNOWN)


def sentence_of(code: str) -> str:
    """The name of the sentence that says why nothing could be posted."""
    return SENTENCES.get(code, SENTENCE)

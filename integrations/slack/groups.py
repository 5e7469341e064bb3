"""User groups of the workspace: who is in which, asked of Slack once in a while for all of them together."""

import re
from collections.abc import Collection, Iterable, Mapping

import structlog

from bot.abilities import only_one
from bot.process.recent import Lookups
from integrations.slack._wire import Api, SlackFault

log = structlog.get_logger()

RIGHT = "usergroups:read"
_EVERY = "every"  # all groups are one answer
_KNOWN_S, _UNKNOWN_S, _GOOD_FOR_S = 600.0, 600.0, 3600.0
_WAIT_S, _ASK_S = 1.0, 5.0
_ID = re.compile(r"S[A-Z0-9]{7,}")

Groups = Mapping[str, tuple[str, frozenset[str]]]  # a group's id -> its handle, and who is in it


class UserGroups:
    """Knows them where our token may; nobody is in any, where it may not."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._told = Lookups[str, Groups](
            self._ask, most=1, wait_s=_WAIT_S, again_s=_KNOWN_S, unknown_s=_UNKNOWN_S, good_for_s=_GOOD_FOR_S
        )

    async def of(self, user: str) -> frozenset[str]:
        """The ids of the groups that a member is in."""
        groups = await self._told.of(_EVERY) or {}
        return frozenset(group for group, (_, users) in groups.items() if user in users)

    async def find(self, typed: str) -> str | None:
        """The id of a group by what a moderator wrote; None where there is none."""
        name = typed.strip().lstrip("@")
        if _ID.fullmatch(name):
            return name
        groups = await self._told.of(_EVERY) or {}
        found = [group for group, (handle, _) in groups.items() if handle == name.casefold()]
        return only_one(found)

    async def with_handles(self, lines: Iterable[str], ids: Collection[str]) -> list[str]:
        """Lines with the handles of groups in place of their ids: a mention would call all who are in one."""
        told = list(lines)
        for group, (handle, _) in (await self._told.of(_EVERY) or {}).items() if ids else ():
            if group in ids and handle:
                told = [line.replace(group, f"@{handle}") for line in told]
        return told

    async def aclose(self) -> None:
        await self._told.aclose()

    async def _ask(self, _: str) -> Groups | None:
        if not self._api.may(RIGHT):
            return None
        try:
            answer = await self._api.patiently("usergroups.list", within_s=_ASK_S, include_users=True)
        except SlackFault as fault:
            log.info("the user groups could not be asked", problem=str(fault))
            return None
        return {
            str(one["id"]): (str(one.get("handle") or "").casefold(), frozenset(one.get("users") or ()))
            for one in answer.get("usergroups") or []
        }

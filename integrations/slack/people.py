"""Who somebody is and which channels there are: asked of Slack once in a while, and never waited for long."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from bot.ports import Address, Place, Requester
from bot.process.recent import Lookups
from bot.talk.deeds import Origin
from integrations.slack._wire import Api, SlackFault
from integrations.slack.failures import NO_ANSWER
from integrations.slack.groups import UserGroups
from integrations.slack.places import Channels

log = structlog.get_logger()

SURFACE = "slack"
_KNOWN_S = 600.0
_UNKNOWN_S = 5.0
_ASKED_AGAIN_S = (0.0, _UNKNOWN_S + 1, 2 * _UNKNOWN_S)  # sooner, nobody is asked
_WAIT_S = 1.0  # an order waits no longer for a name
_GOOD_FOR_S = 3600.0  # while Slack can't be asked
_ASK_S = 5.0
_MOST = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """The installation that our token belongs to."""

    team: str
    bot_user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member as users.info tells it."""

    name: str = ""
    team: str = ""
    admin: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who did something, and the ways by which an answer can come."""

    who: Requester
    where: Mapping[str, str]  # an address: channel, user, thread, url, asked
    trigger: str = ""  # opens a form, within 3 s
    view: Mapping[str, Any] | None = None  # the form in which it happened
    rights_known: bool = True  # whether Slack has told lately if this is an admin
    language: str = ""  # that is spoken where it happened

    @property
    def user(self) -> str:
        """Slack's own id of the person."""
        return self.where["user"]

    @property
    def channel(self) -> str:
        """Empty where there is none: in the home, and for the global shortcut."""
        return self.where.get("channel", "")

    def by(self, key: str) -> Origin:
        """The beginning of a deed."""
        address = Address(surface=SURFACE, data=dict(self.where))
        place = Place(address=address, channel=self.channel, language=self.language)
        return Origin(who=self.who, place=place, key=key)


class Members:
    """Slack's members as requesters."""

    def __init__(
        self,
        api: Api,
        *,
        here: Callable[[], Awaitable[Workspace]],
        admins: tuple[str, ...],
        groups: UserGroups,
        places: Channels,
    ) -> None:
        self._api = api
        self._places = places
        self._groups = groups
        self._here = here
        self._admins = frozenset(admins)
        self._members = Lookups[str, Member](
            self._ask,
            most=_MOST,
            wait_s=_WAIT_S,
            again_s=_KNOWN_S,
            unknown_s=_UNKNOWN_S,
            good_for_s=_GOOD_FOR_S,
        )

    async def caller(
        self,
        user: str,
        *,
        team: str = "",
        name: str = "",
        trigger: str = "",
        view: Mapping[str, Any] | None = None,
        **where: str,
    ) -> Caller:
        """The person behind an event; `where` is what it tells of channel, thread and response_url."""
        (who, rights_known), spoken = await asyncio.gather(
            self._requester(user, team=team, name=name), self._places.language(where.get("channel", ""))
        )
        known = {part: value for part, value in where.items() if value}
        address = {**known, "user": user, "asked": f"{time.time():.0f}"}
        return Caller(
            who=who,
            where=address,
            trigger=trigger,
            view=view,
            rights_known=rights_known,
            # A direct message is one person's: what stands there is in theirs.
            language=who.language if address.get("channel", "D").startswith("D") else spoken,
        )

    async def caller_patiently(self, user: str, *, team: str, channel: str, thread: str) -> Caller | None:
        """Somebody who can hardly be told to do it again; None where Slack doesn't tell in some twenty seconds who that is."""
        for pause_s in _ASKED_AGAIN_S:
            await asyncio.sleep(pause_s)
            with contextlib.suppress(SlackFault):
                return await self.caller(user, team=team, channel=channel, thread=thread)
        return None

    async def is_of_us(self, reaction: Mapping[str, Any]) -> bool:
        """Whether somebody else reacted on a message of ours."""
        us = (await self._here()).bot_user
        return reaction["user"] != us and reaction.get("item_user") in (us, None)

    async def requester(self, user: str) -> Requester:
        """One person of the workspace; guests of shared channels are keyed by their own team. Raises SlackFault."""
        return (await self._requester(user))[0]

    async def _requester(self, user: str, *, team: str = "", name: str = "") -> tuple[Requester, bool]:
        """Purse and rules hang on what the event carries; what is asked of Slack adds a name and rights."""
        here = await self._here()
        member = await self._members.of(user)
        home = team or (member.team if member else "")
        if not home:
            raise SlackFault(NO_ANSWER, detail=f"whose workspace {user} is of is not known")
        person = member or Member()
        ours = home == here.team
        named_admin = bool({user, f"{home}:{user}"} & self._admins)
        who = Requester(
            surface=SURFACE,
            community=here.team,
            user=user if ours else f"{home}:{user}",
            name=person.name or name or user,
            roles=await self._groups.of(user) if ours else frozenset(),
            # An admin of another workspace is a guest here, whatever it is at home.
            moderator=(ours and person.admin) or named_admin,
            language=person.language,
        )
        return who, member is not None or named_admin

    async def aclose(self) -> None:
        await self._members.aclose()

    async def _ask(self, user: str) -> Member | None:
        try:
            answer = await self._api.patiently("users.info", within_s=_ASK_S, user=user, include_locale=True)
        except SlackFault as fault:
            log.warning("who somebody is could not be asked", user=user, problem=str(fault))
            return None
        return _member(answer.get("user") or {})


def _member(found: Mapping[str, Any]) -> Member:
    profile = found.get("profile") or {}
    return Member(
        name=profile.get("display_name") or found.get("real_name") or found.get("name") or "",
        team=found.get("team_id") or "",
        admin=bool(found.get("is_admin") or found.get("is_owner") or found.get("is_primary_owner")),
        language=found.get("locale") or "",
    )

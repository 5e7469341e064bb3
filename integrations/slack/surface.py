"""The surface `slack`: listens over Socket Mode or HTTP, and shows cards."""

import asyncio
import hashlib

import structlog

from bot.abilities import Directory, Lender, Linked, Loan, Named, Reaches, Rooms
from bot.errors import ConfigError, StoreBusy
from bot.ports import Address, Card, Handle, Requester
from bot.process.background import end
from bot.talk.receipt import Receipt
from bot.tools import Tools
from bot.ways import troubles
from integrations.slack import deliveries, failures
from integrations.slack._pictures import PictureUploads
from integrations.slack._private import Private
from integrations.slack._socket import listen
from integrations.slack._text import person_in
from integrations.slack._wire import Api, SlackFault
from integrations.slack.answers import Answers
from integrations.slack.dispatch import Dispatch, bolt_app
from integrations.slack.groups import UserGroups
from integrations.slack.hearing import Hearing, Payload
from integrations.slack.home import Home
from integrations.slack.lending import Lending
from integrations.slack.meant import Meant
from integrations.slack.messages import Messages, channel_and_ts, key_at
from integrations.slack.people import SURFACE, Members, Workspace
from integrations.slack.places import Channels
from integrations.slack.settings import SlackSettings

log = structlog.get_logger()

_ASK_EVERY_S = 3_600.0
_LINK_S = 4.0


def open_surface(settings: SlackSettings, tools: Tools) -> "Slack":
    """Makes the surface; called inside the running event loop."""
    return Slack(settings, tools)


class Slack(Reaches, Lender, Directory, Rooms, Linked):
    """One workspace."""

    name = SURFACE

    def __init__(self, settings: SlackSettings, tools: Tools) -> None:
        self._settings = settings
        # Under this mark a workspace is found again when Slack doesn't tell its name any more.
        self._mark = hashlib.sha256(settings.bot_token.get_secret_value().encode()).hexdigest()[:16]
        self._upkeep = tools.upkeep
        self._studio = tools.studio
        self._residence = tools.residence
        self._api = api = Api(settings)
        self._workspace: asyncio.Task[Workspace] | None = None
        self._groups = UserGroups(api)
        self._places = Channels(api)
        self._people = Members(
            api, here=self._here, admins=settings.admins, groups=self._groups, places=self._places
        )
        self._lending = Lending(api, settings)
        self._private = private = Private(api)
        uploads = PictureUploads(api, tools.gallery)
        self._messages = Messages(
            api, uploads=uploads, private=private, gallery=tools.gallery, words=tools.words
        )
        self._home = Home(api, tools, people=self._people, uploads=uploads)
        answers = Answers(
            api, tools, private=private, messages=self._messages, uploads=uploads, groups=self._groups
        )
        meant = Meant(api, tools.talk)
        hearing = Hearing(
            talk=tools.talk, people=self._people, answers=answers, meant=meant, changed=self._home.changed
        )
        others = {
            "app_uninstalled": self._uninstalled,
            "channel_unarchive": self._reopened,
            "group_unarchive": self._reopened,
        }
        self._dispatch = Dispatch(tools.words)
        self._app = bolt_app(
            self._dispatch, hearing=hearing, home=self._home, others=others, client=api.client(None)
        )
        if settings.mode == "http":
            secret = settings.signing_secret.get_secret_value()
            tools.mounts.append(deliveries.route(self._app, secret))

    # ── The port ─────────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Listens until cancelled. Raises ConfigError for a token that Slack doesn't know."""
        here = await self._greet()
        self._tell_trouble("")
        log.info("slack knows us", team=here.team, mode=self._settings.mode)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch(), name="slack-watch")
            if self._settings.mode == "socket":
                token = self._settings.app_token.get_secret_value()
                await listen(self._app, token=token, tell=self._tell_trouble)

    def _tell_trouble(self, trouble: str) -> None:
        """Whether people can be heard, for whoever keeps the surfaces."""
        self._upkeep.tell(self.name, trouble)

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        """Makes the message say what the card says."""
        shown = await self._messages.show(card, address, handle)
        self._home.changed(address.data.get("user", ""))
        return shown

    async def tell(self, address: Address, text: str) -> None:
        """Says a sentence to one person alone. Raises SurfaceError."""
        with troubles():
            await self._private.reach(address.data, text)

    def person(self, community: str, user: str) -> Address:
        """Somebody, by a direct message; guests of shared channels are known by their id alone."""
        del community
        return Address(surface=SURFACE, data={"user": user.rpartition(":")[2]})

    async def say_in(self, room: Address, user: str, text: str) -> None:
        """In the channel, to be seen by that person alone. Raises SurfaceError."""
        there = {name: room.data[name] for name in ("channel", "thread") if room.data.get(name)}
        await self.tell(Address(surface=SURFACE, data={**there, "user": user.rpartition(":")[2]}), text)

    async def find(self, who: Requester, kind: Named, typed: str) -> str | None:
        """The id of a channel, a user group or a member, None where there is none. Raises SurfaceError."""
        match kind:
            case Named.ROLE:
                return await self._groups.find(typed)
            case Named.PERSON:
                return person_in(typed) or None
            case Named.CHANNEL:
                with troubles():
                    here = await self._here()
                    return await self._places.channel(typed) if who.community == here.team else None

    def room(self, community: str, channel: str, *, at: float) -> Address | None:
        """A channel of the workspace that Easel was invited to."""
        del community
        return Address(surface=SURFACE, data={"channel": channel, "asked": f"{at:.0f}"}) if channel else None

    async def owner(self, community: str) -> Address | None:
        """The first whom the operator has named: Slack tells nobody who owns a workspace without asking for all."""
        del community
        user = next(iter(self._settings.admins), "")
        return Address(surface=SURFACE, data={"user": user}) if user else None

    async def link(self, address: Address, handle: Handle) -> str:
        """Where a message stands. Raises SurfaceError."""
        del address
        channel, ts = channel_and_ts(handle.key)
        if not ts:
            return ""
        with troubles():
            answer = await self._api.once(
                "chat.getPermalink", within_s=_LINK_S, channel=channel, message_ts=ts
            )
        return str(answer["permalink"])

    message_at = staticmethod(key_at)

    async def lend(self, ref: str) -> Loan:
        """Where a file of Slack's can be fetched now. Raises NotThere and SurfaceError."""
        return await self._lending.lend(ref)

    def recognise(self, url: str) -> str:  # noqa: ARG002 - the port's
        """None: whoever types the address of a file need not be one who may see it, though we can."""
        return ""

    async def aclose(self) -> None:
        await self._dispatch.aclose()
        await self._home.aclose()
        await self._people.aclose()
        await self._groups.aclose()
        await self._places.aclose()
        if self._workspace is not None:
            await end([self._workspace])
        await self._api.aclose()

    # ── Who we are ───────────────────────────────────────────────────────────────────────────────────

    async def _here(self) -> Workspace:
        """The workspace of our token; all who ask at once share one call. Raises SlackFault."""
        task = self._workspace
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._workspace = asyncio.create_task(self._ask_who(), name="slack-auth")
        return await asyncio.shield(task)

    async def _ask_who(self) -> Workspace:
        try:
            answer = await self._api.patiently("auth.test")
        except SlackFault as fault:
            if fault.error == failures.REMOVED_US:
                team = await self._residence.left_by(SURFACE, self._mark)
                log.warning("Easel was removed from the workspace", team=team or "not known")
            raise
        return Workspace(team=str(answer["team_id"]), bot_user=str(answer["user_id"]))

    async def _greet(self) -> Workspace:
        """Raises ConfigError for a token that Slack doesn't know, SurfaceError where it can't be asked now."""
        with troubles():
            try:
                here = await self._here()
            except SlackFault as fault:
                if fault.error in failures.WRONG_TOKEN:
                    raise ConfigError(f"[slack] bot_token: Slack says {fault.error}") from fault
                raise
        await self._residence.joined(SURFACE, here.team, mark=self._mark)
        return here

    async def _watch(self) -> None:
        """That we were removed, or let in again, may be told while nobody listens."""
        troubled = False
        while True:
            await asyncio.sleep(_ASK_EVERY_S)
            try:
                here = await self._ask_who()
                await self._residence.joined(SURFACE, here.team, mark=self._mark)
            except (SlackFault, StoreBusy) as error:
                troubled = True
                self._tell_trouble(str(error))
            else:
                if troubled:
                    self._tell_trouble("")
                troubled = False

    async def _reopened(self, _: Payload, _receipt: Receipt) -> None:
        await self._studio.try_again(SURFACE)

    async def _uninstalled(self, body: Payload, _: Receipt) -> None:
        """Only the removal itself counts: tokens are revoked also by who makes new ones."""
        team = (await self._here()).team
        if body.get("team_id") == team:
            log.warning("Easel was removed from the workspace", team=team)
            await self._residence.left(SURFACE, team)

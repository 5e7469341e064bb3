"""What people ask about themselves: credits, history, models, defaults, forgetting, help; and moderators' lines."""

import asyncio
import re
from dataclasses import replace

from bot.community import quotas
from bot.credits.purchases import Purchases
from bot.credits.vouchers import Vouchers
from bot.errors import BadPrompt, NotAllowed, TooFast
from bot.given.keepsakes import Keepsakes
from bot.order.defaults import read_defaults
from bot.ports import Gallery, Requester
from bot.staff.desk import Desk
from bot.staff.handling import Handling
from bot.staff.rulemaking import Rulemaking
from bot.studio.export import packed
from bot.studio.studio import Studio
from bot.talk import reports
from bot.talk.admin_text import AdminText
from bot.talk.answers import Answer, Document, Lines, Note, Originals, Turn, originals_of
from bot.talk.buying import Buying
from bot.talk.deeds import CONFIRMED, Asked, Topic, begun
from bot.talk.finding import HistorySearch
from bot.talk.forms import Forms
from bot.talk.verbs import OWN_BY_WORD
from bot.words.words import Words

HISTORY_SHOWN = 24
_DIGITS_MAX = 12
_RENAME = re.compile(r"\s*(?P<old>\S.*?)\s+(?:to|as|=|->|→)\s+(?P<new>\S.*)")
MOVEMENTS_SHOWN = 8
MYDATA_EVERY_S, MYDATA_ROWS_MAX, MYDATA_MOST_BYTES = 30.0, 50_000, 7_000_000


class Own:
    """Answers one question a topic."""

    def __init__(  # noqa: PLR0913 - the rooms it works with
        self,
        *,
        studio: Studio,
        desk: Desk,
        rulemaking: Rulemaking,
        handling: Handling,
        keepsakes: Keepsakes,
        vouchers: Vouchers,
        purchases: Purchases,
        forms: Forms,
        gallery: Gallery,
        words: Words,
    ) -> None:
        self._studio = studio
        self._keepsakes = keepsakes
        self._vouchers = vouchers
        self._buying = Buying(purchases, words)
        self._desk = desk
        self._admin = AdminText(desk, rulemaking, words)
        self._handling = handling
        self._forms = forms
        self._gallery = gallery
        self._words = words
        self._finding = HistorySearch(studio, words)

    async def answer(self, deed: Asked) -> Answer:  # noqa: C901, PLR0911, PLR0912 - one arm a topic, and none can be forgotten
        """Raises a Refusal."""
        match deed.topic:
            case Topic.CREDITS:
                return await self._credits(deed.who)
            case Topic.HISTORY:
                return await self._finding.history(deed.who, deed.text or deed.values.get("words", ""))
            case Topic.SHOW:
                return await self._show(deed)
            case Topic.FAVOURITES:
                return await self._favourites(deed)
            case Topic.REDEEM:
                return await self._redeem(deed)
            case Topic.GIFT:
                return await self._gift(deed)
            case Topic.BUY:
                return await self._buying.answer(deed)
            case Topic.MODELS:
                return await self._models(deed)
            case Topic.DEFAULTS:
                return await self._defaults(deed)
            case Topic.MYDATA:
                return await self._my_data(deed.who)
            case Topic.FORGET:
                return await self._forget(deed)
            case Topic.HELP:
                lines = tuple(self._say(deed.who, "help-text").splitlines())
                return Lines(topic=Topic.HELP, lines=lines)
            case Topic.ADMIN:
                return await self._line_of_a_moderator(deed)
            case Topic.CREATE:
                return await self._form(deed)

    async def _form(self, deed: Asked) -> Answer:
        if not deed.text and not deed.values:  # one that opens, and none that follows its model
            await self._studio.assert_may_ask(deed.who, deed.place)
        return await self._forms.again(deed, deed.values, begun(deed.text))

    async def _credits(self, who: Requester) -> Lines:
        arrived = await self._buying.arrived(who)
        purse = await self._studio.credits(who, movements=MOVEMENTS_SHOWN)
        answer = reports.credits_answer(purse, self._words, who.language)
        return replace(answer, lines=(arrived, *answer.lines)) if arrived else answer

    async def _show(self, deed: Asked) -> Originals:
        """A picture of ours again: all that its message says, with its buttons. Raises NotThere."""
        job, index = await self._finding.named(deed.who, deed.text or deed.values.get("job", ""))
        return originals_of(
            job, self._gallery, index=index, to_look=True, card=await self._finding.card(deed.who, job)
        )

    async def _favourites(self, deed: Asked) -> Answer:
        """All that one keeps; `rename OLD to NEW` and `remove NAME` change it."""
        who = deed.who
        verb, _, rest = deed.text.strip().partition(" ")
        if renamed := _RENAME.fullmatch(rest) if verb.casefold() == "rename" else None:
            kept = await self._keepsakes.rename(who, renamed["old"], renamed["new"])
            return Note(text=self._say(who, "favourite-kept", name=kept.name))
        if verb.casefold() == "remove" and rest.strip():
            kept = await self._keepsakes.drop(who, rest)
            return Note(text=self._say(who, "favourite-dropped", name=kept.name))
        found = (await self._keepsakes.of(who))[:HISTORY_SHOWN]
        return Lines(
            topic=Topic.FAVOURITES,
            title=self._say(who, "favourites-title"),
            lines=tuple(reports.favourite_lines(found, self._words, who.language)),
            pictures=tuple({one.job.id: one.job for one in found}.values()),
            how=self._say(who, "favourites-how"),
        )

    async def _redeem(self, deed: Asked) -> Note:
        typed = deed.text.strip() or deed.values.get("code", "")
        if not typed:
            raise BadPrompt("admin-usage", usage=f"/easel {OWN_BY_WORD['redeem'].example}")
        got = await self._vouchers.redeem(deed.who, typed)
        name = "code-again" if got.again else "code-redeemed"
        left = (await self._studio.credits(deed.who)).balance.available
        return Note(text=self._say(deed.who, name, amount=got.credits, until=got.lapses_at, available=left))

    async def _gift(self, deed: Asked) -> Note:
        """To whom, how many, and a word with it."""
        words = deed.text.split()
        amount = words[1].replace(",", "") if len(words) > 1 else ""
        if not amount.isdecimal() or len(amount) > _DIGITS_MAX:
            raise BadPrompt("admin-usage", usage=f"/easel {OWN_BY_WORD['gift'].example}")
        to = deed.people.get(words[0])
        if to is None:
            raise BadPrompt("admin-person-unknown", value=words[0])
        memo = " ".join(words[2:])
        await self._vouchers.give(deed.who, to, int(amount), memo=memo, key=deed.key, room=deed.place.address)
        left = (await self._studio.credits(deed.who)).balance.available
        return Note(
            text=self._say(
                deed.who, "gift-given", amount=int(amount), name=to.name or to.user, available=left
            )
        )

    async def _models(self, deed: Asked) -> Lines:
        """Those that one may use where one asks."""
        offers = await self._studio.models(deed.who, deed.place)
        return reports.models_answer(offers, self._words, deed.who.language)

    async def _defaults(self, deed: Asked) -> Lines:
        who = deed.who
        changes = _changes(deed)
        now = await (self._studio.set_defaults(who, changes) if changes else self._studio.defaults(who))
        lines = []
        if changes:
            lines.append(self._say(who, "defaults-saved" if now else "defaults-cleared"))
        elif not now:
            lines.append(self._say(who, "defaults-none"))
        return Lines(
            topic=Topic.DEFAULTS,
            title=self._say(who, "defaults-title"),
            lines=tuple(lines),
            rows=tuple(reports.defaults_rows(now, self._words, who.language)),
            how=self._say(who, "defaults-how"),
        )

    async def _my_data(self, who: Requester) -> Document:
        """Once in a while: it reads all that there is."""
        if not await self._studio.mark_seen(f"mydata:{quotas.person_key(who)}", again_after_s=MYDATA_EVERY_S):
            raise TooFast(seconds=round(MYDATA_EVERY_S))
        found = await self._desk.export(who, rows_max=MYDATA_ROWS_MAX)
        name, media_type, data = await asyncio.to_thread(packed, found)
        if len(data) > MYDATA_MOST_BYTES:
            raise NotAllowed("mydata-too-much")
        return Document(name=name, media_type=media_type, data=data, text=self._say(who, "mydata-here"))

    async def _forget(self, deed: Asked) -> Answer:
        if deed.text.strip().casefold() != CONFIRMED:
            return Lines(
                topic=Topic.FORGET,
                lines=(self._say(deed.who, "forget-ask"),),
                confirm=Turn(topic=Topic.FORGET, label=self._say(deed.who, "forget-button"), text=CONFIRMED),
            )
        await self._studio.forget(deed.who)
        return Note(text=self._say(deed.who, "forget-done"))

    async def _line_of_a_moderator(self, deed: Asked) -> Lines:
        lines, names = await self._admin.answer(deed.who, deed.text, person_of=deed.people.get, key=deed.key)
        verb = deed.text.split(maxsplit=1)[0].casefold() if deed.text.strip() else ""
        if verb != "room" and await self._handling.claim_telling_how(deed.who):
            lines = [*lines, "", self._say(deed.who, "room-how", what=None)]
        chart = await self._admin.chart(deed.who, deed.text)
        return Lines(topic=Topic.ADMIN, lines=tuple(lines), chart=chart, names=names)

    def _say(self, who: Requester, message_id: str, /, **facts: object) -> str:
        return self._words.say(message_id, who.language, **facts)


def _changes(deed: Asked) -> dict[str, str | None]:
    """The options that were given, or what was typed; None unsets."""
    return read_defaults(deed.text) if deed.text.strip() else dict(deed.values)

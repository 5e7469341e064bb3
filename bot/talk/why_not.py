"""A refusal as an answer: one sentence for whoever did the deed, their words back, and what they can press then."""

from bot.abilities import Named
from bot.community.quotas import PERSONAL
from bot.errors import Refusal, StoreBusy
from bot.given.keepsakes import Keepsakes
from bot.ports import Do, Requester
from bot.staff.handling import ref_of
from bot.store.clicks import refusal_of
from bot.studio.studio import Studio
from bot.talk import drafts
from bot.talk.answers import Answer, Note, Nothing, Offered
from bot.talk.deeds import Deed
from bot.words.words import Words


class WhyNot:
    """Answers refusals."""

    def __init__(self, studio: Studio, keepsakes: Keepsakes, words: Words) -> None:
        self._studio = studio
        self._keepsakes = keepsakes
        self._words = words

    async def answer(self, deed: Deed, refusal: Refusal) -> Answer:
        """One sentence, told once for the deed, and the words back to whoever typed them."""
        appeal = self._appeal(refusal, deed.who)
        how = (self._say(deed.who, "appeal-how"),) if appeal else ()
        note = Note(
            text=" ".join((self._words.refusal(refusal, deed.who.language), *how)),
            typed=drafts.typed_in(deed),
            refusal=refusal,
            offers=(*await self._reword(deed), *appeal),
            until=_until(refusal),
            names=_named_in(refusal),
        )
        try:
            told = not deed.retold and not await self._studio.mark_seen(refusal_of(deed.key))
        except StoreBusy:
            return note  # Better told twice than never.
        return Nothing() if told else note

    async def _reword(self, deed: Deed) -> tuple[Offered, ...]:
        """A button that opens a form with what was typed; none where it can't be kept now."""
        draft = drafts.draft_of(deed)
        if draft is None:
            return ()
        try:
            await self._keepsakes.keep_draft(drafts.id_of(deed), deed.who, draft)
        except StoreBusy:
            return ()
        label = self._say(deed.who, f"button-{Do.REWORD}")
        return (Offered(do=Do.REWORD, about=drafts.id_of(deed), label=label),)

    def _appeal(self, refusal: Refusal, who: Requester) -> tuple[Offered, ...]:
        """A button below words that were refused, where there are moderators."""
        if not refusal.appeal or who.community == PERSONAL:
            return ()
        label = self._say(who, f"button-{Do.APPEAL}")
        return (Offered(do=Do.APPEAL, about=ref_of(refusal.appeal), label=label),)

    def _say(self, who: Requester, message_id: str) -> str:
        return self._words.say(message_id, who.language)


def _until(refusal: Refusal) -> float | None:
    """Until when it holds, where that is known."""
    until = refusal.facts.get("until")
    return float(until) if isinstance(until, int | float) else None


def _named_in(refusal: Refusal) -> dict[str, Named]:
    """The channels that a refusal names by their ids."""
    channels = str(refusal.facts.get("channels") or "")
    return dict.fromkeys((one.strip() for one in channels.split(",") if one.strip()), Named.CHANNEL)

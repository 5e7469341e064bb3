"""What spoken words mean: a question, small talk, a change of the picture that they are about, or a new one.

Words that were said to nobody in particular, near a picture, count only where they plainly change it.
"""

from dataclasses import replace
from typing import Any

from bot.credits.vouchers import looks_like_code
from bot.errors import NotThere
from bot.job import Job
from bot.order.mentions import job_in
from bot.ports import MAIN, Do
from bot.studio.studio import Studio
from bot.talk import verbs
from bot.talk.answers import Note, Nothing
from bot.talk.changes import asks_again, begins_anew, begins_edit, which_of
from bot.talk.chatter import Small, small_talk
from bot.talk.deeds import Asked, Begun, Filled, Pressed, Spoken, Topic, Typed, topic_of
from bot.words.words import Words

LATELY_S = 3600.0  # so long a picture is the one that "make it night" is about, where nobody names one
_LATELY_MOST = 5
_MARKS = ",:;!.?~"

Meaning = Asked | Filled | Pressed | Typed | Note | Nothing


class Meanings:
    """Reads what was said."""

    def __init__(self, studio: Studio, words: Words) -> None:
        self._studio = studio
        self._words = words

    async def of(self, deed: Spoken) -> Meaning:
        """What it comes to. Raises a Refusal."""
        return await self._of(replace(deed, text=without_name(deed.text, self._words.name)))

    async def _of(self, deed: Spoken) -> Meaning:
        if not deed.called:
            about = await self._about(deed) if begins_edit(deed.text, called=False) else None
            return self._edit(deed, about) if about and about.images else Nothing()
        if (question := question_in(deed.text)) and not deed.pictures:
            return await self._answer_once(deed, Asked(topic=question[0], text=question[1], **_as(deed)))
        if asks_again(deed.text) and (about := await self._about(deed)):
            return Pressed(do=Do.REROLL, job=about.id, **_as(deed))
        if small := small_talk(deed.text):
            return await self._answer_once(deed, Note(text=self._say(deed, _answer_to(small, deed))))
        if (about := await self._about(deed)) and self._goes_on(deed):
            return self._edit(deed, about)
        return Typed(text=deed.text, pictures=deed.pictures, **_as(deed))

    def _goes_on(self, deed: Spoken) -> bool:
        """Whether words change the picture: said in answer to it they do, unless they ask for another one."""
        if deed.answers and deed.about:
            return not begins_anew(deed.text)
        return begins_edit(deed.text, called=True)

    async def _about(self, deed: Spoken) -> Job | None:
        """The picture that the words may go on from; of an answer to none, the person's last one here."""
        if not deed.about:
            goes_on = begins_edit(deed.text, called=False) or asks_again(deed.text)
            return await self._last(deed) if goes_on and not deed.pictures else None
        try:
            found = await self._studio.job(deed.about, deed.who)
        except NotThere:
            if deed.answers:
                raise
            return None
        return found if found.images or not found.state.ended else None

    async def _last(self, deed: Spoken) -> Job | None:
        since = self._studio.now() - LATELY_S
        for job in await self._studio.history(deed.who, limit=_LATELY_MOST):
            if job.images and job.channel == deed.place.channel and job.created_at > since:
                return job
        return None

    def _edit(self, deed: Spoken, about: Job) -> Filled:
        index, text = deed.role.index, deed.text
        if deed.role == MAIN and len(about.images) > 1:
            index, text = which_of(deed.text, about.images[-1].index)
        begun = Begun(parent=about.id, edits=True, index=index)
        return Filled(text=text, begun=begun, pictures=deed.pictures, **_as(deed))

    async def _answer_once(self, deed: Spoken, meaning: Asked | Note) -> Meaning:
        """An event that is told again is answered once; the books know an order by its key."""
        fresh = deed.retold or await self._studio.mark_seen(f"{deed.key}:said")
        return meaning if fresh else Nothing()

    def _say(self, deed: Spoken, message_id: str) -> str:
        return self._words.say(message_id, deed.who.language)


def without_name(text: str, name: str) -> str:
    """The words without whom they are said to: `Easel, a red fox`, `thanks Easel`; not: an easel in a studio."""
    words = text.split()
    plain, called = name.casefold(), [word.casefold().strip(_MARKS) for word in words]
    if called == [plain]:
        return ""
    if len(words) > 1 and called[0] == plain and words[0][-1] in _MARKS:
        return text.split(maxsplit=1)[1]
    if len(words) > 1 and called[-1] == plain:
        rest = " ".join(words[:-1]).rstrip(",")
        return rest if small_talk(rest) or begins_edit(rest, called=True) else text
    return text


def question_in(text: str) -> tuple[Topic, str] | None:
    """What words ask of oneself: a topic alone, or with what can stand behind it; `models on a catwalk` is a picture."""
    first, _, rest = text.strip().partition(" ")
    topic, rest = topic_of(first.rstrip("?!.")), rest.strip()
    if topic is None or (rest and not _stands_behind(topic, rest)):
        return None
    return topic, rest


def _stands_behind(topic: Topic, rest: str) -> bool:  # noqa: C901, PLR0911 - one arm a topic
    word = rest.partition(" ")[0].casefold()
    match topic:
        case Topic.ADMIN:
            return word in verbs.BY_WORD
        case Topic.DEFAULTS:
            return word.startswith(("-", "–", "—")) or word == "clear" or "=" in word
        case Topic.FAVOURITES:
            return word in ("rename", "remove")
        case Topic.SHOW:
            return job_in(rest) is not None
        case Topic.FORGET:
            return rest.casefold() == "yes"
        case Topic.REDEEM:
            return looks_like_code(rest)
        case Topic.GIFT:
            return any(one.isdecimal() for one in rest.split()[1:2])
        case Topic.BUY:
            return False  # `buy flowers` is a picture
        case Topic.CREDITS | Topic.HISTORY | Topic.MODELS | Topic.MYDATA | Topic.HELP | Topic.CREATE:
            return False


def _answer_to(small: Small, deed: Spoken) -> str:
    """Which sentence; a picture without a word waits for one."""
    return "edit-empty" if small is Small.BARE and (deed.pictures or deed.about) else f"small-{small}"


def _as(deed: Spoken) -> dict[str, Any]:
    return {
        "who": deed.who,
        "place": deed.place,
        "key": deed.key,
        "accepted": deed.accepted,
        "waits": deed.waits,
        "retold": deed.retold,
    }

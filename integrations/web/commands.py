"""What people type on the page -> Studio: /imagine and /easel. Answers a private note, or nothing to say."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from bot.counter import Offer
from bot.desk import Desk
from bot.errors import BadPrompt
from bot.job import Job
from bot.order.fitting import tail, taken
from bot.ports import Address, Ask, Place, Requester
from bot.studio import Studio
from bot.talk import reports
from bot.talk.admin_text import AdminText
from bot.words import Words
from integrations.web.notes import Button, Note, Row, Tile
from integrations.web.people import PEOPLE, SURFACE, Person

CHANNEL = "page"
HISTORY_SHOWN = 24
MOVEMENTS_SHOWN = 8
ERASE = "/easel forget yes"
# Short spellings of flags that people know from /imagine.
_NAMES = {"ar": "aspect", "m": "model", "s": "style", "q": "quality"}


@dataclass(frozen=True, slots=True)
class Typed:
    """A text with who typed it; `key` makes it happen once."""

    person: Person
    text: str
    key: str


def ask_of(person: Person, text: str, key: str, now: float) -> Ask:
    """An order from the page. The address remembers the moment, which is the message's place on it."""
    return Ask(
        requester=person.requester,
        place=Place(address=Address(surface=SURFACE, data={"at": f"{now:.3f}"}), channel=CHANNEL),
        text=text,
        request_key=f"{SURFACE}:{person.id}:{key}",
    )


class Commands:
    """One method a command."""

    def __init__(self, studio: Studio, desk: Desk, words: Words) -> None:
        self._studio = studio
        self._admin = AdminText(desk, words)
        self._words = words
        self._own: dict[str, Callable[[Person, str], Awaitable[Note]]] = {
            "credits": self._credits,
            "models": self._models,
            "history": self._history,
            "defaults": self._defaults,
            "forget": self._forget,
            "help": self._help,
        }

    async def said(self, typed: Typed) -> Note | None:
        """Does what a text asks for. Raises a Refusal."""
        command, _, rest = typed.text.strip().partition(" ")
        match command.lower():
            case "/imagine":
                await self._studio.imagine(
                    ask_of(typed.person, typed.text, typed.key, self._studio.store.now())
                )
                return None
            case "/easel":
                name, _, more = rest.strip().partition(" ")
                if name.lower() == "admin":
                    return await self._run(typed, more)
                return await self._own.get(name.lower(), self._help)(typed.person, more.strip())
            case _:
                return Note(text=self._say(typed.person, "web-commands-only"), kind="hint")

    async def _run(self, typed: Typed, line: str) -> Note:
        """A moderator's line, in the grammar of every surface that has no forms for it."""
        title, *lines = await self._admin.answer(
            typed.person.requester, line, person_of=_mentioned, key=f"{SURFACE}:{typed.key}"
        )
        return Note(title=title, text="\n".join(lines), kind="admin")

    def _say(self, person: Person, message_id: str, **facts: object) -> str:
        return self._words.say(message_id, person.language, **facts)

    # ── /easel ... ───────────────────────────────────────────────────────────────────────────────────

    async def _credits(self, person: Person, _: str) -> Note:
        purse = await self._studio.credits(person.requester, movements=MOVEMENTS_SHOWN)
        balance = purse.balance
        lines = []
        if balance.held:
            lines.append(self._say(person, "credits-held-line", held=balance.held))
        if balance.granted:
            lines.append(self._say(person, "credits-granted", granted=balance.granted))
        if purse.allowance:
            lines.append(
                self._say(person, "credits-renew", allowance=purse.allowance, renews=purse.renews_at)
            )
        return Note(
            title=self._say(person, "credits-left", available=balance.available),
            lines=tuple(lines),
            rows=tuple(
                Row(label=line)
                for line in reports.movement_lines(purse.movements, self._words, person.language)[
                    :MOVEMENTS_SHOWN
                ]
            ),
            kind="credits",
        )

    async def _models(self, person: Person, _: str) -> Note:
        offers = await self._studio.models(person.requester)
        default = next((o for o in offers if o.is_default), None)
        used = [self._say(person, "models-default", model=tail(default.model.id))] if default else []
        return Note(
            title=self._say(person, "models-title"),
            lines=tuple(used),
            rows=tuple(self._model(person, offer) for offer in offers),
            kind="models",
        )

    def _model(self, person: Person, offer: Offer) -> Row:
        price = self._say(person, "credits-value", credits=offer.credits)
        return Row(label=tail(offer.model.id), value=price, detail=str(taken(offer.model)))

    async def _history(self, person: Person, _: str) -> Note:
        jobs = await self._studio.history(person.requester, limit=HISTORY_SHOWN)
        tiles = tuple(self._tile(person, job) for job in jobs if job.images)
        empty = "" if tiles else self._say(person, "history-empty")
        return Note(title=self._say(person, "history-title"), text=empty, tiles=tiles, kind="history")

    def _tile(self, person: Person, job: Job) -> Tile:
        line = self._say(
            person,
            "history-line",
            prompt=job.order.subject,
            model=tail(job.order.model),
            credits=job.captured_credits or 0,
        )
        first = job.images[0]
        path, private = self._studio.gallery.path, job.order.private
        return Tile(
            message=f"{job.id}:main",
            url=path((job.sheet or first).key, private=private),
            original=path(first.key, private=private),
            original_label=self._say(person, "button-original"),
            buttons=tuple(
                Button(do=do, label=self._say(person, f"button-{do}")) for do in ("reroll", "remix", "delete")
            ),
            alt=self._say(person, "alt-text", prompt=job.order.subject),
            line=line,
            typed=job.order.typed,
        )

    async def _defaults(self, person: Person, text: str) -> Note:
        who = person.requester
        if text:
            current = await self._studio.defaults(who)
            clear = text.lower() == "clear"
            changes = dict.fromkeys(current) if clear else dict(_pairs(text))
            await self._studio.set_defaults(who, changes)
        kept = await self._studio.defaults(who)
        said = self._say(person, "defaults-saved" if kept else "defaults-cleared") if text else ""
        return Note(
            title=self._say(person, "defaults-title"),
            text=said or ("" if kept else self._say(person, "defaults-none")),
            rows=tuple(Row(label=name, value=str(value)) for name, value in sorted(kept.items())),
            lines=(self._say(person, "web-defaults-how"),),
            kind="defaults",
        )

    async def _forget(self, person: Person, text: str) -> Note:
        if text.lower() != "yes":
            return Note(
                text=self._say(person, "forget-ask"),
                confirm=self._say(person, "forget-button"),
                confirms=ERASE,
                kind="forget",
            )
        await self._studio.forget(person.requester)
        return Note(text=self._say(person, "forget-done"))

    async def _help(self, person: Person, _: str) -> Note:
        return Note(text=self._say(person, "help-text"), kind="help")


def _mentioned(typed: str) -> Requester | None:
    """`@Mira` or `mira`: who is meant."""
    found = PEOPLE.get(typed.lstrip("@").casefold())
    return found.requester if found else None


def _pairs(text: str) -> Iterator[tuple[str, str | None]]:
    """`--ar 16:9 model sdxl private` -> names with their values; a name alone unsets, private alone sets."""
    words = text.replace("=", " ").split()
    while words:
        typed = words.pop(0).lstrip("-—–").lower()
        name = _NAMES.get(typed, typed)
        if name == "private" and (not words or words[0].lower() not in ("yes", "no")):
            yield name, "yes"
            continue
        value = words.pop(0) if words and not words[0].startswith(("-", "—", "–")) else None
        if not name:
            raise BadPrompt("setting-unknown", name=typed, values=", ".join(_NAMES.values()))
        yield name, value

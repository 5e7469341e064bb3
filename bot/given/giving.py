"""The pictures that are given with an order: what the words name of them becomes a source.

Nothing is fetched here: that is the first stage's.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.abilities import Lender
from bot.errors import BadInputs, BadPrompt
from bot.model import Source, Use, Where
from bot.order import mentions
from bot.order.prompts import Prompt, parse
from bot.pictures.assets import Assets
from bot.pictures.backends import PICTURES
from bot.ports import Ask, Surface
from bot.store import Store
from bot.store.favourites import Favourite

SOURCES_MOST = 32  # more are looked at for nobody: no model takes as many
_ADDRESS_SHOWN = 80
_KEY = re.compile(rf"{PICTURES}/(?P<job>[0-9a-z]+)/(?:(?P<index>\d+)|sheet)\.")
Recognise = Callable[[str], Source | None]


class Giving:
    """Reads what was given."""

    def __init__(self, store: Store, recognise: Recognise) -> None:
        self._store = store
        self._recognise = recognise

    async def read(self, ask: Ask) -> tuple[Prompt, tuple[Source, ...]]:
        """The prompt without what names pictures, and all sources. Raises BadPrompt; nothing was held then."""
        prompt = _parsed(ask)
        _assert_no_address(prompt.negative or "", *prompt.extra.values())
        subject, addressed = self._addressed(prompt.subject)
        sources, named = await self._named(ask, prompt)
        together = tuple(dict.fromkeys((*sources, *addressed, *named)))
        _assert_whole(together)
        bare = _bare(prompt, subject) if addressed or named or prompt != _unnamed(prompt) else prompt
        return bare, together

    def _addressed(self, subject: str) -> tuple[str, tuple[Source, ...]]:
        found = mentions.addresses_in(subject)
        sources = tuple(self._at(address, Use.PICTURE) for _, address in found)
        return (mentions.without(subject, [word for word, _ in found]) if found else subject), sources

    def _at(self, address: str, use: Use) -> Source:
        source = self._recognise(address)
        if source is None:
            raise _not_taken(address)
        return replace(source, use=use)

    async def _named(self, ask: Ask, prompt: Prompt) -> tuple[list[Source], list[Source]]:
        """The pictures that came along, each for what a flag says of it; and those that flags name besides."""
        came, more = list(ask.sources), []
        kept: list[Favourite] | None = None
        for named in list(mentions.named_in(prompt))[:SOURCES_MOST]:
            place = mentions.place_in(named.name)
            if place is not None:
                if place > len(came):
                    raise BadInputs("ref-nothing-here", name=named.name, given=len(came))
                came[place - 1] = replace(came[place - 1], use=named.use)
                continue
            if address := mentions.address_in(named.name):
                more.append(self._at(address, named.use))
                continue
            found = mentions.job_in(named.name)
            if found is None and mentions.is_style_code(named):
                raise BadInputs("foreign-code", name=named.name)
            if found is None:
                kept = await self._store.favourites.of(ask.requester) if kept is None else kept
                found = _numbered(favourite_called(named.name, kept))
            more.append(ours(found[0], found[1] or await self._first(found[0]), use=named.use))
        return came, more

    async def _first(self, job: str) -> int:
        """The first picture of a job that came out; where there is none, that is said later."""
        found = await self._store.jobs.get(job)
        return found.images[0].index if found is not None and found.images else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """What an address stands for: a picture of ours, or one in a chat of which a surface knows."""

    assets: Assets
    surfaces: Mapping[str, Surface]

    def __call__(self, address: str) -> Source | None:
        for name, surface in self.surfaces.items():
            if isinstance(surface, Lender) and (ref := surface.recognise(address)):
                return Source(where=Where.ATTACHED, ref=ref, surface=name)
        return self._ours(address)

    def _ours(self, address: str) -> Source | None:
        """By its mark, whatever host it is on: only we can have made it."""
        try:
            path = urlsplit(address).path
        except ValueError:
            return None
        opened = self.assets.resolve(path.removeprefix("/a/")) if path.startswith("/a/") else None
        found = _KEY.match(opened.key) if opened is not None else None
        return ours(found["job"], int(found["index"] or 0)) if found else None


def ours(job: str, index: int, *, use: Use = Use.PICTURE) -> Source:
    """A picture of ours as a source; 0 is the first."""
    return Source(where=Where.OURS, ref=f"{job}/{index or 1}", use=use)


def favourite_called(name: str, kept: Sequence[Favourite]) -> Favourite:
    """By its name, or by how only one begins. Raises BadInputs."""
    wanted = name.casefold()
    alike = [one for one in kept if one.name.casefold().startswith(wanted)]
    exact = [one for one in alike if one.name.casefold() == wanted]
    if one := next(iter(exact or (alike if len(alike) == 1 else ())), None):
        return one
    raise BadInputs("ref-unknown", name=name[:_ADDRESS_SHOWN], values=", ".join(one.name for one in kept[:5]))


def _parsed(ask: Ask) -> Prompt:
    try:
        return parse(ask.text, ask.options)
    except BadPrompt as error:
        # Pictures without a word: what is missing is said in other words.
        if ask.sources and error.reason == "prompt-empty":
            raise BadPrompt("edit-empty") from None
        raise


def _assert_no_address(*texts: str) -> None:
    """Raises BadInputs for an address where only words can stand, ours among them: it would be painted as words."""
    for _, address in (found for text in texts for found in mentions.addresses_in(text)):
        raise _not_taken(address)


def _assert_whole(sources: Sequence[Source]) -> None:
    """Raises BadInputs for more than anybody takes, and for masks that no picture could be asked about."""
    if len(sources) > SOURCES_MOST:
        raise BadInputs("inputs-too-many", model="", most=SOURCES_MOST, given=len(sources))
    masks = sum(source.use is Use.MASK for source in sources)
    if masks == len(sources) and masks:
        raise BadInputs("mask-alone")
    if masks > 1:
        raise BadInputs("masks-too-many", given=masks)


def _not_taken(address: str) -> BadInputs:
    return BadInputs("address-not-taken", address=address[:_ADDRESS_SHOWN])


def _numbered(kept: Favourite) -> tuple[str, int]:
    return kept.job.id, kept.index


def _unnamed(prompt: Prompt) -> Prompt:
    return replace(prompt, ref=None, sref=None, oref=None)


def _bare(prompt: Prompt, subject: str) -> Prompt:
    """The same order without what became sources, so that Remix and Re-roll, which keep these, don't take them twice."""
    if not subject:
        raise BadPrompt("edit-empty")
    return parse(subject, {**_unnamed(prompt).said(), **prompt.extra})

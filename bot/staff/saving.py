"""What is looked at before a community's rules are saved: each value is tried by what will use it.

So "saved" means that it works: a model and a style are there, a word can be found in a prompt, a role and a
channel are of this community. What pydantic bounds by itself stands in bot/rules/rules.py.
"""

import asyncio
import difflib
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any

import structlog

from bot.abilities import Directory, Named
from bot.community.rules_text import printable
from bot.errors import BadPrompt, SurfaceError
from bot.moderation.lexicon.own import can_be_found
from bot.order import prompts
from bot.order.catalog import Catalog
from bot.order.fitting import SIZES
from bot.ports import Requester, Surface
from bot.rules.rules import WORD_CHARS_MOST, WORDS_MOST

log = structlog.get_logger()

DIRECTORY_TIMEOUT_S = 2.0
LOOKUPS_MOST = 50  # of one change: a longer list is taken as it is typed
_SHOWN = 12


class Saving:
    """Looks at values; changes nothing."""

    def __init__(
        self, *, catalog: Catalog, languages: Collection[str], surfaces: Mapping[str, Surface]
    ) -> None:
        self._catalog = catalog
        self._languages = languages
        self._surfaces = surfaces
        self._looks: Mapping[str, Callable[[Requester, str, Any], Awaitable[Any]]] = {
            "models": self._models,
            "default_model": self._model,
            "price_factors": self._priced,
            "roles": self._roles,
            "channels": self._channels,
            "channel_rules": self._channel_rules,
            "room": self._room,
            "moderators": self._moderators,
            "styles": self._styles,
            "sizes": self._sizes,
            "default_aspect": self._aspect,
            "language": self._language,
            "blocked_words": self._words,
            "allowed_words": self._words,
            "misread": self._words,
        }

    async def usable(self, who: Requester, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values as they are kept. Raises BadPrompt or UnknownModel for what nothing could use."""
        return {name: await self._looked_at(who, name, value) for name, value in values.items()}

    async def _looked_at(self, who: Requester, name: str, value: Any) -> Any:
        look = self._looks.get(name)
        return value if look is None or not value else await look(who, name, value)

    # ── Models and what they take ────────────────────────────────────────────────────────────────────

    def _whole(self, name: object) -> str:
        return self._catalog.find(str(name)).id

    async def _models(self, _: Requester, __: str, value: Any) -> Any:
        return [self._whole(one) for one in value] if isinstance(value, list | tuple) else value

    async def _model(self, _: Requester, __: str, value: Any) -> Any:
        return self._whole(value)

    async def _priced(self, _: Requester, __: str, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {self._whole(name): factor for name, factor in value.items()}

    async def _styles(self, _: Requester, name: str, value: Any) -> Any:
        return _among(name, value, self._catalog.styles)

    async def _sizes(self, _: Requester, name: str, value: Any) -> Any:
        taken = [
            model.parameters[size]
            for model in self._catalog.models
            for size in SIZES & model.parameters.keys()
        ]
        if not all(taken):  # a model that takes any
            return value
        return _among(name, value, [one for values in taken for one in values])

    async def _aspect(self, _: Requester, __: str, value: Any) -> Any:
        return prompts.parse("x", {"aspect": str(value)}).said()["aspect"]

    async def _language(self, _: Requester, name: str, value: Any) -> Any:
        return _among(name, [value], self._languages)[0]

    # ── Words ────────────────────────────────────────────────────────────────────────────────────────

    async def _words(self, _: Requester, name: str, value: Any) -> Any:
        if not isinstance(value, list | tuple) or len(value) > WORDS_MOST:
            return value  # refused for what it is
        assert_found(name, value)
        return value

    # ── Roles and channels ───────────────────────────────────────────────────────────────────────────

    async def _roles(self, who: Requester, _: str, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        found = await self._found(who, Named.ROLE, value)
        rules = {found.get(role, role): self._role(rule) for role, rule in value.items()}
        if len(rules) < len(value):
            raise BadPrompt("setting-role-twice")
        return rules

    def _role(self, rule: Any) -> Any:
        """A rule with its models by their whole names, and its styles as they are known."""
        if not isinstance(rule, dict):
            return rule
        whole = {
            name: [self._whole(one) for one in rule[name]]
            for name in ("models", "free_models")
            if isinstance(rule.get(name), list | tuple)
        }
        styles = rule.get("styles")
        known = {"styles": _among("styles", styles, self._catalog.styles)} if styles else {}
        return {**rule, **whole, **known}

    async def _channel_rules(self, who: Requester, _: str, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        found = await self._found(who, Named.CHANNEL, value)
        return {found.get(channel, channel): self._role(rule) for channel, rule in value.items()}

    async def id_of(self, who: Requester, kind: Named, typed: str) -> str:
        """The id of what a moderator named; what was typed, where nobody can tell now. Raises BadPrompt."""
        return (await self._found(who, kind, [typed])).get(typed, typed)

    async def _channels(self, who: Requester, _: str, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        found = await self._found(who, Named.CHANNEL, value)
        return list(dict.fromkeys(found.get(str(one), one) for one in value))

    async def _room(self, who: Requester, _: str, value: Any) -> Any:
        return (await self._found(who, Named.CHANNEL, [value])).get(str(value), value)

    async def _moderators(self, who: Requester, _: str, value: Any) -> Any:
        """Roles and people: whoever is neither would never be one."""
        if not isinstance(value, list | tuple):
            return value
        found = []
        for one in map(str, value):
            try:
                known = await self._found(who, Named.ROLE, [one])
            except BadPrompt:
                known = await self._found(who, Named.PERSON, [one])
            found.append(known.get(one, one))
        return list(dict.fromkeys(found))

    async def ids_behind(self, who: Requester, names: Mapping[str, Named]) -> dict[str, str]:
        """Of what rules name: the id behind whatever isn't one itself, as far as the surface can tell now."""
        directory, found = self._surfaces.get(who.surface), dict[str, str]()
        if not isinstance(directory, Directory):
            return found
        try:
            async with asyncio.timeout(DIRECTORY_TIMEOUT_S):
                for name, kind in list(names.items())[:LOOKUPS_MOST]:
                    known = await directory.find(who, kind, name)
                    if known not in (None, name):
                        found[name] = str(known)
        except (SurfaceError, TimeoutError) as error:
            log.warning("a surface can't say who is who now", surface=who.surface, problem=str(error))
        return found

    async def kinds_of(self, who: Requester, ids: Iterable[str]) -> dict[str, Named]:
        """Which ids are roles, and which people, as far as the surface can tell now."""
        directory, found = self._surfaces.get(who.surface), dict[str, Named]()
        if not isinstance(directory, Directory):
            return found
        try:
            async with asyncio.timeout(DIRECTORY_TIMEOUT_S):
                for one in list(ids)[:LOOKUPS_MOST]:
                    is_role = await directory.find(who, Named.ROLE, one) is not None
                    found[one] = Named.ROLE if is_role else Named.PERSON
        except (SurfaceError, TimeoutError) as error:
            log.warning("a surface can't say who is who now", surface=who.surface, problem=str(error))
        return found

    async def _found(self, who: Requester, kind: Named, typed: Iterable[object]) -> dict[str, str]:
        """What was typed -> its id, where the surface can tell. Raises BadPrompt for one that isn't there."""
        directory = self._surfaces.get(who.surface)
        names = [str(one) for one in typed]
        if not isinstance(directory, Directory) or len(names) > LOOKUPS_MOST:
            return {}
        found = {}
        try:
            async with asyncio.timeout(DIRECTORY_TIMEOUT_S):
                for name in names:
                    known = await directory.find(who, kind, name)
                    if known is None:
                        raise BadPrompt(f"setting-no-{kind}", value=printable(name))
                    found[name] = known
        except (SurfaceError, TimeoutError) as error:
            log.warning("a surface can't say who is who now", surface=who.surface, problem=str(error))
        return found


def assert_found(name: str, words: Iterable[object]) -> None:
    """Raises BadPrompt for a word that would be found in every prompt, or in none."""
    for word in words:
        if not can_be_found(str(word)[:WORD_CHARS_MOST]):
            raise BadPrompt("setting-word", name=name, value=printable(word))


def _among(name: str, value: Any, known: Iterable[str]) -> Any:
    """The values as they are known. Raises BadPrompt with what there is."""
    if not isinstance(value, list | tuple):
        return value
    spelled = {one.casefold(): one for one in known}
    for one in map(str, value):
        if one.casefold() not in spelled:
            near = difflib.get_close_matches(one.casefold(), spelled, n=1)
            some = ", ".join(spelled[key] for key in (near or sorted(spelled)[:_SHOWN]))
            raise BadPrompt("setting-choice", name=name, value=printable(one), values=some or "-")
    return [spelled[str(one).casefold()] for one in value]

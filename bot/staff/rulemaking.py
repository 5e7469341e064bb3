"""How moderators and operators change what a community has set; each value is tried before it is saved.

Whoever calls has made sure that the person may (`Desk.require`). Every change is in the audit with its actor.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import ValidationError

from bot.abilities import Named
from bot.community import quotas, rules_text
from bot.community.naming import names_in, with_ids
from bot.community.rulebook import HeldRules, Rulebook, community_scope
from bot.errors import BadPrompt
from bot.ports import Policy, Requester
from bot.rules.rules import Rules
from bot.staff.saving import Saving
from bot.store import Store

NamingRule = Literal["roles", "channel_rules"]  # rules by role and by channel
OpenedSetting = Literal["allowed_words", "misread"]

COMMUNITIES_MOST = 10_000  # that one look reads
NAMES_EVERY_S = 600.0
REOPENED_S = 7 * 86_400.0  # how old what waits for a room may be


class Rulemaking:
    """The verbs that read and change rules. `actor.community` is the community whose rules they are."""

    def __init__(self, *, store: Store, rulebook: Rulebook, saving: Saving) -> None:
        self._store = store
        self._rulebook = rulebook
        self._saving = saving

    async def settings(self, actor: Requester) -> tuple[Rules, dict[str, Any]]:
        """The rules that hold in the community, and which of them it has set itself."""
        return await self._rulebook.of(actor), await self._rulebook.own_values(actor)

    async def held(self, actor: Requester) -> HeldRules:
        """The same, with what of it doesn't hold as the community has set it."""
        return await self._rulebook.held(actor)

    async def left_out(self) -> dict[str, tuple[str, ...]]:
        """Of each community that has such, the rules that can't be read: for the operator."""
        every = await self._store.communities.all_rules(limit=COMMUNITIES_MOST)
        found = {scope: self._rulebook.left_out(own) for scope, own in every}
        return {scope.removeprefix("community:"): names for scope, names in found.items() if names}

    async def change(self, actor: Requester, values: dict[str, Any]) -> Rules:
        """Changes rules; None unsets one. What a new room would have been told lately is told there.

        Raises BadPrompt naming the setting: nothing was changed then.
        """
        for name in values:
            rules_text.named(name)
        await self._assert_none_misread(actor, values.get("misread"))
        try:
            usable = await self._saving.usable(actor, values)
            rules = await self._rulebook.change(actor, lambda _: usable, now=self._store.now())
        except ValidationError as error:
            raise rules_text.refusal(error, values) from None
        if "room" in usable and rules.room:
            now = self._store.now()
            await self._store.events.reopen(actor.surface, actor.community, since=now - REOPENED_S, now=now)
        return rules

    async def set_room(self, actor: Requester, channel: str | None) -> str:
        """Names the moderators' room, or none; what happened lately, and was told nobody, is told there. Answers its name."""
        return (await self.change(actor, {"room": channel})).room

    async def set_part(
        self, actor: Requester, rule: NamingRule, typed: str, values: Mapping[str, Any] | None
    ) -> tuple[str, Rules]:
        """Changes the rule of one role or channel part by part: None unsets one, no values at all take it away.

        Answers its id, and the rules that hold. Raises BadPrompt naming what is wrong.
        """
        kind = Named.ROLE if rule == "roles" else Named.CHANNEL
        one = await self._saving.id_of(actor, kind, typed)
        if values is not None and not values:
            return one, await self._rulebook.of(actor)
        parts = (await self._saving.usable(actor, {rule: {one: values}}))[rule][one] if values else None
        try:
            return one, await self._rulebook.change(
                actor, lambda own: {rule: _parted(own.get(rule), one, parts) or None}, now=self._store.now()
            )
        except ValidationError as error:
            raise rules_text.refusal(error, {rule: parts}) from None

    async def names(self, who: Requester, rules: Rules) -> dict[str, Named]:
        """The ids that a community's rules hold, and what each is the id of; of a moderator only the surface knows."""
        return names_in(rules) | await self._saving.kinds_of(who, rules.moderators)

    async def put_names_right(self, who: Requester) -> bool:
        """Rules that hold a name where its id should stand hold the id from now on; answers whether there were such.

        Looked for once in a while: a community that was closed by a name is open again for whoever asks next.
        """
        key, now = f"names:{quotas.community_key(who)}", self._store.now()
        if not await self._store.shared.mark_seen(key, now=now, again_after_s=NAMES_EVERY_S):
            return False
        ids = await self._saving.ids_behind(who, names_in(await self._rulebook.of(who)))
        if ids:
            easel = Requester(surface=who.surface, community=who.community, user="easel")
            await self._rulebook.change(easel, lambda own: with_ids(own, ids), now=now)
        return bool(ids)

    async def _assert_none_misread(self, actor: Requester, phrases: Any) -> None:
        """What is typed takes such phrases out: only a press for a refusal adds one. Raises BadPrompt."""
        known = (await self._rulebook.of(actor)).misread if phrases else ()
        if isinstance(phrases, list | tuple) and not set(phrases) <= set(known):
            raise BadPrompt("setting-misread", name="misread")

    @property
    def _opened(self) -> OpenedSetting:
        """Where a press keeps a phrase: among a community's own words, where the operator lets it have such."""
        return "allowed_words" if self._rulebook.may_loosen("allowed_words") else "misread"

    async def allow_word(self, actor: Requester, word: str) -> Rules:
        """One more phrase that passes from now on. Raises a Refusal where the operator doesn't let a community."""
        name = self._opened
        (word,) = (await self._saving.usable(actor, {name: [word]}))[name]
        standing = getattr(await self._rulebook.of(actor), name)

        def one_more(own: Mapping[str, Any]) -> dict[str, Any]:
            words = own.get(name)
            known = list(words if isinstance(words, list) else standing)
            return {name: known if word in known else [*known, word]}

        try:
            return await self._rulebook.change(actor, one_more, now=self._store.now())
        except ValidationError as error:
            raise rules_text.refusal(error, {name: [word]}) from None

    def opening(self, policy: Policy, word: str) -> Policy:
        """What moderation would let pass with this word allowed."""
        if self._opened == "allowed_words":
            return replace(policy, allowed_words=(*policy.allowed_words, word))
        return replace(policy, misread=(*policy.misread, word))

    async def set_text(self, actor: Requester, name: str, text: str) -> tuple[str, str]:
        """Changes one rule as it was typed. Answers its name and how the value now reads."""
        setting = rules_text.named(name)
        rules = await self.change(actor, {setting: rules_text.read(setting, text)})
        return setting, rules_text.shown(rules, setting)

    async def history(self, actor: Requester) -> list[dict[str, Any]]:
        """Earlier versions of the community's rules, newest first."""
        return await self._store.communities.history(community_scope(actor))


def _parted(own: Any, one: str, parts: Mapping[str, Any] | None) -> dict[str, Any]:
    """Rules of roles or channels with the parts of one changed: None unsets a part; no parts take it away."""
    rules = dict(own) if isinstance(own, dict) else {}
    before = rules.pop(one, {})
    merged = {**(before if isinstance(before, dict) else {}), **parts} if parts is not None else {}
    kept = {name: value for name, value in merged.items() if value is not None}
    return {**rules, one: kept} if kept else rules

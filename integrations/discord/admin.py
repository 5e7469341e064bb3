"""/easel-admin for who may manage the server: Discord's options -> the one grammar of the moderators' desk."""

import re
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

from bot.ports import Requester
from bot.talk.deeds import Topic
from bot.talk.suggestions import MODEL, SETTING
from integrations.discord.commands import worded
from integrations.discord.hearing import Hearing, Session
from integrations.discord.localisation import Texts
from integrations.discord.people import person_of

Person = discord.Member | discord.User

_CHANNEL = re.compile(r"<#(\d+)>")
_PERIODS = ("day", "week", "month")


class Admin:
    """Says at the desk what the options mean."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing

    async def act(self, interaction: Session, *words: object, person: Person | None = None) -> None:
        """Does what `words` say, and has the answer told privately."""
        named: dict[str, Requester] = {}
        if person is not None:
            named[f"<@{person.id}>"] = person_of(person, str(interaction.guild_id))
        line = " ".join(str(word) for word in words if word not in (None, ""))
        await self._hearing.ask(interaction, Topic.ADMIN, line, people=named)

    async def suggest_models(self, interaction: Session, typed: str) -> list[app_commands.Choice[str]]:
        """Models for a list."""
        return await self._hearing.suggest(interaction, MODEL, typed, several=True)

    async def suggest_setting(self, interaction: Session, typed: str) -> list[app_commands.Choice[str]]:
        """Names of settings."""
        return await self._hearing.suggest(interaction, SETTING, typed)


def channel_ids(text: str | None) -> str:
    """`<#1> <#2>` as ids; other words stay, so that the desk can refuse them."""
    return _CHANNEL.sub(r" \1 ", text or "")


# ── discord.py's tree ────────────────────────────────────────────────────────────────────────────────


def add_admin(tree: app_commands.CommandTree[Any], admin: Admin, texts: Texts) -> None:
    """/easel-admin, in servers only, shown to who has Manage Server."""
    group = app_commands.Group(
        name=texts.name("easel-admin"),
        description=texts.about("easel-admin"),
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )
    callbacks = {
        **_credits(admin, texts),
        **_quotas(admin, texts),
        **_rules(admin, texts),
        **_people(admin, texts),
        **_review(admin, texts),
        **_reports(admin, texts),
    }
    for name, callback in callbacks.items():
        made: app_commands.Command[Any, Any, Any] = app_commands.Command(
            name=texts.name(name), description=texts.about(f"admin-{name}"), callback=callback
        )
        group.add_command(made)
    _suggest(group, "models", "models", admin.suggest_models)
    _suggest(group, "settings", "name", admin.suggest_setting)
    tree.add_command(group)


def _suggest(group: app_commands.Group, command: str, option: str, suggest: Any) -> None:
    async def callback(interaction: Session, current: str) -> list[app_commands.Choice[str]]:
        found: list[app_commands.Choice[str]] = await suggest(interaction, current)
        return found

    made = group.get_command(command)
    assert isinstance(made, app_commands.Command)
    made.autocomplete(option)(callback)


Callbacks = Mapping[str, Any]
Amount = app_commands.Range[int, 1, 10**9]


def _credits(admin: Admin, texts: Texts) -> Callbacks:
    @worded(texts, "admin", "person", "amount", "memo")
    async def grant(
        interaction: Session, person: discord.User, amount: Amount, memo: str | None = None
    ) -> None:
        await admin.act(interaction, "grant", f"<@{person.id}>", amount, memo, person=person)

    @worded(texts, "admin", "person", "amount", "memo")
    async def take(
        interaction: Session, person: discord.User, amount: Amount, memo: str | None = None
    ) -> None:
        await admin.act(interaction, "take", f"<@{person.id}>", amount, memo, person=person)

    @worded(texts, "admin", "job", "memo")
    async def refund(interaction: Session, job: str, memo: str | None = None) -> None:
        await admin.act(interaction, "refund", job.strip(), memo)

    @worded(texts, "admin", "person")
    async def books(interaction: Session, person: discord.User) -> None:
        await admin.act(interaction, "books", f"<@{person.id}>", person=person)

    return {"grant": grant, "take": take, "refund": refund, "books": books}


def _quotas(admin: Admin, texts: Texts) -> Callbacks:
    periods = [texts.choice(period) for period in _PERIODS]
    Whole = app_commands.Range[int, 0, 10**9]  # noqa: N806 - a type

    @app_commands.choices(period=periods)
    @worded(texts, "admin", "amount", "period")
    async def allowance(interaction: Session, amount: Whole, period: str | None = None) -> None:
        await admin.act(interaction, "allowance", amount, period)

    @app_commands.choices(period=periods)
    @worded(texts, "admin", "amount", "period")
    async def budget(interaction: Session, amount: Whole | None = None, period: str | None = None) -> None:
        await admin.act(interaction, "budget", amount, period if amount is not None else None)

    return {"allowance": allowance, "budget": budget}


def _rules(admin: Admin, texts: Texts) -> Callbacks:
    @worded(texts, "admin-list", "models")
    async def models(interaction: Session, models: str | None = None) -> None:
        await admin.act(interaction, "models", models)

    @worded(texts, "admin-list", "channels")
    async def channels(interaction: Session, channels: str | None = None) -> None:
        await admin.act(interaction, "channels", channel_ids(channels))

    @worded(texts, "admin", "name", "value")
    async def settings(interaction: Session, name: str | None = None, value: str | None = None) -> None:
        if name is None:
            await admin.act(interaction, "settings")
        else:
            await admin.act(interaction, "set", name, value)

    return {"models": models, "channels": channels, "settings": settings}


def _people(admin: Admin, texts: Texts) -> Callbacks:
    @worded(texts, "admin", "person", "time", "why")
    async def block(
        interaction: Session, person: discord.User, time: str | None = None, why: str | None = None
    ) -> None:
        await admin.act(interaction, "block", f"<@{person.id}>", time, why, person=person)

    @worded(texts, "admin", "person")
    async def unblock(interaction: Session, person: discord.User) -> None:
        await admin.act(interaction, "unblock", f"<@{person.id}>", person=person)

    async def blocked(interaction: Session) -> None:
        await admin.act(interaction, "blocked")

    return {"block": block, "unblock": unblock, "blocked": blocked}


def _review(admin: Admin, texts: Texts) -> Callbacks:
    async def held(interaction: Session) -> None:
        await admin.act(interaction, "held")

    @worded(texts, "admin", "job")
    async def release(interaction: Session, job: str) -> None:
        await admin.act(interaction, "release", job.strip())

    @worded(texts, "admin", "job")
    async def discard(interaction: Session, job: str) -> None:
        await admin.act(interaction, "discard", job.strip())

    return {"held": held, "release": release, "discard": discard}


def _reports(admin: Admin, texts: Texts) -> Callbacks:
    @worded(texts, "admin", "days")
    async def usage(interaction: Session, days: app_commands.Range[int, 1, 366] = 7) -> None:
        await admin.act(interaction, "usage", days)

    async def audit(interaction: Session) -> None:
        await admin.act(interaction, "audit")

    async def history(interaction: Session) -> None:
        await admin.act(interaction, "history")

    return {"usage": usage, "audit": audit, "history": history}

"""Names, descriptions and choices of the commands in Discord's languages, out of our texts."""

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.words import Words

_LANGUAGES = {discord.Locale.korean: "ko"}


class Translator(app_commands.Translator):
    """Says a `locale_str` with a key in the languages that we have besides English."""

    def __init__(self, words: Words) -> None:
        self._words = words

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """A text, or None for English."""
        del context
        language, key = _LANGUAGES.get(locale), string.extras.get("key")
        if language is None or key is None or not self._words.knows(key, language):
            return None
        return self._words.say(key, language)


class Texts:
    """Makes the strings that the Translator knows."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def name(self, name: str) -> locale_str:
        """A name that is a contract in English."""
        return locale_str(name, key=f"discord-name-{name}")

    def about(self, what: str, otherwise: str = "") -> locale_str:
        """A description; a flag that has none yet is described by its label."""
        key = f"discord-about-{what}"
        return self.said(otherwise if otherwise and not self._words.knows(key) else key)

    def said(self, message_id: str) -> locale_str:
        """One of our texts."""
        return locale_str(self._words.say(message_id, "en"), key=message_id)

    def choice(self, value: str) -> app_commands.Choice[str]:
        """A choice of an option."""
        return app_commands.Choice(name=self.said(f"discord-choice-{value}"), value=value)


async def registered_form(
    tree: app_commands.CommandTree[Any], translator: Translator
) -> list[dict[str, Any]]:
    """All commands as they are sent to Discord, with every language."""
    commands = tree.get_commands()
    return [dict(await command.get_translated_payload(tree, translator)) for command in commands]

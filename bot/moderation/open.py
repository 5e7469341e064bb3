"""Opens the panel that the configuration asks for: the local layers always, the outside ones by name."""

import contextlib
from typing import Any

from bot import plugins
from bot.config import ModerationSection
from bot.errors import ConfigError
from bot.moderation import lexicon
from bot.moderation.checks import LexiconCheck, OwnWords
from bot.moderation.panel import Panel


def open_panel(
    settings: ModerationSection, stack: contextlib.AsyncExitStack, *, words: LexiconCheck | None = None
) -> Panel:
    """The panel; what it opened is closed by the stack. Raises ConfigError for a layer that isn't there."""
    words = words or LexiconCheck(lexicon.load())
    opened: dict[str, Any] = {}
    for name in settings.checks:
        groups = [g for g in (plugins.PROMPT_CHECKS, plugins.IMAGE_CHECKS) if name in plugins.names(g)]
        if not groups:
            known = sorted({*plugins.names(plugins.PROMPT_CHECKS), *plugins.names(plugins.IMAGE_CHECKS)})
            raise ConfigError(f"[moderation] checks: there is no {name!r}; there is: {', '.join(known)}")
        opened[name] = plugins.load(groups[0], name)(settings.options.get(name, {}))
        stack.push_async_callback(opened[name].aclose)
    return Panel(
        [words, OwnWords()],
        remote_checks=[c for n, c in opened.items() if n in plugins.names(plugins.PROMPT_CHECKS)],
        image_checks=[c for n, c in opened.items() if n in plugins.names(plugins.IMAGE_CHECKS)],
        names_youth=words.names_youth,
        timeout_s=settings.timeout_s,
    )

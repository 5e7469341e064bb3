"""Opens the panel that the configuration asks for: our own layers always, the others by name."""

import contextlib
from typing import Any

from bot import plugins
from bot.configuration.settings import ModerationSection
from bot.errors import ConfigError
from bot.moderation.checks import LexiconCheck, OwnWords
from bot.moderation.lexicon import lexicon
from bot.moderation.panel import Panel
from bot.ports import Closable, ImageCheck, PromptCheck


def named(settings: ModerationSection) -> tuple[str, ...]:
    """The outside layers: those that the configuration names, else those that are on once they are installed."""
    if settings.checks is not None:
        return settings.checks
    there = plugins.names(plugins.DEFAULT_CHECKS)
    return tuple(name for name in there if plugins.make(plugins.DEFAULT_CHECKS, name))


def open_panel(
    settings: ModerationSection, stack: contextlib.AsyncExitStack, *, words: LexiconCheck | None = None
) -> Panel:
    """The panel; what it opened is closed by the stack. Raises ConfigError for a layer that isn't there."""
    words = words or LexiconCheck(lexicon.load())
    prompt_checks: list[PromptCheck] = [words, OwnWords()]
    image_checks: list[ImageCheck] = []
    for name in named(settings):
        groups = [g for g in (plugins.PROMPT_CHECKS, plugins.IMAGE_CHECKS) if name in plugins.names(g)]
        if not groups:
            known = sorted({*plugins.names(plugins.PROMPT_CHECKS), *plugins.names(plugins.IMAGE_CHECKS)})
            raise ConfigError(f"[moderation] checks: there is no {name!r}; there is: {', '.join(known)}")
        layer: Any = plugins.make(groups[0], name, settings.options.get(name, {}))
        if isinstance(layer, Closable):
            stack.push_async_callback(layer.aclose)
        for group in groups:
            plugins.assert_port(group, name, layer)
        prompt_checks += [layer] if plugins.PROMPT_CHECKS in groups else []
        image_checks += [layer] if plugins.IMAGE_CHECKS in groups else []
    return Panel(prompt_checks, image_checks=image_checks, words=words, timeout_s=settings.timeout_s)

"""What models and styles are called: every name that finds one, and what a style says."""

import dataclasses
from collections.abc import Sequence

from bot.errors import BadPrompt, ConfigError
from bot.model import Model
from bot.order.prompts import Prompt, parse


def names_of(models: Sequence[Model]) -> dict[str, Model]:
    """Every name of every model: ids before aliases before ends of ids; the first model wins."""
    names: dict[str, Model] = {m.id.casefold(): m for m in models}
    for model in models:
        for alias in model.aliases:
            names.setdefault(alias.casefold(), model)
    for model in models:
        parts = model.id.casefold().split("/")
        for start in range(1, len(parts)):
            names.setdefault("/".join(parts[start:]), model)
    return names


def style_of(name: str, text: str) -> Prompt:
    """A style's template, which may carry flags of its own."""
    try:
        template = parse(text)
    except BadPrompt as error:
        raise ConfigError(f"styles.{name}: the template can't be read ({error.reason})") from error
    if "{prompt}" in template.subject:
        return template
    return dataclasses.replace(template, subject=f"{{prompt}}, {template.subject}")

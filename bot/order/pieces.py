"""Pieces of an order, pure: the words as they are sent, how many images, what was said or stood by default."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from bot.errors import BadPrompt
from bot.model import Model
from bot.order.fitting import counts, near_shape, tail
from bot.order.flags import YES
from bot.order.prompts import Prompt


def draws_from(inputs: int, *, masked: bool) -> Callable[[Model], bool]:
    """The question to a model whether it draws from so many pictures, with a mask or without."""
    return partial(Model.takes, inputs=inputs, masked=masked)


def enlarges(model: Model) -> bool:
    """Whether it makes pictures larger, and nothing else."""
    return model.upscales


def said(typed: bool | None, default: str | None) -> bool:  # noqa: FBT001  # the field itself
    """What was typed, else the default."""
    return typed if typed is not None else (default or "").lower() in YES


def styled(subject: str, style: Prompt | None) -> str:
    """The words in a style's template."""
    return subject if style is None else style.subject.replace("{prompt}", subject)


def with_avoid(prompt: str, avoid: str) -> str:
    """What shall not be there, in words, for a model without a parameter for it."""
    if not avoid:
        return prompt
    joint = " " if prompt[-1] in ".!?…。" else ". "
    return f"{prompt}{joint}Avoid: {avoid}"


def nearly(prompt: Prompt, model: Model) -> Prompt | None:
    """The same with the model's nearest shape; None where it has none that is near."""
    nearest = near_shape(prompt.aspect, model) if prompt.aspect else ""
    return replace(prompt, aspect=nearest) if nearest else None


def at_most(credits_: int, most: int | None) -> int:
    """A price that may be bounded."""
    return credits_ if most is None else min(credits_, most)


def images_of(prompt: Prompt, model: Model, defaults: Mapping[str, str]) -> int:
    """How many images. Raises BadPrompt for more than the model draws at once."""
    most = len(counts(model))
    if prompt.images is None:
        wanted = defaults.get("images", "1")
        return max(1, min(most, int(wanted))) if wanted.isdecimal() else 1
    if not 1 <= prompt.images <= most:
        raise BadPrompt("images-range", images=prompt.images, least=1, most=most, model=tail(model.id))
    return prompt.images

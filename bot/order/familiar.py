"""What people bring from other bots, pure: read as ours where it means that, else explained, all at once.

Nothing of it is painted as words, and nothing is left out in silence: who gets an explanation has the words back,
without what was explained.
"""

import difflib
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from bot.errors import BadPrompt, Refusal
from bot.model import Model
from bot.order import foreign
from bot.order.fitting import counts, first, tail
from bot.order.flags import BY_SPELLING, NAMED, FlagKind, canonical, parameters, spelled
from bot.order.grammar import QUOTED
from bot.order.prompts import Prompt, as_flag, aspect_of
from bot.order.styles import ALSO

_ALIKE = 0.78  # so like one of ours a name is a typing error, and no word of another bot
_BEGUN = 3  # letters with which one begins that was cut short
_EMOJI = re.compile(r":[a-z0-9_+'-]+:(?::skin-tone-\d:)?", re.IGNORECASE)  # as Slack writes them
_WEIGHT = re.compile(r"::\s?-?(?:\d*\.)?\d+|::")
_ATTENTION = re.compile(r"[(\[]([^()\[\]:\n]{1,80}):\d*\.\d+[)\]]")
_ADDON = re.compile(r"<(?:lora|lyco|lycoris|hypernet|embedding):[^<>\n]{1,80}>", re.IGNORECASE)
_CHOICES = re.compile(r"\{([^{}\n]{1,300})\}")
_VARIANTS_SHOWN, _VARIANTS_MOST = 3, 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """What there is here instead."""

    model: Model
    styles: Collection[str]
    price: Callable[[Prompt], int]  # what an order costs; raises BadPrompt where it can't be made

    def credits(self, prompt: Prompt) -> int | None:
        """What an order costs, where it can be made."""
        try:
            return self.price(prompt)
        except BadPrompt:
            return None


def translated(prompt: Prompt, model: Model) -> Prompt:
    """The same order with what means one of ours read as ours."""
    flags = {canonical(name): value for name, value in _foreign_in(prompt, model)}
    gone: set[str] = set()
    if size := foreign.pixels_of(flags):
        prompt, gone = (
            replace(prompt, aspect=prompt.aspect or aspect_of(size)),
            gone | {"w", "h", "width", "height"},
        )
    if "raw" in flags:
        prompt, gone = replace(prompt, style=prompt.style or "raw"), gone | {"raw"}
    for name in foreign.BY_NAME:
        if foreign.BY_NAME[name].advice == foreign.REPEAT and flags.get(name) == "1":
            prompt, gone = replace(prompt, images=prompt.images or 1), gone | {name}
    extra = {name: value for name, value in prompt.extra.items() if canonical(name) not in gone}
    return replace(prompt, extra=extra, quality=_quality(prompt.quality, model))


def style_in(prompt: Prompt, styles: Collection[str]) -> str | None:
    """The style that is asked for, by any of its names; raw and `none` are none, where no style is called so."""
    name = (prompt.style or "").casefold()
    if name not in styles and ALSO.get(name) in styles:
        return ALSO[name]
    return None if name in foreign.NO_STYLE and name not in styles else prompt.style


def assert_ours(prompt: Prompt, here: Here) -> None:
    """Raises BadPrompt, which says what to do instead of everything in an order that is another bot's."""
    told = [*_flags_explained(prompt, here), *_words_explained(prompt, here)]
    if told:
        one, *others = told
        one.others, one.again = tuple(others), _typed(_without(prompt, here), _plain(prompt.subject))
        raise one


def nearest_flag(name: str, ours: Collection[str]) -> str:
    """The flag of ours that was mistyped; never one that another word may mean, or that orders more pictures."""
    typed = canonical(name)[:40]
    counting = (NAMED["images"].spelled, *map(spelled, parameters(FlagKind.COUNT)))
    by_name = {canonical(one): one for one in ours if one not in counting}
    by_name |= {name: flag.spelled for name, flag in BY_SPELLING.items() if flag.spelled in by_name.values()}
    if len(typed) < _BEGUN:
        return ""
    begun = [one for plain, one in by_name.items() if plain.startswith(typed)]
    alike = difflib.get_close_matches(typed, by_name, n=1, cutoff=_ALIKE)
    return begun[0] if len(set(begun)) == 1 else by_name[alike[0]] if alike else ""


# ── Flags ────────────────────────────────────────────────────────────────────────────────────────────


def _foreign_in(prompt: Prompt, model: Model) -> Iterator[tuple[str, str]]:
    """The flags of other bots, as typed; what the model itself takes is the model's."""
    for name, value in prompt.extra.items():
        plain = canonical(name)
        counts_here = plain in parameters(FlagKind.COUNT)
        if plain in foreign.BY_NAME and (counts_here or plain not in model.parameters):
            yield name, value


def _flags_explained(prompt: Prompt, here: Here) -> Iterator[BadPrompt]:
    flags = {f"--{name} {value}".strip(): canonical(name) for name, value in _foreign_in(prompt, here.model)}
    nearest = "--style anime" if "anime" in here.styles else ""
    for advice, typed in foreign.grouped(flags):
        flag, model = ", ".join(typed), tail(here.model.id)
        repeated = _repeat(prompt, here, typed[0]) if advice == foreign.REPEAT else {}
        yield BadPrompt(f"foreign-{advice}", flag=flag, model=model, nearest=nearest, **repeated)
    if _is_odd_quality(prompt, here):
        name = first(NAMED["quality"].parameters, here.model)
        values = ", ".join(here.model.parameters[name]) if name else ""
        yield BadPrompt(
            "foreign-quality", flag=f"--q {prompt.quality}", model=tail(here.model.id), values=values
        )


def _repeat(prompt: Prompt, here: Here, typed: str) -> dict[str, Any]:
    """How many pictures a repetition would be, and what they would cost; empty where so many can't be."""
    number = typed.rpartition(" ")[2]
    most = counts(here.model)
    if number not in most:
        return {"images": None, "most": len(most)}
    price = here.credits(replace(_without(prompt, here), subject=_plain(prompt.subject), images=int(number)))
    return {"images": int(number), "credits": price, "most": len(most)}


def _without(prompt: Prompt, here: Here) -> Prompt:
    """The order without the flags of other bots."""
    gone = {name for name, _ in _foreign_in(prompt, here.model)}
    extra = {name: value for name, value in prompt.extra.items() if name not in gone}
    return replace(prompt, extra=extra, quality=None if _is_odd_quality(prompt, here) else prompt.quality)


def _quality(typed: str | None, model: Model) -> str | None:
    """Midjourney's 0.5 is less than usual, its 1 is what is usual; what is more than that costs more, and is not guessed."""
    name = first(NAMED["quality"].parameters, model)
    if (
        name is None
        or typed is None
        or not foreign.NUMBER.fullmatch(typed)
        or typed in model.parameters[name]
    ):
        return typed
    values, usual = model.parameters[name], str(model.defaults.get(name, "medium"))
    wanted = {True: "low", False: usual if float(typed) == 1 else ""}[float(typed) < 1]
    return wanted if wanted in values else typed


def _is_odd_quality(prompt: Prompt, here: Here) -> bool:
    if prompt.quality is None or not foreign.NUMBER.fullmatch(prompt.quality):
        return False
    name = first(NAMED["quality"].parameters, here.model)
    return name is None or prompt.quality not in (here.model.parameters[name] or (prompt.quality,))


# ── Words ────────────────────────────────────────────────────────────────────────────────────────────


def _words_explained(prompt: Prompt, here: Here) -> Iterator[BadPrompt]:
    words = _unquoted(f"{prompt.subject}\n{prompt.negative or ''}")
    if found := _WEIGHT.search(_EMOJI.sub(" ", words)) or _ATTENTION.search(words):
        yield BadPrompt("foreign-weights", words=found[0])
    if found := _ADDON.search(words):
        yield BadPrompt("foreign-addon", flag=found[0], model=tail(here.model.id))
    if any(_choices(found[1]) for found in _CHOICES.finditer(words)):
        variants = _variants(prompt.subject)
        shown = " / ".join(f"“{_plain(one)}”" for one in variants[:_VARIANTS_SHOWN])
        credits_ = here.credits(replace(_without(prompt, here), subject=_plain(prompt.subject)))
        yield BadPrompt("foreign-choices", pictures=len(variants), words=shown, credits=credits_)


def _unquoted(words: str) -> str:
    """Without what is to be lettered."""
    return QUOTED.sub(lambda quoted: " " * len(quoted[0]), words)


def _choices(inside: str) -> list[str]:
    """What stands to choose between braces; nothing where they hold data, such as a prompt in JSON."""
    parts = [part.strip() for part in re.split(r"[,|]", inside)]
    is_data = '"' in inside or any(part.startswith(":") for part in parts) or ": " in inside
    return [] if is_data or len(parts) < 2 or not all(parts) else parts  # noqa: PLR2004  # one is no choice


def _variants(words: str) -> list[str]:
    """All texts that the choices make, to a bound."""
    pieces: list[list[str]] = []
    position, made = 0, 1
    for found in _CHOICES.finditer(_unquoted(words)):
        choices = _choices(found[1])
        if choices and made * len(choices) <= _VARIANTS_MOST:
            made *= len(choices)
            pieces += [[words[position : found.start()]], choices]
            position = found.end()
    return ["".join(parts) for parts in product(*pieces, [words[position:]])]


def _plain(words: str) -> str:
    """The words without weights and add-ons, and with the first of each choice; what is quoted stays."""
    first_one = _variants(words)[0]
    parts, position = [], 0
    for quoted in QUOTED.finditer(first_one):
        parts += [_unweighted(first_one[position : quoted.start()]), quoted[0]]
        position = quoted.end()
    said = "".join([*parts, _unweighted(first_one[position:])])
    return " ".join(said.split()).strip(" ,") or first_one


def _unweighted(words: str) -> str:
    emoji = _EMOJI.findall(words)
    if not emoji:
        words = re.sub(r",(?=\s*(?:,|$))", "", _WEIGHT.sub(", ", words))
    return _ADDON.sub("", _ATTENTION.sub(r"\1", words))


def _typed(prompt: Prompt, subject: str) -> str:
    """The order as it can be typed."""
    said = prompt.said() | dict(prompt.extra)
    try:
        return " ".join([subject, *(as_flag(name, value) for name, value in said.items())])
    except Refusal:
        return subject

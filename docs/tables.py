"""Tables of what the code lists as values: flags, styles, prices, refusals. `docs/make.py` writes them."""

from pathlib import Path
from typing import get_args

from bot.model import USD_MICROS, Model
from bot.moderation.checks import CATEGORIES, severity_of
from bot.moderation.lexicon.findings import Rule, crossings
from bot.moderation.lexicon.lexicon import load
from bot.order import foreign
from bot.order.flags import FLAGS
from bot.order.styles import STYLES
from bot.ports import Policy, Severity
from bot.rules.rules import Level
from bot.words.words import Words
from integrations.discord.failures import FAILURES
from integrations.providers import _models
from integrations.slack import failures

ROOT = Path(__file__).resolve().parent.parent


def table(*heads: str) -> list[str]:
    """The head of a table."""
    return [row(*heads), row(*["---"] * len(heads))]


def row(*cells: str) -> str:
    """One row, whatever stands in its cells."""
    return f"| {' | '.join(' '.join(c.split()).replace('|', chr(92) + '|') for c in cells)} |"


def table_of_discords_refusals() -> str:
    """Every code of Discord that we know, with what is done about it."""
    lines = table("code", "Discord says", "before something is painted", "afterwards")
    lines += [row(f"`{code}`", one.says, one.before, one.after) for code, one in FAILURES.items()]
    return "\n".join(lines)


def table_of_slacks_refusals() -> str:
    """Every word of Slack that we know, by what stands in the way."""
    lines = table("Slack says", "before painting", "after painting")
    for obstacle, rule in failures.RULES.items():
        codes = ", ".join(f"`{code}`" for code in failures.CODES.get(obstacle, ())) or "anything else"
        lines.append(row(codes, rule.before, rule.after))
    return "\n".join(lines)


def table_of_flags() -> str:
    """Our own flags."""
    words = Words("en")
    lines = table("flag", "also", "what")
    for flag in FLAGS:
        others = ", ".join(f"`--{spelling}`" for spelling in flag.spellings[1:])
        lines.append(row(f"`{flag.spelled}`", others, words.say(flag.label)))
    return "\n".join(lines)


def table_of_styles() -> str:
    """The styles that Easel comes with."""
    english, korean = Words("en"), Words("ko")
    lines = table("style", "also", "what", "sent")
    for one in STYLES:
        names = ", ".join(f"`{name}`" for name in one.also)
        what = f"{english.style(one.name)} · {korean.style(one.name)}"
        lines.append(row(f"`{one.name}`", names, what, f"`{one.template}`"))
    return "\n".join(lines)


def table_of_foreign_flags() -> str:
    """What people of other bots are told."""
    words = Words("en")
    lines = table("flags", "the answer")
    for advice in dict.fromkeys(row.advice for row in foreign.TABLE):
        names = ", ".join(
            f"`--{name}`" for row in foreign.TABLE for name in row.names if row.advice == advice
        )
        facts = {"nearest": "--style anime", "model": "The model", "images": 3, "credits": 90}
        lines.append(row(names, words.say(f"foreign-{advice}", flag="It", **facts)))
    return "\n".join(lines)


def table_of_levels() -> str:
    """What each rule of moderation means at each level; rules that mean the same stand in one row."""
    rows: dict[tuple[str, ...], dict[str, None]] = {}
    rules = sorted((*load().rules, *crossings()), key=lambda rule: CATEGORIES.index(rule.category))
    for rule in rules:
        at = [_AT_LEVEL[severity_of(rule, unlifted(level))] for level in get_args(Level)]
        rows.setdefault((*at, _strike(rule), f"`{rule.switch}`" if rule.switch else ""), {})[rule.id] = None
    lines = table("rules", *get_args(Level), "a strike", "passes with")
    lines += [row(", ".join(f"`{name}`" for name in rules), *cells) for cells, rules in rows.items()]
    return "\n".join(lines)


def unlifted(level: Level) -> Policy:
    """The policy of a level where no switch lifts a rule."""
    return Policy(level=level, art_nudity=False, insults=False, real_people=False)


_AT_LEVEL = {Severity.REFUSE: "refused", Severity.SPOILER: "spoiler", Severity.ALLOW: "passes"}


def _strike(rule: Rule) -> str:
    if not rule.strike:
        return "never"
    return f"none beside `{rule.mild_beside}`" if rule.mild_beside else "yes"


def table_of_costs() -> str:
    """What a picture costs at each service, by the models that draw from words."""
    lines = table("service", "models", "an image costs", "the cheapest", "the dearest")
    for file in sorted((ROOT / "integrations/providers").glob("*_models.toml")):
        name = file.name.removesuffix("_models.toml")
        found = [one for one in _models.load(file.name, provider=name).models if one.takes(0)]
        *_, dearest = found = sorted(found, key=lambda one: (_usd(one), one.id))
        if _usd(dearest):  # what one's own machine draws has no price
            costs = f"${_usd(found[0]):.3f} to ${_usd(dearest):.3f}"
            lines.append(row(f"`{name}`", str(len(found)), costs, f"`{found[0].id}`", f"`{dearest.id}`"))
    return "\n".join(lines)


def _usd(model: Model) -> float:
    return model.price().usd_micros / USD_MICROS


OF_VALUES = {
    "levels": table_of_levels,
    "discord": table_of_discords_refusals,
    "slack": table_of_slacks_refusals,
    "flags": table_of_flags,
    "styles": table_of_styles,
    "foreign": table_of_foreign_flags,
    "costs": table_of_costs,
}

"""`easel why`: what each stage of moderation made of a text, for whoever wonders about a refusal."""

import contextlib
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from bot.cli.common import ConfigOption, refused, run, settings_of
from bot.community import rules_text
from bot.community.conduct import policy_for
from bot.community.rulebook import standard_rules
from bot.configuration.settings import Settings
from bot.errors import BadPrompt
from bot.moderation.checks import LexiconCheck
from bot.moderation.explain import Explanation, explain
from bot.moderation.lexicon import lexicon
from bot.moderation.open import open_panel
from bot.ports import Policy, Severity
from bot.process.out import say, show_json, show_json_line
from bot.rules.rules import Rules
from bot.staff.saving import assert_found

_OWN_WORDS = frozenset({"blocked_words", "allowed_words", "misread"})
Explain = Callable[[str], Awaitable[Explanation]]


def why(
    text: Annotated[list[str] | None, typer.Argument(help="What somebody typed.")] = None,
    no: Annotated[str, typer.Option("--no", help="What the picture shall not show.")] = "",
    level: Annotated[
        str,
        typer.Option("--level", help="strict, standard, or relaxed as in an age-restricted channel."),
    ] = "",
    rule: Annotated[
        list[str] | None,
        typer.Option("--rule", help='A community\'s rule, as often as needed: "blocked_words kiwi, plum".'),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="One prompt a line instead of TEXT; - reads stdin.")
    ] = None,
    config: ConfigOption = None,
    json: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--json", help="One JSON object on stdout; with --file one a line.")
    ] = False,
) -> None:
    """Show what each stage of moderation made of a text, and the rule that spoke."""
    if (file is None) == (not text):
        raise typer.BadParameter("give a text, or --file with one prompt a line")
    settings = settings_of(config)
    policy = _policy(settings, level, rule or [])
    run(_why(settings, policy, " ".join(text or ()), no, file, json=json))


async def _why(
    settings: Settings, policy: Policy, text: str, no: str, file: Path | None, *, json: bool
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        words = LexiconCheck(lexicon.load())
        panel = open_panel(settings.moderation, stack, words=words)

        async def explained(said: str) -> Explanation:
            return await explain(said, policy, panel=panel, words=words, negative=no)

        if file is not None:
            await _tell_lines(file, explained, policy, json=json)
        elif json:
            show_json(_as_dict(text, await explained(text), policy))
        else:
            for line in _stages(await explained(text), policy):
                say(line)


def _policy(settings: Settings, level: str, typed: list[str]) -> Policy:
    """The operator's level with no community's rules, or what is asked for."""
    rules = _rules(standard_rules(settings), [*typed, f"level {level}"] if level else typed)
    return policy_for(
        rules,
        age_restricted=level == "relaxed",
        when_unavailable=settings.moderation.when_unavailable,
    )


def _rules(rules: Rules, typed: list[str]) -> Rules:
    values: dict[str, Any] = {}
    try:
        for one in typed:
            name, _, value = one.strip().partition(" ")
            named = rules_text.named(name)
            values[named] = rules_text.read(named, value)
        for named in _OWN_WORDS & values.keys():
            assert_found(named, values[named] or ())
        return rules.changed({name: value for name, value in values.items() if value is not None})
    except BadPrompt as refusal:
        raise typer.BadParameter(refused(refusal)) from None
    except ValidationError as error:
        raise typer.BadParameter(refused(rules_text.refusal(error, values))) from None


async def _tell_lines(file: Path, explained: Explain, policy: Policy, *, json: bool) -> None:
    """One line for every line, in order, also for blank ones: who reads them counts on it."""
    for text in _lines_of(file):
        told = _as_dict(text, await explained(text), policy)
        if json:
            show_json_line(told)
        else:
            outcome = told["severity"] if told["readings"] else "unread"
            why = told["rule"] or told["problem"] or "-"
            say(f"{outcome:8}  {told['category'] or '-':11}  {why:32}  {text}")


def _lines_of(file: Path) -> Iterator[str]:
    """The file's lines. Only a line feed ends one; bytes that are no UTF-8 are read as a replacement mark."""
    with contextlib.ExitStack() as stack:
        try:
            raw = sys.stdin.buffer if str(file) == "-" else stack.enter_context(file.open("rb"))
        except OSError as error:
            raise typer.BadParameter(f"{file} can't be read: {error.strerror}") from None
        for number, line in enumerate(raw):
            text = line.decode("utf-8", errors="replace").removesuffix("\n").removesuffix("\r")
            yield text.removeprefix("\ufeff") if number == 0 else text


def _as_dict(text: str, found: Explanation, policy: Policy) -> dict[str, Any]:
    """What outside tools read; names are added and not taken away."""
    verdict = found.judgement.verdict
    return {
        "text": text,
        "severity": _outcome(verdict.severity),
        "category": verdict.category,
        "rule": verdict.rule,
        "strike": verdict.counts,
        "layer": verdict.layer,
        "level": policy.level,
        "problem": found.problem,
        "readings": found.readings,
        "lines": found.lines,
        "hits": found.hits,
        "rules": {rule: _outcome(severity) for rule, severity in found.rules.items()},
    }


def _outcome(severity: Severity) -> str:
    """Allow, spoiler or refuse: of a prompt there is nothing to withhold but the prompt."""
    return "refuse" if severity.stops else severity.name.lower()


def _stages(found: Explanation, policy: Policy) -> Iterator[str]:
    verdict = found.judgement.verdict
    own = [note for note in found.judgement.notes if note.category == "own"]
    listed = len(policy.blocked_words), len((*policy.allowed_words, *policy.misread))
    told = {
        "text": found.text.strip() or "nothing",
        "order": f"none would be made: {found.problem}" if found.problem else "can be made",
        "readings": " | ".join(found.readings) or "none",
        "read as": " | ".join(dict.fromkeys(found.lines)) or "nothing",
        "hits": "; ".join(f"{group}: {', '.join(words)}" for group, words in found.hits.items()) or "none",
        "rules": ", ".join(f"{rule} {_outcome(s)}" for rule, s in found.rules.items()) or "none broken",
        "own words": f"{own[0].rule} refuse" if own else "{} blocked, {} allowed: silent".format(*listed),
        "verdict": f"{_outcome(verdict.severity)} at level {policy.level}"
        if found.readings
        else "none: unread",
    }
    if verdict.severity:
        strike = "a strike" if verdict.counts else "no strike"
        told["verdict"] += f": {verdict.category}, by {verdict.layer}, rule {verdict.rule}, {strike}"
    for stage, line in told.items():
        yield f"{stage:10} {' '.join(line.split())}"

"""Laws of docs/moderation.md, "How a prompt is read": each example of a stage is what its column says."""

import re
from pathlib import Path

import pytest

from bot.moderation.checks import LexiconCheck, OwnWords
from bot.moderation.explain import explain
from bot.moderation.lexicon.lexicon import load
from bot.moderation.panel import Panel
from bot.ports import Policy, Severity

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/moderation.md").read_text(encoding="utf-8")
WORDS = LexiconCheck(load())
PANEL = Panel([WORDS, OwnWords()], words=WORDS)
EXAMPLE = re.compile(r"`([^`]+)`( with `art_nudity`)?")
LEFT_OUT = {"__init__", "open", "explain", "panel", "undoing"}  # no stages of a text


def stages():
    """The rows of the table: stage, its rooms, what is refused, what passes."""
    table = PAGE.split("| stage | room | is refused | passes |")[1].split("\n\n")[0]
    for line in table.strip().splitlines()[1:]:
        stage, rooms, refused, passes = (cell.strip() for cell in line.strip("|").split(" | "))
        yield stage, re.findall(r"`(\w+)`", rooms), EXAMPLE.findall(refused), EXAMPLE.findall(passes)


STAGES = list(stages())


def examples(column):
    return [(stage[0], text, bool(switch)) for stage in STAGES for text, switch in stage[column]]


async def judged(text, *, art):
    """As an order with its flags is judged."""
    found = await explain(text, Policy(art_nudity=art), panel=PANEL, words=WORDS)
    return found.judgement.verdict


@pytest.mark.parametrize(("stage", "text", "art"), examples(2))
async def test_what_the_page_calls_refused_is(stage, text, art):
    verdict = await judged(text, art=art)
    assert verdict.severity is Severity.REFUSE, stage


@pytest.mark.parametrize(("stage", "text", "art"), examples(3))
async def test_what_the_page_says_passes_does(stage, text, art):
    verdict = await judged(text, art=art)
    assert verdict.severity is Severity.ALLOW, (stage, verdict)


def test_each_stage_shows_both_sides_and_stands_in_rooms_that_are_there():
    assert len(STAGES) > 20
    rooms = {path.stem for path in (ROOT / "bot/moderation").rglob("*.py")} - LEFT_OUT
    for stage, named, refused, passes in STAGES:
        assert refused, stage
        assert passes, stage
        assert set(named) <= rooms, stage


async def test_a_statue_of_somebody_young_costs_no_strike_and_is_not_drawn():
    assert not (await judged("statue of a naked boy", art=False)).counts

"""Laws of the levels, over every rule: what docs/moderation.md's table says is what its example gets."""

import re
from pathlib import Path
from typing import get_args

import pytest

from bot.moderation.checks import LexiconCheck
from bot.moderation.lexicon.findings import crossings
from bot.moderation.lexicon.lexicon import load
from bot.ports import Policy, Severity
from bot.rules.rules import Level
from docs.tables import unlifted

PAGE = (Path(__file__).parents[2] / "docs/moderation.md").read_text(encoding="utf-8")
LEVELS = get_args(Level)
MEANS = {"refused": Severity.REFUSE, "spoiler": Severity.SPOILER, "passes": Severity.ALLOW}
CHECK = LexiconCheck(load())
RULES = (*load().rules, *crossings())
# Ambiguous youth with a word that is mild: refused as sexual at most, by level, and without a strike.
YOUNG_AND_MILD = (
    "a girl in lingerie", "a sexy girl", "a girl, seductive pose", "fille en lingerie", "chica en lencería", "Mädchen in Dessous", "ragazza in lingerie", "garota de lingerie",
    "meisje in lingerie", "dziewczyna w bieliźnie", "下着の女の子", "穿内衣的女孩", "kız iç çamaşırı", "야한 학생", "학생, 야한 옷", "섹시한 여학생", "ragazza sexy", "fille sexy",
    "gadis memakai lingerie", "فتاة في ملابس داخلية", "लड़की अधोवस्त्र में",
)  # fmt: skip


def rows():
    """Each rule -> what stands in its columns."""
    made = PAGE.partition("<!-- made: levels -->")[2].partition("<!-- end -->")[0]
    for line in made.strip().splitlines()[2:]:
        names, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        yield from ((name, cells) for name in re.findall(r"`([^`]+)`", names))


TABLE = dict(rows())


def test_the_table_names_every_rule_once():
    assert list(TABLE) == list(dict(rows()))
    assert len(list(rows())) == len(TABLE)
    assert TABLE.keys() == {rule.id for rule in RULES}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rules_own_example_gets_at_each_level_what_the_table_says(rule, level):
    policy = unlifted(level)
    cells = TABLE[rule.id]
    severity = MEANS[cells[LEVELS.index(level)]]
    assert {told for one, told in CHECK.broken(rule.guilty, policy) if one.id == rule.id} == {severity}
    verdict = CHECK.judge(rule.guilty, policy)
    assert verdict.severity >= severity
    if verdict.rule.partition("@")[0] == rule.id:
        assert verdict.counts is (severity is Severity.REFUSE and cells[3] != "never")


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.switch], ids=lambda rule: rule.id)
def test_a_switch_that_the_table_names_lifts_the_rule_and_no_other_does(rule):
    assert TABLE[rule.id][4] == f"`{rule.switch}`"
    others = {name: name != rule.switch for name in ("art_nudity", "insults", "real_people")}
    told = dict(CHECK.broken(rule.guilty, Policy(level="strict", **others)))
    assert Severity.REFUSE in [severity for one, severity in told.items() if one.id == rule.id]


def test_no_rule_on_minors_is_milder_at_any_level_or_passes_with_anything():
    of_minors = [TABLE[rule.id] for rule in RULES if rule.category == "minors"]
    assert {(*cells[:3], cells[4]) for cells in of_minors} == {("refused", "refused", "refused", "")}


@pytest.mark.parametrize("text", YOUNG_AND_MILD)
def test_ambiguous_youth_with_a_mild_word_costs_no_strike_in_any_language(text):
    for level in LEVELS:
        verdict = CHECK.judge(text, Policy(level=level))
        assert not verdict.counts, verdict
        assert verdict.category in ("", "sexual"), verdict

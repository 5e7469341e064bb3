"""`easel why`: says what the real path decides, stage by stage, and one object a line for tools."""

import json
import sys
from functools import partial
from pathlib import Path

import pytest

from bot.moderation.checks import LexiconCheck, OwnWords
from bot.moderation.explain import explain
from bot.moderation.lexicon import lexicon
from bot.moderation.panel import Panel
from bot.ports import Policy, Severity
from tests.fakes.command import called

DATA = Path(__file__).parents[1] / "data/moderation"
LEXICON = lexicon.load()
WORDS = LexiconCheck(LEXICON)
PANEL = Panel([WORDS, OwnWords()], words=WORDS)


@pytest.fixture
def easel(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lexicon, "load", lambda: LEXICON)  # a third of a second for every call

    return partial(called, capsys, monkeypatch, "why")


def stages(out):
    return {line[:10].strip(): line[11:] for line in out.splitlines()}


def test_each_stage_has_its_line_and_the_rule_that_spoke(easel):
    code, out, _ = easel("a nud3 fox")
    told = stages(out)
    assert code == 0
    assert list(told) == ["text", "order", "readings", "read as", "hits", "rules", "own words", "verdict"]
    assert told["text"] == "a nud3 fox"
    assert told["read as"] == "a nude fox"
    assert "nude: nude" in told["hits"]
    assert told["rules"] == "sexual.nudity refuse"
    version = lexicon.load().version
    assert (
        told["verdict"]
        == f"refuse at level standard: sexual, by lexicon, rule sexual.nudity@{version}, no strike"
    )


def test_what_passes_is_said_too(easel):
    told = stages(easel("a red fox")[1])
    assert told["rules"] == "none broken"
    assert told["verdict"] == "allow at level standard"


def test_json_is_one_object_with_the_names_that_tools_rely_on(easel):
    code, out, _ = easel("a nude fox", "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["severity"], told["category"], told["strike"]) == ("refuse", "sexual", True)
    assert told["rule"].startswith("sexual.nudity@")
    passed = json.loads(easel("a red fox", "--json")[1])
    assert (passed["severity"], passed["category"], passed["rule"], passed["strike"]) == (
        "allow",
        "",
        "",
        False,
    )


@pytest.mark.parametrize(
    ("level", "severity", "strike"),
    [("strict", "refuse", True), ("standard", "refuse", True), ("relaxed", "spoiler", False)],
)
def test_a_level_is_judged_as_its_channel_would_be(easel, level, severity, strike):
    told = json.loads(easel("a nude fox", "--level", level, "--json")[1])
    assert (told["severity"], told["strike"], told["level"]) == (severity, strike, level)


def test_the_operators_level_holds_when_his_configuration_is_named(easel, tmp_path):
    file = tmp_path / "own.toml"
    file.write_text('[moderation]\nlevel = "strict"\n', encoding="utf-8")
    assert json.loads(easel("a woman in lingerie", "--json")[1])["severity"] == "allow"
    told = json.loads(easel("a woman in lingerie", "--config", file, "--json")[1])
    assert (told["severity"], told["level"]) == ("refuse", "strict")


def test_relaxed_in_the_configuration_needs_a_restricted_channel_as_ever(easel, tmp_path):
    file = tmp_path / "own.toml"
    file.write_text('[moderation]\nlevel = "relaxed"\n', encoding="utf-8")
    assert json.loads(easel("a nude fox", "--config", file, "--json")[1])["level"] == "standard"


@pytest.mark.parametrize("words", [("a woman", "--no", "clothes"), ("a woman --no clothes",)])
def test_what_shall_not_be_shown_is_judged_wherever_it_is_said(easel, words):
    told = json.loads(easel(*words, "--json")[1])
    assert (told["severity"], told["category"]) == ("refuse", "sexual")


def test_a_communitys_rules_can_be_tried(easel):
    told = stages(easel("a plum", "--rule", "blocked_words kiwi, plum")[1])
    assert told["own words"] == "own.blocked refuse"
    assert told["verdict"].startswith("refuse at level standard: own, by own_words, rule own.blocked")
    assert stages(easel("a nude fox", "--rule", "allowed_words nude")[1])["rules"] == "sexual.nudity allow"


@pytest.mark.parametrize(
    "words",
    [(), ("a fox", "--file", "x"), ("a fox", "--level", "lax"), ("--file", "nowhere"),
     ("a fox", "--rule", "blokked_words x"), ("a fox", "--rule", "art_nudity perhaps"),
     ("--no nude",), ("a fox", "--rule", "allowed_words a"), ("a fox", "--rule", "blocked_words plum, .*"), ("a fox", "--rule", "misread x")],
)  # fmt: skip
def test_what_cannot_be_read_is_exit_2_with_its_reason(easel, words):
    code, out, err = easel(*words)
    assert (code, out) == (2, "")
    assert err.startswith("easel: ")
    assert err.endswith(" easel why -h says how.\n")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("text", ["--no nude", "--nude fox", "-x fox"])
def test_a_text_that_begins_with_a_dash_is_taken_behind_two(easel, text):
    assert "A text that begins with a dash stands behind --: easel why -- TEXT." in easel(text)[2]
    assert easel("--", text)[0] == 0
    assert "stands behind" not in easel("a fox", "--level", "lax")[2]


@pytest.mark.parametrize(
    "rule", ["allowed_words a", "blocked_words plum, a", "misread .*", "blocked_words $"]
)
def test_words_that_settings_refuse_are_refused_here_too(easel, rule):
    assert "I would find it in every prompt, or in none" in easel("a fox", "--rule", rule)[2]


def test_a_file_gives_one_object_a_line_in_order_blank_ones_too(easel, tmp_path):
    file = tmp_path / "prompts.txt"
    lines = [
        "a red fox",
        "",
        "a nude fox",
        "  ",
        "line\u2028break, nude",
        "so " * 2000 + ".",
        'a "fox" --ar banana',
    ]
    file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\n" + b"a n\xffude fox")
    code, out, _ = easel("--file", file, "--json")
    told = [json.loads(line) for line in out.removesuffix("\n").split("\n")]
    assert code == 0
    assert [*lines, "a n\ufffdude fox"] == [one["text"] for one in told]
    outcomes = ["allow", "allow", "refuse", "allow", "refuse", "allow", "allow"]
    assert outcomes == [one["severity"] for one in told[:7]]
    problems = ["", "prompt-empty", "", "prompt-empty", "", "prompt-too-long", "flag-value", ""]
    assert problems == [one["problem"] for one in told]


def test_words_that_are_no_order_are_judged_all_the_same(easel):
    told = json.loads(easel("a nude fox --ar banana", "--json")[1])
    assert (told["severity"], told["problem"]) == ("refuse", "flag-value")


def test_stdin_is_a_file_too(easel, monkeypatch, tmp_path):
    (tmp_path / "in").write_text("a fox\na nude fox\n", encoding="utf-8")
    with (tmp_path / "in").open(encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        _, out, _ = easel("--file", "-", "--json")
    assert [json.loads(line)["severity"] for line in out.splitlines()] == ["allow", "refuse"]


def test_without_json_a_file_is_a_table(easel, tmp_path):
    (tmp_path / "in").write_text("a fox\na nude fox\n", encoding="utf-8")
    first, second = easel("--file", "in")[1].splitlines()
    assert (first.split()[0], first.endswith("a fox")) == ("allow", True)
    assert second.split()[:2] == ["refuse", "sexual"]


@pytest.mark.parametrize(("text", "problem"), [("nude " * 900, "prompt-too-long"), ("  ", "prompt-empty")])
def test_what_nobody_reads_has_no_verdict_that_it_may_pass(easel, tmp_path, text, problem):
    told = stages(easel(text)[1])
    assert (told["order"], told["verdict"]) == (f"none would be made: {problem}", "none: unread")
    (tmp_path / "in").write_text(text, encoding="utf-8")
    assert easel("--file", "in")[1].split()[:3] == ["unread", "-", problem]


def test_what_a_press_opened_counts_among_the_allowed_words(easel):
    told = stages(easel("kinky hosepipe", "--rule", "misread kinky hosepipe")[1])
    assert (told["own words"], told["verdict"]) == ("0 blocked, 1 allowed: silent", "allow at level standard")


@pytest.mark.parametrize(
    ("opened", "text", "outcome"),
    [
        ("kinky hosepipe", "a kinky hose pipe", "allow"),  # as the lexicon cuts what means nothing
        ("therapist", "a woman and the rapist", "refuse"),  # what only a cut would make of it
    ],
)
def test_a_phrase_is_open_as_it_is_read_and_not_as_it_could_be_cut(easel, opened, text, outcome):
    assert json.loads(easel(text, "--rule", f"misread {opened}", "--json")[1])["severity"] == outcome


def test_the_lexicon_is_loaded_once_however_many_lines(easel, monkeypatch, tmp_path):
    loads = []
    real = lexicon.load

    def load():
        loads.append(1)
        return real()

    monkeypatch.setattr(lexicon, "load", load)
    (tmp_path / "in").write_text("a fox\n" * 500, encoding="utf-8")
    assert len(easel("--file", "in", "--json")[1].splitlines()) == 500
    assert loads == [1]


@pytest.mark.parametrize("level", ["strict", "standard", "relaxed"])
async def test_it_says_what_the_panel_says_and_names_a_rule_for_it(level):
    """Of every text of the data: the same verdict, and a rule among the broken ones that explains it."""
    policy = Policy(level=level, blocked_words=("pineapple",), insults=False)
    for file in ("refused.txt", "benign.txt", "benign_ko.txt"):
        for text in (DATA / file).read_text(encoding="utf-8").splitlines():
            found = await explain(text, policy, panel=PANEL, words=WORDS)
            verdict = found.judgement.verdict
            if not found.problem:
                assert verdict == (await PANEL.judge_now(text, policy)).verdict, text
            spoken = [rule for rule, severity in found.rules.items() if severity == verdict.severity]
            assert verdict.severity is Severity.ALLOW or verdict.rule.split("@")[0] in [
                *spoken,
                "own.blocked",
            ]

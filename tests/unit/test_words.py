"""Every sentence exists, in every language, and saying one never fails."""

import re
from pathlib import Path
from typing import get_args

import pytest
from fluent.syntax import FluentParser, FluentSerializer, ast
from fluent.syntax.visitor import Visitor
from structlog.testing import capture_logs

from bot import cli, errors
from bot.errors import (
    BadPrompt,
    NotAllowed,
    NotEnoughCredits,
    PromptRefused,
    Refusal,
    UnknownModel,
)
from bot.job import State
from bot.jobs import stages
from bot.model import Strength
from bot.moderation.checks import CATEGORIES
from bot.moderation.lexicon import lexicon
from bot.money import Transfer
from bot.ports import Do, RoomAct
from bot.words.particles import with_particle
from bot.words.words import Words

ROOT = Path(__file__).parents[2]
LOCALES = (ROOT / "bot" / "locales", *sorted((ROOT / "integrations").glob("*/locales")))
EVERY_REFUSAL = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Refusal)]
REFUSAL_NAMES = "|".join(r.__name__ for r in EVERY_REFUSAL)
TROUBLES = ("provider", "deadline", "uncertain", "images", *stages.DEFINITE)


def resource(language):
    bodies = [p.read_text("utf-8") for folder in LOCALES for p in sorted(folder.glob(f"{language}.*ftl"))]
    return [entry for body in bodies for entry in FluentParser().parse(body).body]


def messages(language):
    return {e.id.name: e for e in resource(language) if isinstance(e, ast.Message)}


class _Variables(Visitor):
    def __init__(self):
        self.names = set()

    def visit_VariableReference(self, node):  # noqa: N802  # the library's name
        self.names.add(node.id.name)


def variables(message):
    visitor = _Variables()
    visitor.visit(message)
    return visitor.names


def ids_in_code():
    """Message ids that the code names: in refusals, in say(...), as reasons of moves, in notices, of handled events."""
    found = set()
    for path in (ROOT / "bot").rglob("*.py"):
        code = path.read_text("utf-8")
        found |= set(re.findall(r'\bsays="([a-z_-]+)"', code))
        found |= set(re.findall(r'\bHandled\(\s*text="([a-z_-]+)"', code))
        found |= set(re.findall(r'\b_?say\(\s*[\w.]+(?:\([^()]*\))?,\s*"([a-z_-]+)"', code))
    for path in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "integrations").rglob("*.py")]:
        code = path.read_text("utf-8")
        found |= set(re.findall(rf'\b(?:{REFUSAL_NAMES})\(\s*"([a-z_-]+)"', code))
        found |= set(re.findall(r'\bsay\(\s*"([a-z_-]+)"', code))
        found |= set(re.findall(r'\breason="((?:failed|refused|withheld|partial|cancelled)[a-z_-]*)"', code))
    return found


@pytest.fixture(scope="module")
def words():
    return Words(clock=lambda: 1_000.0)


@pytest.mark.parametrize("language", Words().languages)
def test_the_texts_are_well_formed_and_said_once(language):
    entries = resource(language)
    assert [e.content for e in entries if isinstance(e, ast.Junk)] == []
    names = [e.id.name for e in entries if isinstance(e, ast.Message)]
    assert sorted(names) == sorted(set(names))


def test_every_language_has_every_text_with_the_same_facts():
    english = messages("en")
    for language in Words().languages:
        other = messages(language)
        assert sorted(other) == sorted(english)
        assert {n: variables(m) for n, m in other.items()} == {n: variables(m) for n, m in english.items()}


def test_every_refusal_class_and_every_id_in_the_code_has_its_text(words):
    needed = {r.default_reason for r in EVERY_REFUSAL} | ids_in_code()
    needed |= {f"refused-{c}" for c in (*CATEGORIES, "provider")} | {f"failed-{t}" for t in TROUBLES}
    needed |= {f"button-{do}" for do in Do} | {f"event-did-{do}" for do in get_args(RoomAct)}
    needed |= {f"headline-{s}" for s in State if s.ended}
    needed |= {f"movement-{kind}" for kind in Transfer}
    needed |= {f"good-for-{one}" for one in get_args(Strength)}
    for language in words.languages:
        assert {i for i in needed if not words.knows(i, language)} == set()


def test_every_rule_of_the_lexicon_is_of_a_category_that_has_its_sentence():
    assert {rule.category for rule in lexicon.load().rules} - set(CATEGORIES) == set()


@pytest.mark.parametrize("language", Words().languages)
def test_every_text_can_be_said_with_its_facts(words, language):
    for name, message in messages(language).items():
        facts = dict.fromkeys(variables(message) | {"category"}, 3)
        with capture_logs() as logs:
            said = words.say(name, language, **facts)
        assert (logs, "{" in said) == ([], False), name


def test_every_end_that_gives_credits_back_says_so(words):
    for name in [
        *(f"failed-{t}" for t in TROUBLES),
        *(f"refused-{c}" for c in CATEGORIES),
        "withheld",
        "cancelled",
    ]:
        assert "credits are back" in words.say(name)
        assert "크레딧은 돌려드렸어요" in words.say(name, "ko")


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_moderation_refusal_names_its_category_kindly(words, category):
    sentence = words.refusal(PromptRefused(category=category))
    assert "this subject" not in sentence
    assert "{" not in sentence


def test_a_shortage_tells_what_is_missing_when_it_renews_and_what_still_fits(words):
    bare = NotEnoughCredits(price=39, available=9, missing=30)
    assert words.refusal(bare) == (
        "This costs 39 credits and you have 9: 30 are missing. The moderators can grant more."
    )
    full = NotEnoughCredits(price=39, available=9, missing=30, renews=1_000 + 3 * 3_600, cheaper="sdxl")
    assert words.refusal(full) == (
        "This costs 39 credits and you have 9: 30 are missing. "
        "Your credits renew in 3 h. sdxl would still fit."
    )
    assert words.refusal(full, "ko-KR").endswith("3시간 뒤 다시 채워져요. sdxl 모델은 지금도 쓸 수 있어요.")


def test_a_block_tells_its_reason_and_its_end(words):
    assert words.refusal(NotAllowed("blocked", why="spam", until=1_000 + 86_400 * 3)) == (
        "You can't make pictures here for another 3 days. Reason: spam. The moderators can help."
    )
    assert words.refusal(NotAllowed("blocked", why="", until=None)) == (
        "You can't make pictures here. The moderators can help."
    )


def test_a_text_that_is_missing_becomes_a_safe_sentence_and_a_warning(words):
    with capture_logs() as logs:
        assert words.refusal(Refusal("no-such-text"), "en") == "Sorry, that didn't work. Please try again."
        assert words.say("no-such-text", "ko").startswith("지금은")
    assert {log["event"] for log in logs} == {"words.missing"}


def test_a_fact_that_is_missing_never_shows_a_brace(words):
    with capture_logs() as logs:
        assert words.refusal(NotEnoughCredits()) == "Sorry, that didn't work. Please try again."
    assert logs[0]["event"] == "words.broken"


def test_facts_are_made_plain_and_short(words):
    said = words.say("model-unknown", typed="a\x00b\n\nc" + "x" * 999, nearest=None)
    assert said.startswith("I know no model “ab cxxx")
    assert len(said) < 400
    assert "/easel models" in said
    assert words.say("label-model", anything=object()) == "Model"


def test_unknown_languages_are_answered_in_the_bots_own():
    assert Words("ko").say("label-model", "fr") == "모델"
    assert Words("xx").say("label-model", "pt-BR") == "Model"
    assert Words().say("label-model", "ko_KR") == "모델"
    assert Words(name="Pinsel").say("event-of").startswith("Pinsel for")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "1 s"), (40, "40 s"), (120, "2 min"), (7_200, "2 h"), (86_400, "24 h"), (200_000, "2 days")],
)
def test_spans_have_one_unit(words, seconds, said):
    assert words.span(seconds) == said


PARTICLES = [
    ("여우", "여우는"), ("그림", "그림은"), ("“그림”", "“그림”은"), ("3", "3은"), ("1,000", "1,000은"), ("2", "2는"),
    ("--v", "--v는"), ("--n", "--n은"), ("--weird", "--weird는"), ("--style", "--style은"), ("flux-2-pro", "flux-2-pro는"),
    ("Easel", "Easel은"), ("PNG", "PNG는"), ("XL", "XL은"), ("art", "art는"), ("🦊", "🦊은(는)"), ("狐", "狐은(는)"), ("", "은(는)"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "said"), PARTICLES)
def test_a_korean_particle_follows_how_its_word_ends(word, said):
    assert with_particle(word, "은/는") == said


def test_after_a_rieul_it_is_ro():
    said = [with_particle(word, "으로/로") for word in ("물", "집", "여우", "7", "10", "Easel", "anime")]
    assert said == ["물로", "집으로", "여우로", "7로", "10으로", "Easel로", "anime으로"]


def test_no_korean_sentence_leaves_the_choice_of_a_particle_to_its_reader(words):
    both = ("은(는)", "이(가)", "을(를)", "(으)로", "와(과)")
    bodies = [p.read_text("utf-8") for folder in LOCALES for p in sorted(folder.glob("ko.*ftl"))]
    assert [line for body in bodies for line in body.splitlines() if any(one in line for one in both)] == []
    # Where what stands before it varies, the function chooses it, or a word of ours stands between.
    loose = re.compile(r"\{ \$(?!bot)\w+ \}”? ?(?:은|는|이|가|을|를|와|과|로|으로|예요|이에요)(?=[ .,!?])")
    assert [line for body in bodies for line in body.splitlines() if loose.search(line)] == []
    text = words.refusal(BadPrompt("foreign-version", flag="--v"), "ko")
    assert text.startswith("--v는 미드저니의 버전을 골라요.")


@pytest.mark.parametrize(
    ("message", "facts", "said"),
    [
        ("images-range", {"model": "solo", "least": 1, "most": 1, "images": 3}, "solo draws one image at once, not 3."),
        ("admin-usage-title", {"days": 1}, "Usage in the last day"),
        ("usage-chart", {"days": 1}, "over one day,"),
        (
            "admin-usage-total",
            {"pictures": 1, "credits": 39, "money": "$0.04", "refused": 0, "failed": 0},
            "Together 1 picture, 39 credits",
        ),
    ],
)  # fmt: skip
def test_one_of_a_thing_is_one(words, message, facts, said):
    assert said in words.say(message, "en", **facts)


# What nobody at a terminal can be refused: it keeps no favourites and has no pictures of its own to be shown again.
NOT_AT_A_TERMINAL = {
    "favourites-full", "favourites-how", "favourite-kept", "history-empty", "history-none", "defaults-how", "show-unknown",
    "gifts-off", "purchase-told", "buy-by-link", "buy-unknown",
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_names_a_command_of_a_chat_is_said_in_a_terminal_s_own_way(language):
    """Who is told of a command at a terminal types it there."""
    found = {
        entry.id.name: FluentSerializer().serialize_entry(entry)
        for entry in resource(language)
        if isinstance(entry, ast.Message)
    }
    own = {name.removeprefix("terminal-") for name in found if name.startswith("terminal-")}
    assert own - {"again"} <= found.keys()
    chats = re.compile(r"/easel|/imagine|✉️")
    assert [name for name in own if chats.search(found[f"terminal-{name}"])] == []
    beginning = re.compile(
        r"(prompt|flag|model|inputs|ref|foreign|setting|favourites?|history|defaults|show|gifts|buy|purchase)-"
    )
    named = {name for name, text in found.items() if chats.search(text) and beginning.match(name)}
    assert named - own <= NOT_AT_A_TERMINAL


def test_a_refusal_at_a_terminal_is_one_line_whose_commands_are_there():
    words = Words()
    for error in (
        BadPrompt("flag-unknown", flag="--frob", nearest="none"),
        UnknownModel(typed="nope", nearest="none"),
        BadPrompt("prompt-empty"),
    ):
        told = words.refusal_at_terminal(error)
        named = re.findall(r"easel (\w+)", told)
        assert named or "--model" in told
        assert set(named) <= set(cli.COMMANDS)
    several = BadPrompt("foreign-version", flag="--v 6")
    several.again = "a fox"
    assert words.refusal_at_terminal(several).endswith(": a fox")
    assert "\n" not in words.refusal_at_terminal(several)
    assert words.refusal(UnknownModel(typed="nope", nearest="none")).endswith("/easel models lists them all.")

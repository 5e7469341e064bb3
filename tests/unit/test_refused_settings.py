"""Laws of what is said when a setting is refused: in the person's language, whatever stands there."""

import json
import re
from typing import get_args

import pytest
from pydantic import ValidationError

from bot.community import rules_text
from bot.errors import BadPrompt
from bot.ports import Priority
from bot.rules.rules import ChannelRule, InputsRule, Level, Period, RoleRule, Rules
from bot.words.words import Words

WORDS = Words()
PARTS = ("allowance", "free_models", "exempt", "models", "max_price", "images_max", "cooldown_s", "per_requester", "priority", "open", "styles", "level")  # fmt: skip
BAD: tuple[object, ...] = (-5, 0, 0.5, 10**30, True, None, "가", "", " ", "가" * 4000, "가\0나", "\u200b", ["가"] * 600, ["가" * 101], [None], [["가"]], {}, {"가": 5}, {"가" * 200: {}}, {"가\0": {}})  # fmt: skip
TYPED = (
    "가", "-5", "0.5", "1e400", "9" * 30, "예", "가" * 4000, "가\0나", "\u200b", ", ".join("가" * 2 for _ in range(600)), "{", "[1]", "가=나", "가=-1", "가=",
    *(json.dumps({"가": value}, ensure_ascii=False) for value in BAD),
    *(json.dumps({"가": {part: value}}, ensure_ascii=False) for part in (*PARTS, "나") for value in BAD),
    json.dumps({f"가{n}": {} for n in range(300)}, ensure_ascii=False),
)  # fmt: skip
# What one types in every language, and what is called so everywhere.
KNOWN = frozenset(
    (*Rules.model_fields, *RoleRule.model_fields, *ChannelRule.model_fields, *get_args(Level), *get_args(Period), *get_args(InputsRule), *Priority,
     "everyone", "requester", "yes", "no", "easel-admin", "role", "channel", "JSON", "Asia/Seoul", "Europe/Berlin")
)  # fmt: skip


def refusals(name):
    for typed in TYPED:
        value = None
        try:
            value = rules_text.read(name, typed)
            Rules().changed({name: value} if value is not None else {})
        except BadPrompt as refusal:
            yield typed, refusal
        except ValidationError as error:
            yield typed, rules_text.refusal(error, {name: value})


def foreign(sentence):
    """The Latin words of a Korean sentence that are no value as it was typed, and no name."""
    return [
        word
        for word in re.findall(r"[A-Za-z][A-Za-z_/-]+", re.sub("“[^”]*”", "", sentence))
        if word not in KNOWN
    ]


@pytest.mark.parametrize("name", rules_text.NAMES)
def test_every_refusal_of_a_setting_is_said_in_korean(name):
    for typed, refusal in refusals(name):
        said = WORDS.refusal(refusal, "ko")
        assert foreign(said) == [], (typed[:100], said)
        assert len(said) < 400
        assert "\0" not in said


@pytest.mark.parametrize("name", rules_text.NAMES)
def test_a_refusal_says_what_can_be_written_instead(name):
    """The bare "can't be so" is for kinds of errors that nobody has thought of."""
    assert [typed[:80] for typed, refusal in refusals(name) if refusal.reason == "setting-value"] == []


@pytest.mark.parametrize("typed", ["{", "[1]", "가", "{1}"])
def test_factors_are_written_in_pairs_and_roles_part_by_part(typed):
    for name, shape in (("price_factors", "setting-pairs"), ("roles", "setting-json")):
        with pytest.raises(BadPrompt) as raised:
            rules_text.read(name, typed)
        assert raised.value.reason == shape


@pytest.mark.parametrize(
    ("values", "reason", "facts"),
    [
        ({"blocked_words": ["가" * 101]}, "setting-long", {"name": "blocked_words", "limit": 100}),
        ({"blocked_words": ["가나"] * 501}, "setting-many", {"name": "blocked_words", "limit": 500}),
        ({"blocked_words": ["가\0"]}, "setting-unreadable", {"name": "blocked_words", "value": "가U+0000"}),
        ({"roles": {"가": {"priority": "나"}}}, "setting-choice", {"values": ", ".join(Priority)}),
        ({"allowance": True}, "setting-number", {"name": "allowance"}),
    ],
)  # fmt: skip
def test_the_sentence_names_the_bound(values, reason, facts):
    with pytest.raises(ValidationError) as raised:
        Rules().changed(values)
    refusal = rules_text.refusal(raised.value, values)
    assert refusal.reason == reason
    assert facts.items() <= refusal.facts.items()

"""A law over vocabularies: an innocent word, number or id alone is what it says, however it could be twisted."""

import hashlib
from pathlib import Path

import pytest

from bot.moderation.checks import LexiconCheck
from bot.moderation.lexicon import lexicon
from bot.moderation.reading.text import word_list
from bot.ports import Policy

NEAR = Path(__file__).parent.parent / "data" / "moderation" / "vocabulary.txt"
LEXICON = lexicon.load()
CHECK = LexiconCheck(LEXICON)
IDS = 2_000
pytestmark = pytest.mark.slow  # thousands of words


def misread(words):
    """Those that are refused alone although no list has them plainly."""
    refused = {word: CHECK.judge(word, Policy()) for word in words}
    listed = {term for terms in LEXICON.groups.values() for term in terms}
    return {
        word: verdict.rule for word, verdict in refused.items() if verdict.severity and word not in listed
    }


@pytest.mark.parametrize("name", ["innocent.txt", "common.txt", "elsewhere.txt", "near.txt"])
def test_no_word_of_the_vocabularies_that_ship_is_misread(name):
    assert misread(word_list(name)) == {}


def test_no_innocent_word_that_holds_a_listed_one_is_misread():
    lines = NEAR.read_text(encoding="utf-8").splitlines()
    assert misread(line for line in lines if not line.startswith("#")) == {}


def test_no_number_postcode_or_serial_is_misread():
    digests = [hashlib.sha256(str(place).encode()).hexdigest() for place in range(IDS)]
    numbers = [str(int(digest[:6], 16)) for digest in digests]
    codes = [f"{digest[:2].upper()}-{int(digest[3:7], 16)}" for digest in digests]
    ids = [digest[: 7 + place % 34] for place, digest in enumerate(digests)]
    assert misread([*numbers, *codes, *ids]) == {}

"""Laws of what moderation costs: steps in proportion to the letters, whatever these are. No clock is read."""

import random
import sys

import pytest

from bench.hostile import hostile
from bot.moderation.checks import LexiconCheck, OwnWords, build_ahead
from bot.moderation.lexicon import lexicon
from bot.ports import Policy

LEXICON = lexicon.load()
CHECK, OWN = LexiconCheck(LEXICON), OwnWords()
POLICY = Policy(blocked_words=("pineapple",))
FEW, TIMES = 1_000, 3  # letters; of fewer it is asked only where they break something what they want
SLACK = 1.7  # words of chance are no two times the same
FIXED = 600  # steps that a text costs whatever its length
STEPS_A_LETTER = 40


def steps_of(text):
    """How many functions are called to judge a text."""
    steps = 0

    def count(_frame, event, _arg):
        nonlocal steps
        steps += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        CHECK.judge(text, POLICY)
        OWN.judge(text, POLICY)
    finally:
        sys.setprofile(None)
    return steps


def over_proportion(chance, other_chance, kinds=None):
    """The kinds of text of which a longer one costs more than it is longer."""
    texts = dict(hostile(LEXICON, chance, FEW)), dict(hostile(LEXICON, other_chance, TIMES * FEW))
    few, many = ({name: steps_of(text[name]) for name in kinds or text} for text in texts)
    return {name for name, steps in many.items() if steps > SLACK * TIMES * few[name] + FIXED}


@pytest.mark.slow
def test_no_kind_of_text_costs_more_than_in_proportion_to_its_letters():
    build_ahead(CHECK).result()
    over = over_proportion(random.Random(1), random.Random(2))
    # Chance decides in which reading the gravest rule is broken, and reading ends: what costs too much does so each time.
    for seed in (3, 5) if over else ():
        over &= over_proportion(random.Random(seed), random.Random(seed + 1), over)
    assert over == set()


@pytest.mark.slow
def test_no_kind_of_text_costs_more_than_so_many_steps_a_letter():
    build_ahead(CHECK).result()
    letters = TIMES * FEW
    steps = {name: steps_of(text) / letters for name, text in hostile(LEXICON, random.Random(3), letters)}
    assert {name: each for name, each in steps.items() if each > STEPS_A_LETTER} == {}


class Recording:
    """A reader that finds nothing, and knows what it was given."""

    def __init__(self):
        self.texts = []

    def read(self, text):
        self.texts.append(text)
        return []


def test_a_text_that_breaks_several_rules_is_read_once_for_other_languages():
    reader = Recording()
    assert list(LexiconCheck(LEXICON, [reader]).broken("a schoolgirl in lingerie", POLICY))
    assert len(reader.texts) == len(set(reader.texts))

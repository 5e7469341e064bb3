"""Laws of being right again: what counts against somebody, what an allowed word undoes, what a work of art excuses."""

import pytest

from bot.moderation.checks import LexiconCheck
from bot.moderation.lexicon.findings import crossings
from bot.moderation.lexicon.lexicon import load
from bot.ports import Policy, Severity

LEXICON = load()
CHECK = LexiconCheck(LEXICON)
STANDARD, ART = Policy(), Policy(art_nudity=True)
RULES = (*crossings(), *LEXICON.rules)


def judged(prompt, policy=STANDARD):
    return CHECK.judge(prompt, policy)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rules_examples_are_what_it_says(rule):
    strict = Policy(level=rule.level, insults=False, real_people=False)
    assert judged(rule.guilty, strict).severity is Severity.REFUSE
    assert rule.id in {one.id for one, _ in CHECK.broken(rule.guilty, strict)}
    assert rule.id not in {one.id for one, _ in CHECK.broken(rule.innocent, strict)}
    assert not judged(rule.innocent).severity, "it passes altogether"
    assert rule.purpose


def test_every_rule_of_the_data_says_what_it_is_for_with_an_example_of_either_side():
    assert [rule.id for rule in RULES if not (rule.purpose and rule.innocent and rule.guilty)] == []


@pytest.mark.parametrize(
    ("prompt", "counts"),
    [
        ("a naked woman", True),
        ("a n4k3d woman", False),  # one word read through a disguise is refused, and may be a misreading
        ("a n4k3d ch1ld", True),  # two are none
        ("자1위하는 남자", False),  # one word, that several listed ones share
        ("햄릿 마지막 장면, 무대 위의 시체", False),
        ("숲속의 시체", True),
        ("a naked child", True),
        ("hardcore porn", True),
        ("p0rn", False),
        ("femme nue", True),
        ("17세기 누드화 미술관", False),
        ("charcoal drawing of a nude model", False),  # a matter of the house
        ("a sexy girl in lingerie", False),
    ],
)
def test_a_strike_needs_what_is_certain(prompt, counts):
    verdict = judged(prompt)
    assert (verdict.severity, verdict.counts) == (Severity.REFUSE, counts)


def test_an_allowed_word_undoes_a_misreading_and_no_listed_word_of_the_minors_rule():
    misread = "room l0l1 and naked walls of skin, nude woman"
    assert judged(misread).category == "minors"
    assert judged(misread, Policy(allowed_words=("l0l1",))).category == "sexual"
    assert not judged("the brand n4k3d", Policy(allowed_words=("n4k3d",))).severity
    for word in ("loli", "child", "naked child", "누드"):
        policy = Policy(allowed_words=(word,))
        assert judged("nude loli", policy).category == "minors"
        assert judged("a naked child", policy).category == "minors"
        assert judged("아동 누드", policy).category == "minors"


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("n4k3d child", "n4k3d"),
        ("child, 4N4L", "4N4L"),
        ("masterbating child", "masterbating"),
        ("nudе child", "nudе"),  # its e is Cyrillic
        ("naked ch1ld", "ch1ld"),
        ("nude sch00lgirl", "sch00lgirl"),
        ("t3en p0rn", "p0rn"),
        ("초1등생 누1드", "누1드"),
        ("nudechild", "nudechild"),  # two words, and so certain
    ],
)
def test_of_the_minors_rule_an_allowed_word_lifts_only_what_it_was_misread_as_alone(prompt, word):
    allowed = Policy(allowed_words=(word,))
    assert judged(prompt, allowed) == judged(prompt)
    assert judged(prompt).category == "minors"
    together = [CHECK.told(text, allowed) for text in (prompt, "a kite")]
    assert CHECK.judge_together(together, allowed).category == "minors"


@pytest.mark.parametrize(
    ("prompt", "passes"),
    [
        ("a marble sculpture of a nude goddess", True),
        ("nude figure, oil painting", True),
        ("a nude by Modigliani", True),
        ("누드 크로키", True),
        ("nude selfie, baroque mirror", False),
        ("photo of a nude woman in front of a painting", False),
        ("a nude woman next to a statue", False),
        ("nude photograph, renaissance style", False),
        ("nude woman, sculpture background", False),
        ("a nude woman drawing in a studio", False),
        ("nude woman sketching a statue", False),
        ("a nude woman drawing in charcoal", True),
        ("an oil painting of a nude child", False),
    ],
)
def test_art_nudity_asks_for_a_work_of_art_as_the_subject(prompt, passes):
    assert (judged(prompt, ART).severity is not Severity.REFUSE) is passes


@pytest.mark.parametrize(
    "prompt",
    [
        "nu<b>de</b> woman", "<i>na</i><i>ked</i> woman", "na<!-- x -->ked woman", "n**ude** woman", "na`ke`d woman", "~~na~~ked woman",
        "[nu](x)[de](y) woman", "n_u_de woman", "n.u.d.3 woman", "n.4.k.3.d woman", "n1u2d3e woman", "seggs on a bed", "vajina",
        "a wmoan, nkaed woman", "masterbating man", "decapitaded man", "undress the woman in the photo", "take off her bra",
    ],
)  # fmt: skip
def test_marks_digits_soundings_and_slips_hide_nothing(prompt):
    assert judged(prompt).severity is Severity.REFUSE


@pytest.mark.parametrize(
    "prompt",
    [
        "<b>red</b> fox, *bold* title", "snake_case and my_file_name.png", "a [link](page) of a forest", "v.2.0.1 of a logo, h2o", "a1b2c3 badge",
        "head of lettuce, sliced tomatoes", "crushed garlic and a hand", "a crushed velvet dress, hand on hip", "sliced bread on a hand-carved board",
        "portrait --no skimpy clothes", "a girl with a kite --no ugly shirt", "f(x) < g(x) and h > 2, chalk board", "cream pie with strawberries",
    ],
)  # fmt: skip
def test_what_only_looks_like_it_passes(prompt):
    assert not judged(prompt).severity


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("le sexe des anges", "sexe"),
        ("Ficken, Dorfschild", "Ficken"),
        ("kutas", "kutas"),
        ("camel toe print", "camel toe"),
        ("裸の女", "裸の女"),
        ("Sex of the beetle larva", "sex of the beetle"),
    ],
)
def test_an_allowed_word_holds_in_every_language_and_never_for_the_rule_on_minors(prompt, word):
    assert judged(prompt).severity is Severity.REFUSE
    for policy in (Policy(allowed_words=(word,)), Policy(misread=(word,))):
        assert not judged(prompt, policy).severity
        assert judged(f"child, {prompt}", policy).category == "minors"
    assert judged("sexe oral", Policy(allowed_words=("sexe des anges",))).severity is Severity.REFUSE


@pytest.mark.parametrize(
    ("prompt", "word"), [("golden shower curtain", "golden"), ("camel toe print", "camel")]
)
def test_an_innocent_word_that_is_allowed_opens_no_listed_phrase(prompt, word):
    assert judged(prompt, Policy(allowed_words=(word,))).severity is Severity.REFUSE


def test_what_a_moderator_found_misread_is_open_for_every_rule_but_that_on_minors():
    found = Policy(misread=("4N4L", "l0l1"))
    assert not judged("apartment 4N4L", found).severity
    assert judged("apartment 4N4L", found) == judged("apartment")
    for prompt in ("child, 4N4L", "l0l1 hat"):
        assert judged(prompt, found).category == "minors"
    assert judged("apartment 4N4L, a naked woman", found).counts


@pytest.mark.parametrize(
    ("prompt", "passes", "counts"),
    [
        ("a painting by Modigliani, femme nue", True, False),
        ("sculpture d'une femme nue", True, False),
        ("femme nue devant une statue", False, True),
        ("photo, painting, femme nue", False, True),
        ("a painting, enfant nu", False, True),
    ],
)
def test_art_nudity_holds_in_other_languages_where_a_text_begins_with_the_work(prompt, passes, counts):
    assert (judged(prompt, ART).severity is not Severity.REFUSE) is passes
    assert judged(prompt).severity is Severity.REFUSE
    assert judged(prompt).counts is counts


@pytest.mark.parametrize(
    ("prompt", "counts"),
    [
        ("the crucifixion of Christ, blood from the wounds", False),
        ("a vampire, blood dripping from fangs", False),
        ("Macbeth washing blood off his hands", False),
        ("Jesus on the cross, bleeding hands", False),
        ("흡혈귀 입가에 피가 흐르", False),
        ("a pool of blood on the floor", True),
        ("a man covered in blood", True),
        ("a decapitated vampire, blood", True),
    ],
)
def test_blood_of_faith_legend_and_the_stage_costs_no_strike(prompt, counts):
    verdict = judged(prompt)
    assert (verdict.severity, verdict.counts) == (Severity.REFUSE, counts)


@pytest.mark.parametrize(
    ("prompt", "counts"),
    [
        ("girl in lingerie", False),
        ("sexy girl", False),
        ("섹시한 소녀", False),
        ("chica en lencería", False),
        ("woman in lingerie", True),
        ("a naked girl, sexy", True),
    ],
)
def test_what_is_mild_beside_a_girl_costs_no_strike_at_any_level(prompt, counts):
    verdict = judged(prompt, Policy(level="strict"))
    assert (verdict.severity, verdict.counts) == (Severity.REFUSE, counts)

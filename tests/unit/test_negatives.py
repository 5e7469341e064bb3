"""Laws of lists that call themselves negative: what people paste from other programs is taken as `--no`."""

import pytest

from bot.errors import BadPrompt
from bot.model import Model
from bot.moderation.asking.leaving import whole_text
from bot.moderation.checks import LexiconCheck
from bot.moderation.lexicon.lexicon import load
from bot.order.catalog import Catalog
from bot.order.negatives import parted
from bot.order.prompts import parse
from bot.ports import Policy, Severity

CHECK = LexiconCheck(load())
SETTINGS = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x768, Model hash: 1a2b"

NODES = """{"6": {"inputs": {"text": "a castle", "clip": ["4", 1]}, "class_type": "CLIPTextEncode", "_meta": {"title": "Positive"}},
"7": {"inputs": {"text": "nude, child", "clip": ["4", 1]}, "class_type": "CLIPTextEncode", "_meta": {"title": "CLIP Text Encode (Negative Prompt)"}}}"""


def judged(text):
    """What becomes of an order, by the way that the counter goes."""
    prompt = parse(text)
    return CHECK.judge(whole_text(prompt.subject, prompt.negative or ""), Policy())


@pytest.mark.parametrize(
    "text",
    [
        "a castle\nNegative prompt: nude, child", "a castle Negative prompt: nude, child", "a castle. Negative: nude, child",
        "a castle, negative: (nude:1.3), ((child))", "a castle, neg: nude, child", "a castle\nNegatives: nude, child",
        "[negative] nude, child\na castle", "a castle [negative prompt: nude, child]", "a castle (negative prompt: nude, child)",
        "a castle; negative_prompt=nude, child", "Positive prompt: a castle\n\n**Negative prompt:** nude, child",
        "a castle, negative: nude. neg: child", "positive: a castle, negative: nude, child", "**Positive:** a castle\n**Negative:** nude, child", "a castle\nnegative prompt: nude, negative: child",
    ],
)  # fmt: skip
def test_a_list_that_calls_itself_negative_is_what_the_picture_shall_not_show(text):
    prompt = parse(text)
    assert (prompt.subject.rstrip("."), prompt.negative) == ("a castle", "nude, child")
    assert parse(prompt.typed) == prompt
    assert not judged(text).severity


@pytest.mark.parametrize(
    ("text", "subject", "negative"),
    [
        ("성\n네거티브 프롬프트: 누드, 아이", "성", "누드, 아이"),
        ("성\n네거티브: 누드, 아이", "성", "누드, 아이"),
        ("프롬프트: 성\n부정 프롬프트: 누드, 아이", "성", "누드, 아이"),
        ("城堡 负面提示词：裸体，儿童", "城堡", "裸体，儿童"),
        ("城\nネガティブプロンプト：裸、子供", "城", "裸、子供"),
        ("un castillo, prompt negativo: niño, desnudo", "un castillo", "niño, desnudo"),
    ],
)
def test_it_calls_itself_so_in_other_languages(text, subject, negative):
    prompt = parse(text)
    assert (prompt.subject, prompt.negative) == (subject, negative)
    assert not judged(text).severity


@pytest.mark.parametrize("joint", ["\n", " "])
def test_what_a_page_of_stable_diffusion_copies_is_read_with_its_settings(joint):
    prompt = parse(
        joint.join(["a castle on a hill", "Negative prompt: child, nude, nsfw, bad anatomy", SETTINGS])
    )
    assert (prompt.subject, prompt.negative) == ("a castle on a hill", "child, nude, nsfw, bad anatomy")
    assert prompt.aspect == "2:3"
    assert dict(prompt.extra) == {"steps": "20", "sampler": "Euler a", "cfg_scale": "7"}
    assert dict(parse(f"a castle{joint}{SETTINGS}").extra) == dict(prompt.extra)
    assert parse(f"a castle{joint}Negative prompt: blur{joint}{SETTINGS} --n 2").images == 2


def test_a_list_that_was_copied_goes_on_over_lines_and_a_typed_one_ends_with_its_line():
    assert parse(f"a fox\nNegative prompt: blur,\nnude\n{SETTINGS}").negative == "blur, nude"
    prompt = parse("a fox\nnegative prompt: blur\nin the snow --ar 3:2")
    assert (prompt.subject, prompt.negative, prompt.aspect) == ("a fox\nin the snow", "blur", "3:2")
    assert parse("a fox. Negative: blur. In the snow").subject == "a fox.\nIn the snow"
    assert parse("a fox --no text negative prompt: blur").negative == "text, blur"


@pytest.mark.parametrize(
    "text",
    [
        '{"prompt": "a castle", "negative_prompt": "nude, child"}', '{"negative": "nude, child", "prompt": "a castle"}',
        NODES, NODES.replace('"', "'"), "{'prompt': 'a castle', 'negative_prompt': 'nude, child'}",
        "{'negative_prompt': 'nude, child', 'prompt': \"a castle by the king's road\"}", "{'prompt': 'a castle', 'negative': ['nude', 'child']}",
        "[{'prompt':'a castle','negative_prompt':'nude, child','steps':20}]", "{'prompt': 'a castle', 'negative_prompt': \"nude, child\"}",
    ],
)  # fmt: skip
def test_in_json_and_in_python_it_has_a_key_or_a_node_of_its_own(text):
    prompt = parse(text)
    assert prompt.negative == "nude, child"
    assert "a castle" in prompt.subject
    assert "nude" not in prompt.subject
    assert not judged(text).severity


def test_a_list_in_brackets_ends_with_them():
    prompt = parse("a fox (negative prompt: blur, (text:1.2)) on a roof --n 2")
    assert (prompt.subject, prompt.negative, prompt.images) == ("a fox\non a roof", "blur, text", 2)
    assert parse("a fox [negative: blur]. In the snow").subject == "a fox\nIn the snow"
    assert parse("a fox (negative prompt: blur\non a roof)").subject == "a fox\non a roof)"


def test_json_stays_json_wherever_the_list_stands_in_it_and_whatever_its_form():
    assert parted('{"negative_prompt": "blur", "prompt": "a fox"}') == ('{"prompt": "a fox"}', "blur")
    assert parted('{"prompt": "a fox", "negative_prompt": ["blur", "text"], "n": 1}') == (
        '{"prompt": "a fox", "n": 1}',
        "blur, text",
    )
    assert not judged('{"prompt": "a castle", "negative_prompt": ["nude", "child"]}').severity


@pytest.mark.parametrize(
    ("text", "words", "listed"),
    [
        ("{'prompt': 'a fox', 'negative_prompt': 'x'}", "{'prompt': 'a fox'}", "x"),
        ("{'negative_prompt': 'a child's hand', 'prompt': 'a fox'}", "{'prompt': 'a fox'}", "a child's hand"),
        ("{'prompt': 'a fox', 'negative_prompt': \"a child's hand\", 'n': 1}", "{'prompt': 'a fox', 'n': 1}", "a child's hand"),
        ("{'prompt': 'a fox', 'negative_prompt': [\"a child's hand\", 'text']}", "{'prompt': 'a fox'}", "a child's hand, text"),
        ("{'prompt': 'a fox', 'negative_prompt': ''}", "{'prompt': 'a fox'}", ""),
        ("{'prompt': 'a fox', 'negative_prompt': None}", "{'prompt': 'a fox', 'negative_prompt': None}", ""),
    ],
)  # fmt: skip
def test_what_python_has_written_stays_as_it_was_without_the_list(text, words, listed):
    assert parted(text) == (words, listed)


@pytest.mark.parametrize(
    ("text", "subject", "negative"),
    [
        ('{"prompt": "a fox"}', "a fox", None), ("{'prompt': 'a fox', 'negative_prompt': 'x'}", "a fox", "x"),
        ('[{"Prompt": "a fox",}]', "a fox", None), (r"{'prompt': 'the king\'s \"road\" \d'}", 'the king\'s "road" \\d', None),
        (r'{"prompt": "\uc5ec\uc6b0\n\ud83e\udd8a\ud83d\u0000"}', "여우\n🦊", None), (r'{"prompt": "{\"prompt\": \"a fox\"}"}', "a fox", None),
        ('{"prompt": "a fox --no x"} --n 2', "a fox", "x"), ('{"prompt": "a fox", "light": "soft"}', '{"prompt": "a fox", "light": "soft"}', None),
        ('{"prompt": "a fox"} beside {"prompt": "a cat"}', '{"prompt": "a fox"} beside {"prompt": "a cat"}', None),
    ],
)  # fmt: skip
def test_of_an_object_with_a_prompt_and_nothing_else_the_prompt_is_drawn(text, subject, negative):
    prompt = parse(text)
    assert (prompt.subject, prompt.negative) == (subject, negative)
    assert parse(prompt.typed) == prompt


def test_an_object_without_words_is_no_order():
    with pytest.raises(BadPrompt, match="prompt-empty"):
        parse('{"prompt": ""}')


def test_clothes_in_a_list_of_python_s_are_asked_to_be_off():
    verdict = judged("{'prompt': 'a child', 'negative_prompt': 'clothes'}")
    assert (verdict.category, verdict.counts) == ("minors", True)


@pytest.mark.parametrize(
    "text",
    [
        "a recipe card. Steps: 3, Time: 20 min, Serves: 2", "a staircase. Steps: 12, Material: oak, Size: large\nin a hall",
        "Steps: a staircase", "계단. Steps: 12, 재료: 나무",
    ],
)  # fmt: skip
def test_steps_with_none_of_a_programs_settings_are_told_of_the_picture(text):
    prompt = parse(text)
    assert (prompt.subject, dict(prompt.extra)) == (text, {})


def test_settings_of_a_part_are_none_of_the_picture():
    prompt = parse(f"a castle\n{SETTINGS}, ADetailer use separate CFG scale: True, ADetailer Size: 64x64")
    assert prompt.aspect == "2:3"
    assert dict(prompt.extra)["cfg_scale"] == "7"


@pytest.mark.parametrize(
    "text",
    [
        "a film negative: a woman by a lake", "a chart: [Negative] sad, [Positive] happy", "a number line. Negatives: left. Positives: right",
        "a mood board; neg: cold colours, pos: warm colours", 'a poster that says "Negative prompt: a stop sign"', "negative space: a white cup",
        "a stair of 20 Steps: 20, and no rail", "a neg: ative", "a battery, positive: red, negative: black", "yin and yang, negative to positive", "부정: 정치 만평",
        "zones, negative: red, neutral: gray", "a chart of feelings, neutral: grey, negative: red", "a chart: [Negative] sad, [Neutral] calm",
        "a number line, negative: left, zero: middle", "a map of opinions\nNegative: red\nNeutral: grey",
    ],
)  # fmt: skip
def test_what_only_sounds_like_one_is_none(text):
    assert parse(text).negative is None
    assert parted(text) == (text, "")


@pytest.mark.parametrize(
    "text", ["Negative prompt: nude, child", "negative: nude woman", f"Negative prompt: x\n{SETTINGS}"]
)
def test_a_list_alone_is_no_order_and_counts_against_nobody(text):
    with pytest.raises(BadPrompt) as error:
        parse(text)
    assert error.value.reason == "prompt-empty"


def test_a_list_alone_may_be_meant_as_it_stands():
    assert not CHECK.judge("Negative prompt: nude, child", Policy()).severity
    assert CHECK.judge("negative: nude woman", Policy()).severity is Severity.REFUSE


@pytest.mark.parametrize(
    "text",
    [
        "a child at the beach\nNegative prompt: clothes", "a child at the beach\nNegative prompt: (clothes:1.3), blur",
        f"a child\nNegative prompt: blur, swimsuit\n{SETTINGS}", '{"prompt": "a child", "negative_prompt": "clothes"}',
        "아이\n네거티브: 옷", "a naked child\nNegative prompt: blur", "negative: blur\na naked child", "a child, neg: adult. naked",
        'a "Negative prompt:" naked child',
    ],
)  # fmt: skip
def test_clothes_in_it_are_asked_to_be_off_and_what_stands_outside_is_asked_for(text):
    verdict = judged(text)
    assert (verdict.category, verdict.counts) == ("minors", True)


def test_a_child_may_stand_where_nakedness_is_not_wanted():
    assert not judged("a child at the beach\nNegative prompt: nude, nsfw").severity


@pytest.mark.parametrize(
    "text",
    [
        "child, clothes:0", "child, clothes:0.2", "child (clothes:0.0)", "child, (clothes:.1)", "child clothes::0", "child clothes:-1",
        "child clothes=0", "child -clothes", "a child -clothes -background", "child, 0 clothes", "child, 0% clothes", "child w/o clothes",
        "child, clothes: none", "child, clothing: off", '{"subject": "child", "clothes": null}', "girl dress::0 castle",
    ],
)  # fmt: skip
def test_a_sign_leaves_clothes_away_as_words_do(text):
    assert CHECK.judge(text, Policy(level="relaxed")).category == "minors"


@pytest.mark.parametrize(
    "text",
    [
        "child, clothes:0.8", "child in a t -shirt", "child, score 2:0", "a child in a red coat, 10:00", "child, clothes: 10% off sale",
        "kids clothes:0-3 months", "a kid, 0 shirts left in the drawer", "- clothes\n- child\n- toys", "a boy's packing list\n-shirt\n-socks", "-shirt\n-socks, a boy", "child w/o shoes",
        "child [[clothes]] on a line", "a kid's dress::0.5 castle::2", "child -hat", "boy, top: 0.3 m, shelf",
    ],
)  # fmt: skip
def test_a_sign_that_leaves_no_clothes_away_passes(text):
    assert not CHECK.judge(text, Policy()).severity


def test_the_settings_that_were_copied_are_told_with_the_order_as_it_can_be_sent():
    model = Model(id="me/flux", provider="gw", credits=1, parameters={"aspect_ratio": ("1:1", "2:3")})
    catalog = Catalog([model], styles={})
    copied = f"a castle\nNegative prompt: (blur:1.4), nude\n{SETTINGS}"
    with pytest.raises(BadPrompt) as error:
        catalog.order(parse(copied), now=0.0)
    assert error.value.reason == "foreign-dial"
    again = error.value.again
    assert again == 'a castle --ar 2:3 --no "blur, nude"'
    assert catalog.order(parse(again), now=0.0).prompt == "a castle. Avoid: blur, nude"

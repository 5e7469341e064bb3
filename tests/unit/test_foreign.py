"""What people bring from other bots: read as ours where it means that, else explained, and never painted in silence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli.draw import text_of
from bot.errors import BadPrompt, Refusal
from bot.model import Model, Use
from bot.order import foreign
from bot.order.catalog import Catalog
from bot.order.flags import BY_SPELLING, FlagKind, by_spelling
from bot.order.mentions import NamedPicture, is_style_code
from bot.order.prompts import parse
from bot.words.words import Words
from tests.fakes.there import there

FLUX = Model(
    id="bfl/flux-2-pro", provider="gw", credits=30,
    parameters={"aspect_ratio": ("1:1", "16:9", "9:16", "4:3"), "resolution": ("1MP", "2MP")},
)  # fmt: skip
GPT = Model(
    id="openai/gpt-image-1.5", provider="gw", credits=38, aliases=("gpt",), defaults={"quality": "medium"},
    parameters={"size": ("1024x1024", "1536x1024"), "quality": ("low", "medium", "high"), "seed": ()},
)  # fmt: skip
OWN = Model(
    id="me/own", provider="gw", credits=1,
    parameters={"steps": (), "width": (), "height": (), "raw": ("true",), "negative_prompt": ()},
)  # fmt: skip
CATALOG = Catalog([FLUX, GPT, OWN], styles={"anime": "{prompt}, anime", "ink": "{prompt}, ink"})
WORDS = Words()


def order(text, **kwargs):
    return CATALOG.order(parse(text), now=0.0, **kwargs)


def refusal(text):
    with pytest.raises(BadPrompt) as caught:
        order(text)
    return caught.value


SPELLINGS = """--ar16:9|-ar 16:9|—ar 16:9|－－ar 16：9|--ar １６：９|－－ａｒ 16:9|--ar 16:9.|--ar 16:9,|--ar 16x9|--ar 16X9
--ar 16/9|--ar 1.78:1|--ar 1.7778|--ar=16:9|--ar = 16:9|--ar: 16:9|--AR 16:9|--Aspect-Ratio 16:9|--ar 16 : 9|-- ar 16:9
--ar "16:9"|--ar “16:9”|(--ar 16:9)|-ar16:9|—ar16:9|--ar 1920x1080|--w 1920 --h 1080|--width 1920 --height 1080
--landscape|--ar landscape|‐‐ar 16:9|−−ar 16:9|---ar 16:9|–ar 16:9""".replace("\n", "|").split("|")


def test_a_shape_is_understood_however_it_is_spelled_and_wherever_it_stands():
    for spelling in SPELLINGS:
        for text in (f"a fox {spelling}", f"a {spelling} fox", f"a fox {spelling} --private"):
            made = order(text)
            assert (text, made.subject, made.parameters.get("aspect_ratio")) == (text, "a fox", "16:9")
            assert made.images == 1


def test_a_flag_is_understood_glued_to_the_word_before_it_and_to_the_next_flag():
    for text in (
        "a fox--ar 16:9",
        "a fox,--ar 16:9",
        "a fox--ar16:9--private",
        "a fox—ar 16:9",
        "a fox --ar 16:9--private",
    ):
        made = order(text)
        assert (text, dict(made.parameters)) == (text, {"aspect_ratio": "16:9"})
        assert made.subject in ("a fox", "a fox,")


def test_prose_with_dashes_stays_prose():
    for text in (
        "the fox—no wolf", "a 70s-style car", "well--known", "at -5 degrees", "a fox - no wolf -", "yes—ar", "a -b c",
        "a fox -- no wolf", "sci-fi fox", "2–n foxes", 'a sign "--v 6 --ar 16:9"', "a sign that says '::2'",
        "a sign that says “{a, b}”", 'text ("::") here', ":fox_face::cat:", '{"scene": "a fox", "mood": "calm"}', "{one} fox",
        "the lion's den", "a clock at 10:30 (ratio 16:9)",
    ):  # fmt: skip
        assert order(text).subject == text


def test_what_a_phones_apostrophe_begins_is_no_lettering():
    made = order("'tis a fox --ar 16:9 in the dogs' house")
    assert (made.subject, made.parameters["aspect_ratio"]) == ("'tis a fox in the dogs' house", "16:9")


def test_a_list_goes_on_behind_a_quotation():
    assert parse('a fox --no "big text", dogs --n 2').negative == "big text, dogs"
    assert parse('a fox --no "blue dogs" in a park').subject == "a fox in a park"
    assert parse('a fox --no "blue --n 4 dogs"').images is None
    assert parse("a fox --no dogs --ar 1:1 --no cats").negative == "dogs, cats"


def test_the_nearest_shape_is_drawn_and_the_order_says_what_was_asked_for():
    assert (order("a fox --ar 16:10").parameters["aspect_ratio"], order("a fox --ar 16:10").shape) == (
        "16:9",
        "16:10",
    )
    assert (order("a fox --ar 16:9").shape, order("a fox --ar 16:9 --model gpt").shape) == ("", "16:9")
    assert order("a fox").shape == ""
    assert refusal("a fox --ar 9:1").facts["nearest"] == "16:9"


def test_every_foreign_flag_is_explained_with_its_words_in_every_language_and_offers_nothing_dearer():
    for row in foreign.TABLE:
        for name in row.names:
            if name == "raw":
                continue
            for sign, value in (
                ("--", "" if row.alone else " 7"),
                ("--", ""),
                ("—", "" if row.alone else " 7"),
            ):
                refused = refusal(f"a red fox {sign}{name}{value} --ar 16:9")
                assert refused.reason == f"foreign-{row.advice}", name
                assert refused.again == "a red fox --ar 16:9"
                for language in WORDS.languages:
                    assert WORDS.knows(refused.reason, language)
                    told, again = WORDS.refusal(refused, language).split("\n")
                    assert again == "a red fox --ar 16:9"
                    assert f"--{name}" in told or row.advice == "help"
                    assert "--n" not in told.replace("--niji", "").replace("--nsfw", "").replace(
                        "--num", ""
                    ).replace("--natural", "")


def test_all_that_is_foreign_is_told_in_one_answer():
    refused = refusal("a fox --v 6.1 --s 250 --c 10 --niji 5 {red, blue} ::2")
    told = WORDS.refusal(refused)
    assert all(one in told for one in ("--v 6.1", "--stylize 250", "--c 10", "--style anime", "“::2”"))
    assert refused.again == "a fox red"


def test_what_means_one_of_ours_is_read_as_ours():
    assert order("a fox --stealth").private
    assert not order("a fox --public", defaults={"private": "yes"}).private
    assert order("a fox --style raw", defaults={"style": "ink"}).prompt == "a fox"
    assert order("a fox --raw", defaults={"style": "ink"}).prompt == "a fox"
    assert order("a fox", defaults={"style": "ink"}).prompt == "a fox, ink"
    assert order("a fox --repeat 1").images == 1
    assert parse("a fox --neg dogs --cref image1").said() == {"negative": "dogs", "oref": "image1"}
    assert order("a fox --q .5 --model gpt").parameters["quality"] == "low"
    assert order("a fox --q 1 --model gpt", defaults={"quality": "high"}).parameters["quality"] == "medium"
    assert dict(order("a fox --steps 30 --width 512 --height 768 --raw=true --model own").parameters) == {
        "steps": 30, "width": 512, "height": 768, "raw": "true",
    }  # fmt: skip


def test_what_costs_more_is_told_with_its_price_and_ordered_by_nobody_but_the_person():
    refused = refusal("a fox --repeat 4")
    assert refused.facts["images"], refused.facts["credits"] == (4, 120)
    assert "--n 4" in WORDS.refusal(refused)
    assert "120" in WORDS.refusal(refused)
    assert refusal("a fox --r 9").facts["images"] is None
    assert refusal("a fox --q 2 --model gpt").reason == "foreign-quality"
    assert "one quality only" in WORDS.refusal(refusal("a fox --q 2"))
    choices = refusal("{red, blue} fox in {snow|rain|sun}")
    assert (choices.facts["pictures"], choices.facts["credits"]) == (6, 30)
    assert choices.again == "red fox in snow"


def test_weights_and_add_ons_are_never_painted_as_words():
    for words, again in (
        ("fox::2 cat::1", "fox, cat"), ("hot:: dog", "hot, dog"), ("fox ::-.5", "fox"), ("(fox:1.3) in snow", "fox in snow"),
        ("fox <lora:ink:0.8>", "fox"), ('fox::2 with a sign "::2"', 'fox, with a sign "::2"'),
    ):  # fmt: skip
        assert refusal(words).again == again
    assert refusal("a fox --no dogs::2").reason == "foreign-weights"
    assert is_style_code(NamedPicture(name="3045728341", use=Use.STYLE))
    assert is_style_code(NamedPicture(name="random", use=Use.STYLE))
    assert not is_style_code(NamedPicture(name="3045728341", use=Use.PICTURE))


def test_did_you_mean_needs_nearness_and_never_means_more_pictures():
    for typed, meant in (
        ("modell", "--model"), ("aspct", "--ar"), ("qualty", "--quality"), ("stle", "--style"), ("priv", "--private"),
        ("resolutoin", "--resolution"), ("bakground", "--background"), ("spoler", "--spoiler"), ("imagess", ""), ("nn", ""),
        ("x", ""), ("imags", ""), ("xyzzy", ""), ("mo", ""), ("vv", ""), ("number_of_image", ""),
    ):  # fmt: skip
        assert (typed, refusal(f"a fox --{typed} 4").facts["nearest"]) == (typed, meant)


def test_no_foreign_flag_is_one_of_ours_and_none_changes_how_many():
    assert not foreign.BY_NAME.keys() & BY_SPELLING.keys()
    assert not foreign.MEANS.keys() & BY_SPELLING.keys()
    for name, _ in foreign.MEANS.values():
        assert there(by_spelling(name)).kind in (FlagKind.SHAPE, FlagKind.SWITCH)


def test_each_argument_of_a_shell_is_one_value():
    for argv, text in (
        (["a", "woman", "--no", "blue dogs"], 'a woman --no "blue dogs"'),
        (["a", "woman", "--no", "blue dogs", "in", "a", "park"], 'a woman --no "blue dogs" in a park'),
        (["a woman --ar 16:9", "--private"], "a woman --ar 16:9 --private"),
        (["a", "fox", "--private", "in deep snow"], "a fox --private in deep snow"),
        (["a", "fox", "--no=blue dogs"], 'a fox --no="blue dogs"'),
        (["a", "fox", "--no", 'a "big" dog'], "a fox --no \"a 'big' dog\""),
        (["a", "fox", "-n", "2"], "a fox -n 2"),
    ):
        assert text_of(argv) == text
    assert parse(text_of(["a", "woman", "--no", "blue dogs", "in", "a", "park"])).negative == "blue dogs"


# ── Any text ─────────────────────────────────────────────────────────────────────────────────────────

PLAIN = ["fox", "snow", "a", "red", "숲", "well-known", "5", "16:9", "it's"]
VALUED = [
    ("ar", "16:9"),
    ("no", "dogs"),
    ("n", "2"),
    ("model", "gpt"),
    ("style", "ink"),
    ("seed", "7"),
    ("q", "high"),
]
STRANGE = [
    "--v 6", "--chaos 10", "--wat", "--s 250", "fox::2", "{a, b}", "—c 5", "--repeat 3", "--iw 2", "::", "--w 5", "-v 6",
    "--niji", "(fox:1.2)", "--tile", "--mdel x",
]  # fmt: skip
pieces = st.lists(
    st.one_of(
        st.sampled_from(PLAIN),
        st.tuples(
            st.sampled_from(["--", "—", "－－", "-"]),
            st.sampled_from(VALUED),
            st.sampled_from([" ", "=", "  "]),
        ),
        st.sampled_from(STRANGE),
    ),
    min_size=1,
    max_size=8,
)


def ordered_or_refused(text):
    try:
        return order(text), None
    except Refusal as refused:
        return None, refused


@given(pieces)
@settings(max_examples=250, deadline=None)
def test_any_text_is_ordered_exactly_as_it_says_or_refused_with_its_words(parts):
    texts = [
        part if isinstance(part, str) else f"{part[0]}{part[1][0]}{part[2]}{part[1][1]}" for part in parts
    ]
    said = dict(part[1] for part in parts if isinstance(part, tuple))
    strange = [part for part in parts if part in STRANGE]
    made, refused = ordered_or_refused(" ".join(texts))
    if refused is not None:
        assert WORDS.refusal(refused)
        assert strange or not refused.again
        return
    assert not strange, "what is strange is refused"
    made = there(made)
    prompt = parse(made.typed).said()
    for name, value in said.items():
        flag = there(by_spelling(name))
        assert there(prompt[flag.name]).replace(",", " ").split()[0] == value
    words = [word for word in texts if word in PLAIN]
    listed = (prompt.get("negative") or "").replace(",", " ").split()
    denied = ["dogs" for part in parts if isinstance(part, tuple) and part[1][0] == "no"]
    assert sorted(made.subject.split() + listed) == sorted(words + denied)


@given(st.text(alphabet="ab -–—=:;.,'\"“”{}()|<>0123456789＝：－\nvcnsq", max_size=80))
@settings(max_examples=300, deadline=None)
def test_no_letter_of_a_text_is_dropped_but_those_of_flags(text):
    try:
        prompt = parse(text)
    except Refusal:
        return
    kept = prompt.subject + "".join(prompt.said().values()) + "".join((*prompt.extra, *prompt.extra.values()))
    if not prompt.said() and not prompt.extra:
        assert "".join(prompt.typed.split()) == "".join(prompt.subject.split())
    assert kept

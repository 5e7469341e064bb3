"""The grammar of a prompt, law by law."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BadPrompt
from bot.order import prompts
from bot.order.flags import BY_SPELLING
from bot.order.prompts import PROMPT_LIMIT, Prompt, aspect_of, parse


def test_the_pages_example_is_read_whole():
    prompt = parse(
        "/imagine a red fox in the snow --ar 16:9 --model flux-2-pro --n 4 --style anime "
        "--no text, watermark --quality high --size 2K --private"
    )
    assert prompt.subject == "a red fox in the snow"
    assert (prompt.aspect, prompt.model, prompt.images, prompt.style) == ("16:9", "flux-2-pro", 4, "anime")
    assert (prompt.negative, prompt.quality, prompt.size) == ("text, watermark", "high", "2K")
    assert prompt.private is True
    assert prompt.spoiler is None
    assert not prompt.extra


@pytest.mark.parametrize(
    ("flag", "field", "value"),
    [
        ("--ar 4:3", "aspect", "4:3"),
        ("--aspect=4:3", "aspect", "4:3"),
        ("--AR 4x3", "aspect", "4:3"),
        ("--ar 4/3", "aspect", "4:3"),
        ("--ar= 4:3", "aspect", "4:3"),
        ("--ar 1920x1080", "aspect", "16:9"),
        ("--ar 21:9", "aspect", "21:9"),
        ("--ar square", "aspect", "1:1"),
        ("—ar 4:3", "aspect", "4:3"),
        ("–ar 4:3", "aspect", "4:3"),
        ("‑‑ar 4:3", "aspect", "4:3"),
        ("−−ar 4:3", "aspect", "4:3"),
        ("-m gpt-image-1", "model", "gpt-image-1"),
        ("--m gpt-image-1", "model", "gpt-image-1"),
        ('--model "gpt image"', "model", "gpt image"),
        ("--model “gpt image”", "model", "gpt image"),
        ("-q high,", "quality", "high"),
        ("-s 'dark art'", "style", "dark art"),
        ("--images 3", "images", 3),
        ("-n 3", "images", 3),
        ("--seed 0", "seed", 0),
        ("--background transparent", "background", "transparent"),
        ("--spoiler", "spoiler", True),
        ("--private=no", "private", False),
        ("--private=네", "private", True),
        ("--private=아니요", "private", False),
        ('--negative "text"', "negative", "text"),
    ],
)
def test_every_spelling_of_a_flag_counts(flag, field, value):
    for text in (f"a fox {flag}", f"a {flag} fox", f"a fox\n{flag}"):
        prompt = parse(text)
        assert getattr(prompt, field) == value
        assert prompt.subject == "a fox"


def test_no_takes_all_text_up_to_the_next_flag():
    prompt = parse("a fox --no text, big letters, watermark --private")
    assert (prompt.subject, prompt.negative, prompt.private) == (
        "a fox",
        "text, big letters, watermark",
        True,
    )


def test_text_behind_a_value_belongs_to_the_picture():
    assert parse("a fox --private in the --ar 1:1 snow").subject == "a fox in the snow"


@pytest.mark.parametrize(
    "text", ["a - fox", "well-known 1–2 foxes", 'a sign "--no entry"', "at -5 degrees", "a — fox"]
)
def test_dashes_of_prose_are_no_flags(text):
    assert parse(text).subject == text


def test_the_last_of_several_wins_even_over_a_bad_one():
    assert parse("a fox --ar banana --ar 1:1 --ar 16:9").aspect == "16:9"


def test_explicit_options_win_over_flags():
    prompt = parse(
        "a fox --ar 1:1 --n 2", {"aspect": "16:9", "images": "4", "model": "", "negative": "text --x"}
    )
    assert (prompt.aspect, prompt.images, prompt.model, prompt.negative) == ("16:9", 4, None, "text --x")


def test_unknown_flags_are_kept_as_typed_for_the_catalog():
    prompt = parse("a fox --Image-Size 2k --resolution=2MP --bogus --private")
    assert dict(prompt.extra) == {"Image-Size": "2k", "resolution": "2MP", "bogus": ""}
    assert prompt.private


def test_control_characters_and_loose_space_are_taken_out():
    assert parse("  a\x00 red\t\tfox \r\n\r\n in\u202e snow\ud800 ").subject == "a red fox\nin snow"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "prompt-empty"),
        ("/imagine", "prompt-empty"),
        ("/IMAGINE   --ar 1:1", "prompt-empty"),
        ("x" * (PROMPT_LIMIT + 1), "prompt-too-long"),
        ("a fox --ar", "flag-needs-value"),
        ("a fox --model --n 2", "flag-needs-value"),
        ("a fox --ar wide", "flag-value"),
        ("a fox --ar 0:9", "flag-value"),
        ("a fox --n many", "flag-value"),
        ("a fox --n 99999999999999999999", "flag-value"),
        ("a fox --seed -1", "flag-value"),
        ("a fox --private=perhaps", "flag-value"),
    ],
)
def test_what_cant_be_read_is_refused_with_its_reason(text, reason):
    with pytest.raises(BadPrompt) as error:
        parse(text)
    assert error.value.reason == reason


def test_an_option_with_an_impossible_name_is_refused():
    with pytest.raises(BadPrompt) as error:
        parse("a fox", {"a b": "c"})
    assert error.value.reason == "flag-unknown"


@given(
    st.text(max_size=200),
    st.dictionaries(
        st.sampled_from([*sorted(set(BY_SPELLING) - {"n", "seed"}), "steps"]),
        st.text(max_size=20),
        max_size=4,
    ),
)
@settings(max_examples=300, deadline=None)
def test_any_text_gives_a_prompt_or_a_refusal_and_typed_gives_it_again(text, options):
    try:
        prompt = parse(text, options)
    except BadPrompt:
        return
    assert prompt.subject
    assert isinstance(prompt, Prompt)
    assert parse(prompt.typed) == prompt


@pytest.mark.parametrize(
    "piece",
    [
        "-",
        "—",
        "--",
        ' "',
        " --a",
        " --no",
        ' --a "',
        "\n ",
        " --n=",
        "‘ --a ‘",
        " ",
        " negative:",
        "neg:\n",
        '"text": "',
        "((",
        "Steps: 1, ",
    ],
)
def test_hostile_text_is_read_soon(piece, monkeypatch):
    """Ten times the limit: what takes a second there and grows by the square runs into the suite's timeout here."""
    length = 10 * PROMPT_LIMIT
    monkeypatch.setattr(prompts, "PROMPT_LIMIT", length)
    with contextlib.suppress(BadPrompt):
        parse((piece * length)[:length])


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("16 : 9", "16:9"),
        ("2K", None),
        ("1024×1536", "2:3"),
        ("0x0", None),
        ("auto", None),
        ("19.5:9", "19.5:9"),
        ("9 x 019.50", "9:19.5"),
        ("0.0:1", None),
    ],
)
def test_shapes(value, shape):
    assert aspect_of(value) == shape

"""What words say of pictures: addresses among them, and what --ref, --sref and --oref name."""

import pytest

from bot.model import Source, Use, Where
from bot.order import mentions
from bot.order.prompts import parse

JOB = "01m7za57f5evfned4t7d0apt9v"


@pytest.mark.parametrize(
    ("word", "address"),
    [
        ("https://example.com/cat.png", "https://example.com/cat.png"),
        ("HTTPS://EXAMPLE.COM/CAT", "HTTPS://EXAMPLE.COM/CAT"),
        ("<https://example.com/cat.png>,", "https://example.com/cat.png"),
        ("(https://example.com/cat.png).", "https://example.com/cat.png"),
        ("[cat](http://example.com/a_b)", "http://example.com/a_b"),
        ("<https://example.com/cat|cat>", "https://example.com/cat"),
        ("see:https://example.com/cat", "see:https://example.com/cat".removeprefix("see:")),
        ("ftp://example.com/cat", "ftp://example.com/cat"),
        ("file:///etc/passwd", "file:///etc/passwd"),
        ("data:image/png;base64,AAAA", "data:image/png;base64,AAAA"),
        ("www.example.com", "www.example.com"),
        ("example.com/pics/cat.JPG?size=2", "example.com/pics/cat.JPG?size=2"),
        ("//example.com/cat", "//example.com/cat"),
        ("(//example.com/cat.png)", "//example.com/cat.png"),
        ("//", ""),
        ("//.", ""),
        ("// comment", ""),
        ("16:9", ""),
        ("amazon.com", ""),
        ("a/b", ""),
        ("www.", ""),
        ("and/or.", ""),
        ("f/1.8", ""),
        ("cat.png", ""),
        ("://", ""),
        ("http:", ""),
    ],
)
def test_an_address_is_known_among_words(word, address):
    assert mentions.address_in(word) == address


def test_addresses_leave_the_words_and_their_lines():
    text = "make it blue https://a.example/1.png\nand calm, https://a.example/2.png please"
    found = mentions.addresses_in(text)
    assert [address for _, address in found] == ["https://a.example/1.png", "https://a.example/2.png"]
    assert mentions.without(text, [word for word, _ in found]) == "make it blue\nand calm, please"


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ('a shop sign that says "www.example.com"', []),
        ("a poster with ‘https://example.com’ on it", []),
        ("a mug: “www.example.com”, steam", []),
        ("a mug, 'www.example.com'.", []),
        ('a sign that says "visit www.example.com today"', []),
        ('"www.example.com" and www.example.org', ["www.example.org"]),
        ("it's www.example.com on Ann's mug", ["www.example.com"]),
        ('"https://example.com/cat" make it blue', ["https://example.com/cat"]),
        ('"www.example.com/cat.png" make it blue', ["www.example.com/cat.png"]),
        ('"https://example.com?cat=1"', ["https://example.com?cat=1"]),
        ('a sign "www.example.com', ["www.example.com"]),
    ],
)
def test_the_name_of_a_site_in_quotation_marks_is_lettering(text, addresses):
    assert [address for _, address in mentions.addresses_in(text)] == addresses


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("x --ref my red fox", [("my red fox", Use.PICTURE)]),
        ("x --sref my red fox, image2 --oref this one", [("my red fox", Use.STYLE), ("image2", Use.STYLE), ("this one", Use.SUBJECT)]),
        ("x --sref a --ar 16:9 --sref b", [("a", Use.STYLE), ("b", Use.STYLE)]),
        (f"x --ref {JOB}/2 image1", [(f"{JOB}/2", Use.PICTURE), ("image1", Use.PICTURE)]),
        ("x --sref https://a.example/1 https://a.example/2", [("https://a.example/1", Use.STYLE), ("https://a.example/2", Use.STYLE)]),
        ('x --cref "the old light"', [("the old light", Use.SUBJECT)]),
        ("x —sref 겨울 여우", [("겨울 여우", Use.STYLE)]),
        ("x", []),
    ],
)  # fmt: skip
def test_flags_name_pictures_between_commas(typed, named):
    assert [(one.name, one.use) for one in mentions.named_in(parse(typed))] == named


@pytest.mark.parametrize(
    ("name", "found"),
    [(JOB, (JOB, 0)), (f"{JOB.upper()}/3", (JOB, 3)), (f"{JOB}/0", None), ("fox", None), (f"{JOB}x", None)],
)
def test_a_picture_of_ours_is_named_by_its_job(name, found):
    assert mentions.job_in(name) == found


@pytest.mark.parametrize(
    ("name", "place"),
    [("this one", 1), ("This", 1), ("image2", 2), ("image 3", 3), ("그림2", 2), ("이 그림", 1), ("fox", None), ("image", 1), ("image0", None)],
)  # fmt: skip
def test_what_came_along_is_named_by_its_place(name, place):
    assert mentions.place_in(name) == place


def test_a_service_is_told_what_each_picture_is_for():
    def source(use):
        return Source(where=Where.OURS, ref="j/1", use=use)

    assert mentions.with_uses("a harbour", [source(Use.PICTURE)]) == "a harbour"
    told = mentions.with_uses(
        "a harbour", [source(Use.PICTURE), source(Use.MASK), source(Use.STYLE), source(Use.SUBJECT)]
    )
    assert told.startswith("a harbour. ")
    assert "style from image 2" in told
    assert "on image 3" in told


@pytest.mark.parametrize(
    "text",
    [
        "http://" * 500,
        "a" * 4_000,
        "." * 4_000,
        "a.b/" * 1_000,
        "<" * 4_000,
        "1 " * 2_000,
        '"' * 4_000,
        ' "a' * 2_000,
    ],
)
def test_any_text_is_read_in_one_go(text):
    for word, address in mentions.addresses_in(text):
        assert address in word

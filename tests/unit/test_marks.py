"""What stands beside the pixels: every picture says that a machine made it, none says where or by whom."""

import io
import random
import xml.etree.ElementTree as ET
import zlib
from typing import Any

import pytest
from PIL import Image, ImageChops

from bot.errors import BadImage
from bot.model import JPEG, PNG
from bot.pictures.anatomy import pieces_of
from bot.pictures.images import sniff
from tests.fakes.darkroom import shared_darkroom
from tests.fakes.hostile import (
    chunk,
    gradient,
    picture,
    riff,
    segment,
    with_chunks,
    with_riff,
    with_segments,
)

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
SOURCE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
TOOL = "{http://ns.adobe.com/xap/1.0/}CreatorTool"
TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
KINDS = ["PNG", "JPEG", "WEBP"]
SHAPES: list[tuple[str, dict[str, Any]]] = [
    ("PNG", {}),
    ("PNG", {"mode": "RGBA"}),
    ("PNG", {"mode": "P"}),
    ("PNG", {"mode": "I;16"}),
    ("JPEG", {}),
    ("JPEG", {"progressive": True}),
    ("JPEG", {"mode": "CMYK"}),
    ("JPEG", {"dpi": (72, 72), "comment": "hello"}),
    ("WEBP", {}),
    ("WEBP", {"lossless": True}),
    ("WEBP", {"lossless": True, "mode": "RGBA"}),
    ("WEBP", {"mode": "RGBA", "quality": 60}),
]


@pytest.fixture
def darkroom():
    return shared_darkroom()


def packet(data: bytes) -> bytes:
    """The XMP, as Pillow finds it, which knows nothing of us."""
    image = Image.open(io.BytesIO(data))
    image.load()
    found = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    return found.encode() if isinstance(found, str) else found


def facts(data: bytes) -> dict[str, str]:
    """All properties of the XMP, read by an XML parser; a property that stands twice is an error."""
    found: dict[str, str] = {}
    root = ET.fromstring(packet(data))
    for description in root.iter(f"{RDF}Description"):
        told = {**description.attrib, **{child.tag: "".join(child.itertext()) for child in description}}
        told.pop(f"{RDF}about", None)
        assert not told.keys() & found.keys()
        found |= told
    return found


def is_marked(data: bytes) -> bool:
    return facts(data).get(SOURCE) == TRAINED


def same_pixels(one: bytes, other: bytes) -> bool:
    first, second = (Image.open(io.BytesIO(data)) for data in (one, other))
    assert (first.mode, first.size) == (second.mode, second.size)
    return ImageChops.difference(first.convert("RGBA"), second.convert("RGBA")).getbbox() is None


def with_xmp(data: bytes, xmp: bytes) -> bytes:
    match sniff(data):
        case "image/png":
            return with_chunks(data, chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp))
        case "image/jpeg":
            return with_segments(data, segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp))
        case _:
            out = io.BytesIO()
            Image.open(io.BytesIO(data)).save(out, "WEBP", lossless=True, xmp=xmp)
            return out.getvalue()


def xmp(properties: str = "", inner: str = "") -> bytes:
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        f' xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:Credit="Their AI"{properties}>'
        f"{inner}</rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>'
    ).encode()


CREDIT = "{http://ns.adobe.com/photoshop/1.0/}Credit"


# ── What we write ourselves ──────────────────────────────────────────────────────────────────────────


async def test_sheets_previews_and_shrunk_files_carry_the_mark_and_our_name(darkroom):
    out = io.BytesIO()
    Image.effect_noise((700, 500), 60).save(out, "PNG")
    data = out.getvalue()
    made = [
        await darkroom.sheet([data] * 4),
        await darkroom.preview(data, side_px=200),
        (await darkroom.fit(data, 30_000))[0],
        (await darkroom.fit(data, 2_500))[0],
    ]
    for jpeg in made:
        assert facts(jpeg) == {SOURCE: TRAINED, TOOL: "Easel"}
        assert jpeg.startswith(b"\xff\xd8\xff\xe0"), "JFIF comes first, as its rule is"


async def test_a_sheet_is_kept_as_it_was_made(darkroom):
    sheet = await darkroom.sheet([picture()] * 2)
    assert (await darkroom.verify(sheet)).data == sheet


# ── Originals ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("kind", "options"), SHAPES, ids=str)
async def test_an_original_without_a_mark_gets_one_and_keeps_its_pixels(darkroom, kind, options):
    data = gradient(61, 47, kind=kind, **options)
    verified = await darkroom.verify(data)
    assert is_marked(verified.data)
    assert same_pixels(data, verified.data)
    assert verified.size_bytes == len(data)
    again = await darkroom.verify(verified.data)
    assert again.data == verified.data, "kept once, it stays as it is"
    assert again.cell == verified.cell


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("source", ["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"])
async def test_an_original_with_a_mark_stays_byte_for_byte(darkroom, kind, source):
    value = f"http://cv.iptc.org/newscodes/digitalsourcetype/{source}"
    told = xmp(f' Iptc4xmpExt:DigitalSourceType="{value}"')
    data = with_xmp(picture(kind=kind), told)
    assert (await darkroom.verify(data)).data == data


@pytest.mark.parametrize("kind", KINDS)
async def test_a_manifest_is_a_mark_and_nothing_under_its_signature_moves(darkroom, kind):
    """C2PA signs the whole file: not even what hangs on behind it may go."""
    manifest = b"\0\0\0\x20jumb\0\0\0\x18jumdc2pa" + bytes(64)
    plain = picture(kind=kind)
    data = {
        "PNG": lambda: with_chunks(plain, chunk(b"caBX", manifest)),
        "JPEG": lambda: with_segments(plain, segment(0xEB, b"JP\0\1\0\0\0\1" + manifest)),
        "WEBP": lambda: with_riff(plain, riff(b"C2PA", manifest)),
    }[kind]()
    for signed in (data, data + b"behind it"):
        assert (await darkroom.verify(signed)).data == signed


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("properties", "inner"),
    [
        ("", ""),
        (
            ' Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"',
            "",
        ),
        ("", "<Iptc4xmpExt:DigitalSourceType>none</Iptc4xmpExt:DigitalSourceType>"),
    ],
    ids=["none", "an attribute", "an element"],
)
async def test_a_packet_without_our_mark_gets_it_and_keeps_the_rest(darkroom, kind, properties, inner):
    data = with_xmp(picture(kind=kind), xmp(properties, inner))
    kept = (await darkroom.verify(data)).data
    assert facts(kept) == {CREDIT: "Their AI", SOURCE: TRAINED}
    assert same_pixels(data, kept)


SPELLED = f'Iptc4xmpExt:DigitalSourceType="{TRAINED}"'
NO_MARKS = {
    "a word of the prompt": xmp("", f"<dc:description>a fox, {TRAINED}</dc:description>"),
    "a property's spelling in the prompt": xmp("", f"<dc:description> {SPELLED} </dc:description>"),
    "in another attribute": xmp(f" dc:title='a fox {SPELLED}'"),
    "in a comment": xmp("", f"<!-- <x {SPELLED}/> -->"),
    "in letters": xmp("", f"<dc:description><![CDATA[<x {SPELLED}/>]]></dc:description>"),
    "of another namespace": xmp(f' xmlns:i="urn:i" i:DigitalSourceType="{TRAINED}"'),
    "a value with more behind it": xmp(f' Iptc4xmpExt:DigitalSourceType="{TRAINED} not at all"'),
    "by an entity": xmp("", "<Iptc4xmpExt:DigitalSourceType>&t;</Iptc4xmpExt:DigitalSourceType>").replace(
        b"<x:xmpmeta", f'<!DOCTYPE x [<!ENTITY t "{TRAINED}">]><x:xmpmeta'.encode(), 1
    ),
    "its end in a comment": xmp() + b"<!-- </rdf:RDF> -->",
}


@pytest.mark.parametrize("name", NO_MARKS)
@pytest.mark.parametrize("kind", KINDS)
async def test_words_that_spell_the_mark_are_none(darkroom, kind, name):
    """Services write the prompt into the packet: whoever types the mark would have none written."""
    kept = (await darkroom.verify(with_xmp(picture(kind=kind), NO_MARKS[name]))).data
    assert is_marked(kept)
    assert (await darkroom.verify(kept)).data == kept


MARKS = {
    "an element": xmp("", f"<Iptc4xmpExt:DigitalSourceType>{TRAINED}</Iptc4xmpExt:DigitalSourceType>"),
    "a resource": xmp("", f'<Iptc4xmpExt:DigitalSourceType rdf:resource="{TRAINED}"/>'),
    "filled up": xmp(f" {SPELLED}") + b" " * 2048 + b"\0",
}


@pytest.mark.parametrize("name", MARKS)
async def test_a_mark_in_any_of_its_shapes_stays(darkroom, name):
    data = with_xmp(picture(kind="JPEG"), MARKS[name])
    assert (await darkroom.verify(data)).data == data


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
async def test_of_several_packets_one_stays(darkroom, kind):
    """A place in the second is found by every reader that takes the last one."""
    second = xmp(' exif:GPSLatitude="52,31N"')
    kept = (await darkroom.verify(with_xmp(with_xmp(picture(kind=kind), second), xmp(f" {SPELLED}")))).data
    assert b"GPSLatitude" not in kept
    assert kept.count(b"<x:xmpmeta") == 1
    assert is_marked(kept)


@pytest.mark.parametrize(
    "broken", [b"", b"no xml", b"\xff\xfe<\0x\0", b"</rdf:RDF>", b"<rdf:RDF></rdf:RDF>", xmp()[:-150]]
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
async def test_a_packet_that_nobody_can_read_is_replaced(darkroom, kind, broken):
    kept = (await darkroom.verify(with_xmp(picture(kind=kind), broken))).data
    assert facts(kept) == {SOURCE: TRAINED, TOOL: "Easel"}


async def test_a_squeezed_packet_is_read_and_a_bomb_in_it_is_not(darkroom):
    def with_squeezed(text: bytes) -> bytes:
        body = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(text, 9)
        return with_chunks(picture(), chunk(b"iTXt", body))

    kept = (await darkroom.verify(with_squeezed(xmp()))).data
    assert facts(kept) == {CREDIT: "Their AI", SOURCE: TRAINED}
    with pytest.raises(BadImage):
        await darkroom.verify(with_squeezed(bytes(64 << 20)))


async def test_a_packet_that_outgrows_its_segment_gives_way(darkroom):
    long = xmp(f' dc:title="{"a" * 64_700}"')
    kept = (await darkroom.verify(with_xmp(picture(kind="JPEG"), long))).data
    assert is_marked(kept)


# ── What tells of a person ───────────────────────────────────────────────────────────────────────────


def exif_of_a_person(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker"
    exif[0x013B] = "Jane Roe"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.9)
    exif.get_ifd(0x8769)[0x9003] = "2026:01:02 03:04:05"
    return exif


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", [1, 3, 6])
async def test_an_original_loses_place_and_person_and_lies_as_before(darkroom, kind, orientation):
    options = {"lossless": True} if kind == "WEBP" else {}
    data = gradient(64, 48, kind=kind, exif=exif_of_a_person(orientation), **options)
    assert b"Jane Roe" in data
    before = await darkroom.verify(data)
    assert b"Jane Roe" not in before.data
    exif = Image.open(io.BytesIO(before.data)).getexif()
    assert not exif.get_ifd(0x8825)
    assert set(exif) <= {0x0112}
    assert exif.get(0x0112, 1) == orientation
    assert same_pixels(data, before.data)
    after = await darkroom.verify(before.data)
    assert (after.width, after.height) == (before.width, before.height)
    assert (before.width, before.height) == ((48, 64) if orientation == 6 else (64, 48))


@pytest.mark.parametrize("kind", KINDS)
async def test_exif_that_tells_of_nobody_stays(darkroom, kind):
    exif = Image.Exif()
    exif[0x0112], exif[0x0131] = 1, "Their AI 3"
    kept = (await darkroom.verify(picture(kind=kind, exif=exif))).data
    assert Image.open(io.BytesIO(kept)).getexif()[0x0131] == "Their AI 3"


@pytest.mark.parametrize("name", [b"Raw profile type exif", b"Raw profile type APP1"])
async def test_exif_in_its_old_hiding_place_goes_too(darkroom, name):
    hidden = chunk(b"zTXt", name + b"\0\0" + zlib.compress(b"\nexif\n 8\n4578696600"))
    kept = (await darkroom.verify(with_chunks(picture(), hidden))).data
    assert name not in kept


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("marked", [True, False])
async def test_a_place_in_a_packet_goes_and_the_rest_stays(darkroom, kind, marked):
    mark = f' Iptc4xmpExt:DigitalSourceType="{TRAINED}"' if marked else ""
    where = (
        ' exif:GPSLatitude="48,51.5N"',
        "<exif:GPSLongitude>2,17.6E</exif:GPSLongitude><dc:format>x</dc:format>",
    )
    kept = (await darkroom.verify(with_xmp(picture(kind=kind), xmp(mark + where[0], where[1])))).data
    told = facts(kept)
    assert b"GPS" not in packet(kept)
    assert told[CREDIT] == "Their AI"
    assert told[SOURCE] == TRAINED
    assert "x" in told.values()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_persons_own_picture_is_upright_and_says_nothing(darkroom, kind):
    profile = b"\0" * 128
    told = xmp(' exif:GPSLatitude="48,51.5N"')
    options = {"exif": exif_of_a_person(6), "icc_profile": profile, "xmp": told, "comment": b"Jane Roe"}
    if kind == "PNG":
        options = {"exif": exif_of_a_person(6), "icc_profile": profile}
    data = gradient(64, 48, kind=kind, **options)
    cleaned = await darkroom.clean(data)
    assert cleaned.media_type == (JPEG if kind == "JPEG" else PNG)
    image = Image.open(io.BytesIO(cleaned.data))
    assert image.size == (cleaned.width, cleaned.height) == (48, 64)
    assert not image.getexif()
    assert image.info.get("icc_profile") == profile, "colours tell of nobody"
    for word in (b"Jane", b"GPS", b"Credit", b"DigitalSourceType", b"Exif"):
        assert word not in cleaned.data


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
async def test_every_mode_of_a_persons_picture_is_taken(darkroom, mode):
    data = gradient(20, 10, mode=mode)
    cleaned = await darkroom.clean(data)
    assert same_pixels(data, cleaned.data)


# ── Broken things ────────────────────────────────────────────────────────────────────────────────────


async def test_flipped_bytes_of_what_stands_beside_are_a_bad_image_or_a_marked_one(darkroom):
    rng = random.Random(5)
    for kind in KINDS:
        whole = with_xmp(picture(kind=kind, exif=exif_of_a_person(6)), xmp())
        for _ in range(60):
            broken = bytearray(whole)
            for _ in range(rng.randint(1, 8)):
                broken[rng.randrange(min(len(broken), 1200))] = rng.randrange(256)
            try:
                kept = (await darkroom.verify(bytes(broken))).data
            except BadImage:
                continue
            assert b"rainedAlgorithmicMedia" in kept
            assert (await darkroom.verify(kept)).data == kept


def test_taken_apart_and_joined_a_picture_is_the_same():
    for kind, options in SHAPES:
        data = gradient(61, 47, kind=kind, **options) + b"behind it"
        pieces = pieces_of(data, sniff(data))
        assert b"".join(piece.raw for piece in pieces) == data

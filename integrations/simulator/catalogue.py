"""What the simulated gateway sells, and what it makes of a request: a valid one, or the problem with it."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

IMAGES_MAX = 4
EDGES_PX = {"1K": 1024, "2K": 2048, "4K": 4096}
NAMED_FRAMES_PX = {"square": (1024, 1024), "landscape": (1536, 1024), "portrait": (1024, 1536)}
SHAPE_MOST = 3.0  # wider or higher is nothing made
COMMON_FIELDS = frozenset({"model", "prompt", "number_of_images", "input_images"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldModel:
    """One line of the catalogue."""

    id: str
    upstream: Literal["google", "openai", "fal", "replicate"]
    credits: int
    way: Literal["sync", "async"]
    median_s: float
    frame: Literal["ratio", "size", "name", "height"]
    inputs: int = 0  # as many pictures may be given
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A picture that was given: what came, and what of it is kept to paint from."""

    sha256: str  # of the bytes as they came
    size_bytes: int
    width: int
    height: int
    data: bytes  # reduced to what the painter needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A request that the gateway takes."""

    model: SoldModel
    prompt: str
    images: int = 1
    parameters: Mapping[str, str] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()  # `input_images`
    given: tuple[Given, ...] = field(default=(), compare=False)  # what was found there

    @property
    def frame_px(self) -> tuple[int, int]:
        """Width and height of each picture; where nothing is asked, shaped as the first that was given."""
        shape = self.given[0].width / self.given[0].height if self.given else 1.0
        return _FRAMES[self.model.frame](self.parameters, min(SHAPE_MOST, max(1 / SHAPE_MOST, shape)))

    @property
    def transparent(self) -> bool:
        return self.parameters.get("background") == "transparent"


class Problem(Exception):
    """Why a request is not taken, ready for one of the two envelopes (`fields` makes the second)."""

    def __init__(self, *, status: int, message: str = "", fields: tuple[Mapping[str, Any], ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.fields = fields

    @property
    def body(self) -> dict[str, Any]:
        """The envelope as the service was seen to answer."""
        if self.fields:
            return {"detail": [dict(one) for one in self.fields]}
        return {"detail": {"code": self.status, "message": self.message}}


@cache
def catalogue() -> Mapping[str, SoldModel]:
    """Every model on sale, by id."""
    text = resources.files(__package__).joinpath("models.toml").read_text(encoding="utf-8")
    return {row["id"]: _sold(row) for row in tomllib.loads(text)["models"]}


def read_wish(body: object) -> Wish:
    """Answers the wish that a request's JSON says; raises Problem."""
    if not isinstance(body, dict):
        raise invalid("body", message="Input should be a valid dictionary", kind="model_attributes_type")
    model_id = _text(body, "model")
    prompt = _text(body, "prompt")
    model = catalogue().get(model_id)
    if model is None:
        raise Problem(status=404, message=f"not_found_error - Model '{model_id}' not found")
    _refuse_unknown(body, model)
    addresses = _addresses(body.get("input_images"), model)
    return Wish(
        model=model,
        prompt=prompt,
        images=_images(body.get("number_of_images", 1)),
        parameters={
            name: _value(body, name, values) for name, values in model.parameters.items() if name in body
        },
        addresses=addresses,
    )


def invalid(*where: str, message: str, kind: str = "value_error") -> Problem:
    """The 422 of one field."""
    return Problem(status=422, fields=({"loc": list(where), "msg": message, "type": kind},))


def _sold(row: dict[str, Any]) -> SoldModel:
    parameters = {name: tuple(values) for name, values in row.pop("parameters", {}).items()}
    return SoldModel(**row, parameters=parameters)


def _text(body: Mapping[str, Any], name: str) -> str:
    if name not in body:
        raise invalid("body", name, message="Field required", kind="missing")
    value = body[name]
    if not isinstance(value, str):
        raise invalid("body", name, message="Input should be a valid string", kind="string_type")
    if not value.strip():
        raise invalid(
            "body", name, message="String should have at least 1 character", kind="string_too_short"
        )
    return value


def _images(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid("body", "number_of_images", message="Input should be a valid integer", kind="int_type")
    if not 1 <= value <= IMAGES_MAX:
        raise invalid(
            "body", "number_of_images", message=f"Input should be from 1 to {IMAGES_MAX}", kind="range"
        )
    return value


def _refuse_unknown(body: Mapping[str, Any], model: SoldModel) -> None:
    for name in body:
        if name not in COMMON_FIELDS and name not in model.parameters:
            takes = ", ".join(model.parameters) or "no parameters of its own"
            message = f"invalid_request_error - '{name}' is not a parameter of {model.id} (it takes {takes})"
            raise Problem(status=400, message=message)


def _value(body: Mapping[str, Any], name: str, values: tuple[str, ...]) -> str:
    value = body[name]
    if not isinstance(value, str) or value not in values:
        expected = ", ".join(f"'{one}'" for one in values)
        raise invalid("body", name, message=f"Input should be one of {expected}", kind="enum")
    return value


def _addresses(value: object, model: SoldModel) -> tuple[str, ...]:
    if value is None or value == []:
        return ()
    if not isinstance(value, list) or not all(map(_is_url, value)):
        raise invalid(
            "body", "input_images", message="Input should be a list of image URLs", kind="list_type"
        )
    if not model.inputs:
        message = f"invalid_request_error - '{model.id}' does not take input_images"
        raise Problem(status=400, message=message)
    if len(value) > model.inputs:
        message = f"invalid_request_error - '{model.id}' takes at most {model.inputs} input_images"
        raise Problem(status=400, message=message)
    return tuple(value)


def _is_url(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://", "data:"))


# ── How large the pictures are ───────────────────────────────────────────────────────────────────────


def _ratio(parameters: Mapping[str, str], shape: float) -> float:
    if "aspect_ratio" not in parameters:
        return shape
    wide, high = parameters["aspect_ratio"].split(":")
    return int(wide) / int(high)


def _even(width: float, height: float) -> tuple[int, int]:
    """Whole pixels, in eights as image models make them."""
    return max(64, round(width / 8) * 8), max(64, round(height / 8) * 8)


def _of_area(ratio: float, area_px: float) -> tuple[int, int]:
    return _even(math.sqrt(area_px * ratio), math.sqrt(area_px / ratio))


def _by_ratio(parameters: Mapping[str, str], shape: float) -> tuple[int, int]:
    edge = EDGES_PX.get(parameters.get("image_size") or parameters.get("size") or "1K", 1024)
    megapixels = int(parameters.get("resolution", "1MP").removesuffix("MP"))
    return _of_area(_ratio(parameters, shape), edge * edge * megapixels)


def _by_size(parameters: Mapping[str, str], shape: float) -> tuple[int, int]:
    size = parameters.get("size", "auto")
    if size == "auto":
        return min(NAMED_FRAMES_PX.values(), key=lambda frame: abs(math.log(frame[0] / frame[1] / shape)))
    width, height = size.split("x")
    return int(width), int(height)


def _by_name(parameters: Mapping[str, str], shape: float) -> tuple[int, int]:
    name = parameters.get("image_size")
    if name is None:
        return _of_area(shape, 1024 * 1024)
    return NAMED_FRAMES_PX.get(name) or (EDGES_PX[name], EDGES_PX[name])


def _by_height(parameters: Mapping[str, str], shape: float) -> tuple[int, int]:
    """720p and 1080p count the shorter edge."""
    edge = int(parameters.get("resolution", "720p").removesuffix("p"))
    ratio = _ratio(parameters, shape)
    return (round(edge * ratio), edge) if ratio >= 1 else (edge, round(edge / ratio))


_FRAMES = {"ratio": _by_ratio, "size": _by_size, "name": _by_name, "height": _by_height}

"""ComfyUI's workflows as templates: what each takes is read from its nodes' titles, and an order is filled in."""

import copy
import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.errors import ConfigError
from bot.model import Order
from bot.order.flags import SHAPES

IMAGES_MAX = 4  # in one order, where a node makes several
INPUTS_MAX = 16
FILE_BYTES = 4 * 1024 * 1024

_PROMPT = "{prompt}"
_NODES_MAX = 2000
_TEXTS = ("text", "prompt", "string", "value", "text_g", "text_l", "clip_g", "clip_l", "t5xxl")
_SEEDS = ("seed", "noise_seed")
_SEED_BITS = 48
_FRAME = ("width", "height")
_STEP_PIXELS = 64  # what all of its models take
_MASK = "mask"
_IMAGE = re.compile(r"image(?: ([1-9][0-9]?))?")

Node = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """One workflow in API format, and what an order for it may say."""

    model: str  # the public id
    nodes: Mapping[str, Node] = field(repr=False)

    # ── What it takes ────────────────────────────────────────────────────────────────────────────────

    @property
    def parameters(self) -> dict[str, tuple[str, ...]]:
        """What it has a node for; nothing else is offered."""
        taken: dict[str, tuple[str, ...]] = {}
        if sizes := self.sizes:
            taken["size"] = sizes
        if any(_text_inputs(node) for node in self._titled("negative")):
            taken["negative_prompt"] = ()
        if any(_seed_inputs(node, titled=True) for node in self._titled("seed")):
            taken["seed"] = ()
        return taken

    @property
    def sizes(self) -> tuple[str, ...]:
        """The template's own size, then other shapes of about as many pixels: models are made for so many."""
        frames = [node["inputs"] for node in self._titled("size") if _are_numbers(node, _FRAME)]
        if not frames:
            return ()
        width, height = (max(1, frames[0][name]) for name in _FRAME)
        return tuple(dict.fromkeys([f"{width}x{height}", *_shaped(width * height)]))

    @property
    def images_max(self) -> int:
        """How many pictures one order may ask for."""
        return IMAGES_MAX if any(_makes_several(node) for node in self.nodes.values()) else 1

    @property
    def inputs(self) -> int:
        """How many pictures must be given: each node that loads one needs it."""
        return len(self._loaders())

    @property
    def masks(self) -> bool:
        """Whether a mask must be given: the node that loads it needs it."""
        return bool(self._titled(_MASK))

    @property
    def outputs(self) -> frozenset[str]:
        """The nodes whose pictures count; none: all that are kept."""
        return frozenset(name for name, node in self.nodes.items() if _title(node) == "output")

    @property
    def classes(self) -> frozenset[str]:
        """Which classes of nodes the server must know."""
        return frozenset(node["class_type"] for node in self.nodes.values())

    def choices(self) -> Iterator[tuple[str, str, str]]:
        """Class, input and value of what the template itself chooses, such as a model's file."""
        ours = {id(node) for nodes in (*self._loaders().values(), self._titled(_MASK)) for node in nodes}
        for node in self.nodes.values():
            for name, value in node["inputs"].items():
                if isinstance(value, str) and id(node) not in ours and _PROMPT not in value:
                    yield node["class_type"], name, value

    # ── Filling it in ────────────────────────────────────────────────────────────────────────────────

    def filled(
        self, order: Order, *, key: str, images: Sequence[str] = (), mask: str = ""
    ) -> dict[str, Node]:
        """The graph for an order. `key` makes the seed where none was asked for; the others are names of uploads."""
        graph = Workflow(model=self.model, nodes=copy.deepcopy(dict(self.nodes)))
        asked = order.parameters
        graph._put_prompt(order.prompt)
        if "negative_prompt" in asked:
            graph._put_text("negative", str(asked["negative_prompt"]))
        graph._put_seed(_seed(str(asked["seed"])) if "seed" in asked else _seed_of(key))
        graph._put_size(str(asked.get("size", "")), order.images)
        for nodes, name in zip(graph._loaders().values(), images, strict=False):
            for node in nodes:
                node["inputs"]["image"] = name
        for node in graph._titled(_MASK):
            node["inputs"]["image"] = mask
            if "channel" in node["inputs"]:
                node["inputs"]["channel"] = "red"  # a mask is grey: each of its colours tells the same
        return dict(graph.nodes)

    def _put_prompt(self, prompt: str) -> None:
        """In one pass over the template, so that what a person typed is never taken for a place to fill."""
        titled = [node for node in self._titled("prompt") if not _holds_place(node)]
        for node in self.nodes.values():
            node["inputs"] = _with_prompt(node["inputs"], prompt)
        for node in titled:
            node["inputs"].update(dict.fromkeys(_text_inputs(node), prompt))

    def _put_text(self, title: str, text: str) -> None:
        for node in self._titled(title):
            node["inputs"].update(dict.fromkeys(_text_inputs(node), text))

    def _put_seed(self, seed: int) -> None:
        """Into every node: the same graph with the same seed is answered from the server's cache."""
        for node in self.nodes.values():
            node["inputs"].update(dict.fromkeys(_seed_inputs(node, titled=_title(node) == "seed"), seed))

    def _put_size(self, size: str, images: int) -> None:
        width, _, height = size.partition("x")
        if width.isdecimal() and height.isdecimal():
            for node in self._titled("size"):
                if _are_numbers(node, _FRAME):
                    node["inputs"].update(width=int(width), height=int(height))
        for node in self.nodes.values():
            if _makes_several(node):
                node["inputs"]["batch_size"] = images

    # ── Finding nodes ────────────────────────────────────────────────────────────────────────────────

    def _titled(self, title: str) -> list[Node]:
        return [node for node in self.nodes.values() if _title(node) == title]

    def _loaders(self) -> dict[int, list[Node]]:
        """The nodes that load given pictures, by the picture's number."""
        found: dict[int, list[Node]] = {}
        for node in self.nodes.values():
            match = _IMAGE.fullmatch(_title(node))
            if match and isinstance(node["inputs"].get("image"), str):
                found.setdefault(int(match[1] or 1), []).append(node)
        return dict(sorted(found.items()))


# ── Reading a file ───────────────────────────────────────────────────────────────────────────────────


def parse(text: str, *, model: str, where: str) -> Workflow:
    """The workflow of a file's text. Raises ConfigError, with what to do, unless it is one that can be filled."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigError(f"{where}: is no JSON") from None
    if not isinstance(value, dict) or not value:
        raise ConfigError(f"{where}: is no workflow")
    if "nodes" in value and "links" in value:
        raise ConfigError(f"{where}: is the editor's own format; save it with Export (API)")
    if not all(map(_is_node, value.values())) or len(value) > _NODES_MAX:
        raise ConfigError(f"{where}: is no workflow in API format: each node needs class_type and inputs")
    workflow = Workflow(model=model, nodes=value)
    if not any(map(_takes_prompt, value.values())):
        raise ConfigError(f"{where}: no node is titled prompt, and {_PROMPT} stands nowhere in it")
    if workflow.inputs > INPUTS_MAX:
        raise ConfigError(f"{where}: it loads more than {INPUTS_MAX} pictures")
    return workflow


def _is_node(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("class_type"), str)
        and isinstance(value.get("inputs"), dict)
    )


def _takes_prompt(node: Node) -> bool:
    return _holds_place(node) or (_title(node) == "prompt" and bool(_text_inputs(node)))


def _title(node: Node) -> str:
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else ""
    return " ".join(title.split()).lower() if isinstance(title, str) else ""


# ── Inputs of a node: what is a link leads elsewhere, and stays ──────────────────────────────────────


def _text_inputs(node: Node) -> tuple[str, ...]:
    return tuple(name for name in _TEXTS if isinstance(node["inputs"].get(name), str))


def _seed_inputs(node: Node, *, titled: bool) -> tuple[str, ...]:
    names = (*_SEEDS, "value") if titled else _SEEDS
    return tuple(name for name in names if _are_numbers(node, (name,)))


def _are_numbers(node: Node, names: Iterable[str]) -> bool:
    values = [node["inputs"].get(name) for name in names]
    return all(isinstance(value, int) and not isinstance(value, bool) for value in values)


def _makes_several(node: Node) -> bool:
    return _are_numbers(node, (*_FRAME, "batch_size"))


def _holds_place(value: object) -> bool:
    """Whether the place of the prompt stands in it, however deep."""
    if isinstance(value, str):
        return _PROMPT in value
    if isinstance(value, dict):
        inputs = value["inputs"] if "inputs" in value and "class_type" in value else value
        return any(map(_holds_place, inputs.values()))
    return isinstance(value, list) and any(map(_holds_place, value))


def _with_prompt(value: Any, prompt: str) -> Any:
    if isinstance(value, str):
        return value.replace(_PROMPT, prompt)
    if isinstance(value, dict):
        return {name: _with_prompt(inner, prompt) for name, inner in value.items()}
    return [_with_prompt(inner, prompt) for inner in value] if isinstance(value, list) else value


# ── Numbers ──────────────────────────────────────────────────────────────────────────────────────────


def _seed(typed: str) -> int:
    """What was typed, as a seed that the server takes; any word is one."""
    return int(typed) if typed.isdecimal() and len(typed) <= 18 else _seed_of(typed)  # noqa: PLR2004  # below 2^63


def _seed_of(text: str) -> int:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - _SEED_BITS)


def _shaped(pixels: int) -> Iterator[str]:
    for shape in SHAPES:
        width, height = map(int, shape.split(":"))
        sides = (math.sqrt(pixels * width / height), math.sqrt(pixels * height / width))
        yield "x".join(str(max(1, round(side / _STEP_PIXELS)) * _STEP_PIXELS) for side in sides)

"""A model of open_nsfw's form, run by onnxruntime: from a picture's bytes to how likely it is sexual."""

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime  # type: ignore[import-untyped,unused-ignore]  # it ships no types
from PIL import Image

from bot.errors import BadImage, ConfigError
from integrations.moderation import small

_SHRUNK = 256  # pixels; open_nsfw was trained on pictures shrunk to this, and cut to the next
_CUT = 224
_QUALITY = 75  # of the JPEG that its training pictures were
_MEAN_BGR = np.array([104, 117, 123], dtype=np.float32)  # of them

Pixels = npt.NDArray[np.float32]


class OnnxModel:
    """One model in memory. Blocks while it works: for a thread."""

    def __init__(self, path: Path, *, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ConfigError(f"[moderation.options.nsfw] model: {path} can't be used: {error}") from error
        self._input = self._session.get_inputs()[0].name

    def score(self, image: bytes) -> float:
        """How likely the picture is sexual, 0 to 1. Raises BadImage."""
        answer = self._session.run(None, {self._input: pixels(image)})
        safe_unsafe = np.asarray(answer[0], dtype=np.float32).reshape(-1)
        score = float(safe_unsafe[-1])
        if not 0 <= score <= 1:
            raise BadImage("the classifier gave no likelihood")
        return score

    def score_of_grey(self) -> float:
        """That of a picture of nothing."""
        return self.score(small.as_jpeg(Image.new("RGB", (_CUT, _CUT), (128, 128, 128)), _QUALITY))


def pixels(image: bytes) -> Pixels:
    """The picture as open_nsfw was trained: shrunk, its middle, once through JPEG, BGR, the mean taken off."""
    shrunk = small.opened(image, _SHRUNK).resize((_SHRUNK, _SHRUNK), resample=Image.Resampling.BILINEAR)
    edge = (_SHRUNK - _CUT) // 2
    middle = shrunk.crop((edge, edge, edge + _CUT, edge + _CUT))
    with Image.open(io.BytesIO(small.as_jpeg(middle, _QUALITY)), formats=("JPEG",)) as jpeg:
        rgb = np.asarray(jpeg, dtype=np.float32)
    return np.ascontiguousarray((rgb[:, :, ::-1] - _MEAN_BGR)[np.newaxis])

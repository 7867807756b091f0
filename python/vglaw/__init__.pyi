import os
from typing import Sequence, TypedDict, Union

import numpy as np
import numpy.typing as npt

__version__: str

class Error(RuntimeError):
    """One line: what, where, what to do."""

    code: str  # "invalid argument", "not found", "corrupt data", "unsupported", "input or output", ...

class Rle(TypedDict):
    """COCO's compressed run-length encoding, as pycocotools takes it."""

    size: list[int]  # [height, width]
    counts: str

class Found(TypedDict):
    expression: str
    box: tuple[float, float, float, float]  # x0, y0, x1, y1 in pixels of the picture
    mask: npt.NDArray[np.bool_]  # (height, width)
    mask_area: int
    rle: Rle
    tokens_given: int  # word pieces of the expression, [CLS] and [SEP] included
    tokens_read: int
    truncated: bool  # the expression is longer than the model reads
    milliseconds: float

class Placement(TypedDict):
    """Where the picture lies on the square canvas that the model sees, pixels."""

    canvas_size: int
    left: int
    top: int
    width: int
    height: int

class Explanation(TypedDict):
    tokens: list[str]  # [CLS], word pieces, [SEP]
    pool_attention: Union[npt.NDArray[np.float32], None]  # (grid, grid), sums to 1; None: pools by maximum
    blocks: list[int]  # which blocks adapt to the words, from 0
    token_attention: Union[npt.NDArray[np.float32], None]  # (blocks, groups, tokens); None: none adapts
    placement: Placement
    tokens_given: int
    truncated: bool

class Model:
    """A model file, opened, checked and packed once. Any number of threads may use it."""

    def __init__(self, path: Union[str, os.PathLike[str]], threads: int = 0) -> None: ...
    @property
    def image_size(self) -> int: ...
    @property
    def max_tokens(self) -> int: ...
    @property
    def packed_bytes(self) -> int: ...
    @property
    def instruction_set(self) -> str: ...
    @property
    def products_by(self) -> str: ...

class Grounder:
    """The buffers of one caller over a model: one a thread. Other Python threads run while it computes."""

    def __init__(
        self,
        model: Union[Model, str, os.PathLike[str]],
        threads: int = 0,
        mask_threshold: Union[float, None] = None,
    ) -> None: ...
    def ground(self, image: npt.NDArray[np.uint8], expressions: Union[str, Sequence[str]]) -> list[Found]:
        """image: (height, width, 3) RGB or (height, width, 4) RGBA, any strides. One answer an expression, in order."""
    def explain(self, image: npt.NDArray[np.uint8], expression: str) -> Explanation: ...

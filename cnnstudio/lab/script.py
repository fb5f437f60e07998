"""A chain as a script that runs anywhere PyTorch and Pillow are, and makes the same values. No torch."""

from collections.abc import Sequence

from cnnstudio.lab.operation import Operation, Shape, shapes_of
from cnnstudio.lab.pictures import SIDE

_HEAD = """\
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
"""
_ONE = """
picture = ImageOps.exif_transpose(Image.open({path!r})).convert("RGB")
picture.thumbnail(({side}, {side})){grey}
x = torch.from_numpy(np.array(picture, np.float32) / 255){axes}
"""
_SEVERAL = """

def read(path):
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    picture = ImageOps.fit(picture, ({side}, {side})){grey}
    return torch.from_numpy(np.array(picture, np.float32) / 255){axes}


x = torch.cat([read(path) for path in {paths!r}])
"""


def script(
    operations: Sequence[Operation], paths: Sequence[str], shape: Shape, side: int = SIDE, *, grey: bool = False
) -> str:
    """A script that reads pictures as the Lab does, and ends with the result in ``y``, N×C×H×W float32.

    Args:
        operations: without problems.
        paths: of the pictures; several are a batch of squares.
        shape: of what the first operation is applied to.
        side: that the pictures were made small to.
        grey: whether they were made grey.
    """
    words = {
        "side": side,
        "grey": '; picture = picture.convert("L")' if grey else "",
        "axes": "[None, None]" if grey else ".permute(2, 0, 1)[None].contiguous()",
    }
    reading = _ONE.format(path=paths[0], **words) if len(paths) == 1 else _SEVERAL.format(paths=list(paths), **words)
    before = (shape, *shapes_of(operations, shape))
    lines = [operation.code(given) for operation, given in zip(operations, before, strict=False)]
    between = [line.replace("y = ", "x = ", 1) for line in lines[:-1]]
    return "\n".join((_HEAD + reading.rstrip(), *between, *lines[-1:], "print(tuple(y.shape))", ""))

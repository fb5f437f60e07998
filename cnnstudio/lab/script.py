"""A chain as a script that runs anywhere PyTorch and Pillow are, and makes the same values. No torch."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PIL import Image, ImageOps

from cnnstudio.data.reading import read_image
from cnnstudio.lab.operation import Operation, Shape, shapes_of
from cnnstudio.lab.pictures import SIDE

_HEAD = """\
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps


def rgb(path):
    picture = ImageOps.exif_transpose(Image.open(path))
    if picture.has_transparency_data:
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA"))
    return picture.convert("RGB")

"""
_ONE = """
picture = rgb({path!r})
picture.thumbnail(({side}, {side})){grey}
x = torch.from_numpy(np.array(picture, np.float32) / 255){axes}
"""
_SEVERAL = """
def read(path):
    picture = ImageOps.fit(rgb(path), ({side}, {side})){grey}
    return torch.from_numpy(np.array(picture, np.float32) / 255){axes}


x = torch.cat([read(path) for path in {paths!r}])
"""


def reads_alike(path: Path) -> bool:
    """Whether a script gets the pixels of a picture that the Lab does; it reads 8 bits and what Pillow knows alone."""
    with suppress(Exception), Image.open(path) as opened:  # in many types, where Pillow has no reader for such files
        picture = ImageOps.exif_transpose(opened)
        if picture.has_transparency_data:
            picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA"))
        return picture.convert("RGB").tobytes() == read_image(path).tobytes()
    return False


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

"""Pillow's resize and the centre crop as an ONNX graph of plain arithmetic, bit-equal to ``resize_and_crop``.

Pillow multiplies bytes with weights of 22 bits after the point, sums in whole numbers and rounds to a byte after each
of two passes. Here a pass is a matrix product. A weight is split into its upper 11 bits and a rest of 11 bits with a
sign, so that sums are numbers that single precision holds exactly: twice as many products as in double, each at half
the cost, and the same result on processors, in browsers and in other engines.

The operator ``Resize`` would be shorter, but engines disagree about it, by up to 58 of 255 levels.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image

from cnnstudio.data import PreprocessSpec
from cnnstudio.export.onnx.graph import Graph, Step

PICTURES, PIXELS = "pictures", "pixels"
_BITS, _REST = 22, 11
"""Of Pillow's weights after the point, and of the rest that is split off."""
_REACH = {"bilinear": 1.0, "bicubic": 2.0}
_BANDS = 14
"""The first pass makes the crop's columns in so many groups, each from those of the picture that it depends on."""
_OLD_RATIO, _NEW_RATIO = 100, 2
_LAST = 1 << 62


def preprocessing(spec: PreprocessSpec) -> Any:
    """The model ``pictures`` N×height×width×3 uint8 → ``pixels`` N×crop×crop×3 uint8."""
    from onnx import TensorProto, helper

    g = Graph("pre_")
    shape = g("Shape", PICTURES)
    height, width = (g("Gather", shape, g.const(axis)) for axis in (1, 2))
    short = g("Min", height, width)
    if spec.interpolation == "nearest":
        rows, columns = (_nearest(g, size, short, spec) for size in (height, width))
        g("Gather", g("Gather", PICTURES, rows, axis=1), columns, axis=2, out=PIXELS)
    else:
        _two_passes(g, (height, width, short), spec)
    sides = ["batch", "height", "width", 3]
    return g.model(
        "preprocessing",
        [helper.make_tensor_value_info(PICTURES, TensorProto.UINT8, sides)],
        [helper.make_tensor_value_info(PIXELS, TensorProto.UINT8, ["batch", spec.crop, spec.crop, 3])],
    )


@cache
def tall_ratio() -> int:
    """How many times as high as wide a picture has to be for Pillow to begin with the pass down; versions differ."""
    bars = np.random.default_rng(0).integers(0, 256, (48, 16)).astype(np.uint8)
    picture, size = Image.fromarray(bars), (11, 33)
    across_first = picture.resize((11, 48), Image.Resampling.BILINEAR).resize(size, Image.Resampling.BILINEAR)
    same = across_first == picture.resize(size, Image.Resampling.BILINEAR)
    return _OLD_RATIO if same else _NEW_RATIO


def _two_passes(g: Graph, sides: tuple[str, str, str], spec: PreprocessSpec) -> None:
    """The first pass makes columns, or rows where Pillow begins with the pass down; then everything is turned."""
    height, width, short = sides
    shrinks = g("Less", g("Div", g("Mul", height, g.const(spec.resize)), short), height)
    tall = g("And", g("Greater", height, g("Mul", width, g.const(tall_ratio()))), shrinks)
    first = _axis(g, g("Where", tall, height, width), short, spec)
    second = _axis(g, g("Where", tall, width, height), short, spec)
    window = _window(g, second, 0, spec.crop)
    planes = _planes(g, tall, window)
    bands = np.linspace(0, spec.crop, min(_BANDS, spec.crop) + 1).astype(int).tolist()
    made = [_band(g, first, planes, outputs) for outputs in pairwise(bands)]
    across = g("Concat", *made, axis=3)
    upper, rest = (g("MatMul", part, across) for part in _weights(g, second, window, (0, spec.crop), taps_first=False))
    pixels = g.cast(_rounded(g, upper, rest), np.uint8)
    # Both, since they cost little, and OpenVINO 2026.4 gives the first picture turned wrongly out of an If.
    g("Where", tall, g("Transpose", pixels, perm=[0, 3, 2, 1]), g("Transpose", pixels, perm=[0, 2, 3, 1]), out=PIXELS)


def _planes(g: Graph, tall: str, window: tuple[str, str]) -> str:
    """N×3×second axis×first axis: what of the picture the second pass needs, a plane for each colour."""
    rows: Step = ("Slice", [PICTURES, *window, g.const([1])], {})
    columns: Step = ("Slice", [PICTURES, *window, g.const([2])], {})
    turn: Step = ("Transpose", [], {"perm": [0, 2, 1, 3]})
    # Not in one step with the turn: that takes twice as long.
    return g("Transpose", g.choice(tall, {"then_branch": [columns, turn], "else_branch": [rows]}), perm=[0, 3, 1, 2])


def _band(g: Graph, axis: "_Axis", planes: str, outputs: tuple[int, int]) -> str:
    """Some columns of the first pass, from the part of the planes that they depend on."""
    window = _window(g, axis, *outputs)
    taps = g.cast(g("Slice", planes, *window, g.const([3])), np.float32)
    upper, rest = (g("MatMul", taps, part) for part in _weights(g, axis, window, outputs, taps_first=True))
    return _rounded(g, upper, rest)


@dataclass(frozen=True, slots=True)
class _Axis:
    """Names of what a pass has to know, all double."""

    size: str
    """Of the picture, in pixels."""
    centres: str
    """Of the crop's pixels, in those of the picture."""
    reach: str
    """From the centre to the last pixel that counts."""
    shrink: str
    """One through how many pixels of the picture make one; 1 where it is enlarged."""
    cubic: bool


def _axis(g: Graph, size: str, short: str, spec: PreprocessSpec) -> _Axis:
    """In the order of Pillow's own operations, since each of them rounds."""
    target, start = _crop(g, size, short, spec)
    real = g.cast(size, np.float64)
    scale = g("Div", real, g.cast(target, np.float64))
    shrink = g("Max", scale, g.const(1, np.float64))
    places = g("Add", g.cast(start, np.float64), g.const(np.arange(spec.crop) + 0.5, np.float64))
    return _Axis(
        size=real,
        centres=g("Mul", places, scale),
        reach=g("Mul", shrink, g.const(_REACH[spec.interpolation], np.float64)),
        shrink=g("Div", g.const(1, np.float64), shrink),
        cubic=spec.interpolation == "bicubic",
    )


def _crop(g: Graph, size: str, short: str, spec: PreprocessSpec) -> tuple[str, str]:
    """How large a side becomes, and where the crop begins; a half is rounded to an even number, as Python does."""
    target = g("Div", g("Mul", size, g.const(spec.resize)), short)
    spare = g.cast(g("Sub", target, g.const(spec.crop)), np.float64)
    return target, g.cast(g("Round", g("Mul", spare, g.const(0.5, np.float64))), np.int64)


def _window(g: Graph, axis: _Axis, begin: int, end: int) -> tuple[str, str]:
    """Which pixels of the picture count for those of the crop from ``begin`` to ``end``: the first, and one behind."""
    half = g.const(0.5, np.float64)
    centres = [g("Gather", axis.centres, g.const([place])) for place in (begin, end - 1)]
    first = g("Max", g("Floor", g("Add", g("Sub", centres[0], axis.reach), half)), g.const(0, np.float64))
    last = g("Min", g("Floor", g("Add", g("Add", centres[1], axis.reach), half)), axis.size)
    return g.cast(first, np.int64), g.cast(last, np.int64)


def _weights(
    g: Graph, axis: _Axis, window: tuple[str, str], outputs: tuple[int, int], *, taps_first: bool
) -> tuple[str, str]:
    """The matrix of a pass, outputs × taps float32, or turned: the upper parts of weights, and the rests in 2048ths."""
    flat = g.const([], np.int64)
    taps = g.cast(g("Range", *(g("Reshape", side, flat) for side in window), g.const(1)), np.float64)
    centres = g("Slice", axis.centres, *(g.const([place]) for place in outputs))
    if taps_first:
        taps = g("Unsqueeze", taps, g.const([1]))
    else:
        centres = g("Unsqueeze", centres, g.const([1]))
    away = g("Add", g("Sub", taps, centres), g.const(0.5, np.float64))
    away = g("Abs", g("Mul", away, axis.shrink))
    curve = _cubic(g, away) if axis.cubic else _triangle(g, away)
    share = g("Div", curve, g("ReduceSum", curve, g.const([0 if taps_first else 1]), keepdims=1))
    whole = _nearest_whole(g, g("Mul", share, g.const(2.0**_BITS, np.float64)))
    part = g.const(2.0**-_REST, np.float64)
    upper = _nearest_whole(g, g("Mul", whole, part))
    rest = g("Sub", whole, g("Mul", upper, g.const(2.0**_REST, np.float64)))
    return g.cast(g("Mul", upper, part), np.float32), g.cast(g("Mul", rest, part), np.float32)


def _triangle(g: Graph, away: str) -> str:
    return g("Max", g("Sub", g.const(1, np.float64), away), g.const(0, np.float64))


def _cubic(g: Graph, away: str) -> str:
    """Keys's curve with a = −0.5, as Pillow computes it."""

    def number(value: float) -> str:
        return g.const(value, np.float64)

    near = g("Mul", g("Sub", g("Mul", number(1.5), away), number(2.5)), away)
    near = g("Add", g("Mul", near, away), number(1))
    far = g("Add", g("Mul", g("Sub", away, number(5)), away), number(8))
    far = g("Mul", g("Sub", g("Mul", far, away), number(4)), number(-0.5))
    far = g("Where", g("Less", away, number(2)), far, number(0))
    return g("Where", g("Less", away, number(1)), near, far)


def _nearest_whole(g: Graph, value: str) -> str:
    """A half goes away from zero."""
    size = g("Floor", g("Add", g("Abs", value), g.const(0.5, np.float64)))
    return g("Mul", g("Sign", value), size)


def _rounded(g: Graph, upper: str, rest: str) -> str:
    """Levels of the sums of upper parts, in 2048ths of a level, and of rests, in 2048ths of those.

    Every step gives a number that single precision holds exactly.
    """

    def number(value: float) -> str:
        return g.const(value, np.float32)

    upper = g("Add", upper, g("Mul", g("Floor", rest), number(2.0**-_REST)))
    return g("Clip", g("Floor", g("Add", upper, number(0.5))), number(0), number(255))


def _nearest(g: Graph, size: str, short: str, spec: PreprocessSpec) -> str:
    """Which of the picture's pixels the crop takes on one side; Pillow adds up the distance from one to the next."""
    target, start = _crop(g, size, short, spec)
    step = g("Div", g.cast(size, np.float64), g.cast(target, np.float64))
    steps = g("Expand", step, g("Reshape", target, g.const([1])))
    half = g("Mul", step, g.const([0.5], np.float64))
    places = g("CumSum", g("Concat", half, g("Slice", steps, g.const([1]), g.const([_LAST])), axis=0), g.const(0))
    begin = g("Reshape", start, g.const([1]))
    end = g("Add", begin, g.const([spec.crop]))
    return g.cast(g("Floor", g("Slice", places, begin, end)), np.int64)

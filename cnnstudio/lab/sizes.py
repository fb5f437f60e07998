"""The calculator of sizes: along one axis, any number from the others, the formula filled in, and why it cannot be.

An axis of a picture, a sound or a volume is computed alike, so that 1-D, 2-D and 3-D are one, two and three questions.
No torch.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from cnnstudio.core import counted
from cnnstudio.networks.anatomy.field import transposed_count, window_count

Kind = Literal["convolution", "pooling", "transposed"]
MAX_SIZE = 1_000_000
"""Of input and output."""
_SEARCHED = 4_096
"""Kernels, strides, paddings and dilations that are looked through."""
_WORDS = {"size": "input size", "output_padding": "output padding", "out": "output size"}
_RANGES = (
    ("size", 1, MAX_SIZE), ("kernel", 1, _SEARCHED), ("stride", 1, _SEARCHED), ("dilation", 1, _SEARCHED),
    ("padding", 0, _SEARCHED), ("output_padding", 0, _SEARCHED),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis of a convolution, pooling or transposed convolution."""

    kind: Kind = "convolution"
    size: int
    """Values that come in."""
    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    output_padding: int = 0
    """Of transposed convolutions."""
    ceil: bool = False
    """Whether pooling also takes a last window that reaches over the edge."""

    @property
    def span(self) -> int:
        """Values from the first to the last that the kernel covers."""
        return self.dilation * (self.kernel - 1) + 1

    def count(self) -> int:
        """Values that come out; only meant where nothing makes it impossible."""
        if self.kind == "transposed":
            return transposed_count(
                self.size, self.kernel, self.stride, self.padding, self.dilation, self.output_padding
            )
        if not self.ceil:
            return window_count(self.size, self.kernel, self.stride, self.padding, self.dilation)
        return self._with_last() - self.begins_behind()

    def begins_behind(self) -> bool:
        """Whether a last window, rounded up to, would begin behind the picture: torch does without it."""
        return self.ceil and (self._with_last() - 1) * self.stride >= self.size + self.padding

    def _with_last(self) -> int:
        return -((self.span - self.size - 2 * self.padding) // self.stride) + 1

    def out_of_range(self) -> str:
        """A sentence where a number is none that anybody means, or nothing."""
        for name, low, high in _RANGES:
            if not low <= getattr(self, name) <= high:
                return f"The {_WORDS.get(name, name)} lies between {low} and {high:,}."
        return ""

    def why_impossible(self) -> str:
        """A sentence, or nothing."""
        if reason := self.out_of_range():
            return reason
        if self.kind == "transposed":
            return self._why_no_transposed()
        if self.kind == "pooling" and self.padding > self.kernel // 2:
            return f"Pooling takes at most half of its kernel as padding, here {self.kernel // 2}."
        there = self.size + 2 * self.padding
        if self.span > there and (not self.ceil or self.count() < 1):
            covered = f"a kernel of {self.kernel}" + (f" with dilation {self.dilation}" if self.dilation > 1 else "")
            with_padding = f" with a padding of {self.padding}" if self.padding else ""
            are = "is" if there == 1 else "are"
            values = f"{counted(there, 'value')}{with_padding}"
            return f"There {are} only {values}, and {covered} covers {self.span}."
        return ""

    def _why_no_transposed(self) -> str:
        if self.output_padding >= max(self.stride, self.dilation):
            most = max(self.stride, self.dilation) - 1
            return f"The output padding is smaller than the stride or the dilation, here at most {most}."
        if self.count() < 1:
            return f"The padding of {self.padding} takes everything away: {filled_in(self)}."
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeQuestion:
    """One axis of which one number is not known: it is None. With all of them given, whether they fit."""

    kind: Kind = "convolution"
    size: int | None = None
    kernel: int | None = None
    stride: int | None = 1
    padding: int | None = 0
    dilation: int | None = 1
    output_padding: int | None = 0
    out: int | None = None
    ceil: bool = False
    side_by_side: bool = False
    """Whether the stride is the kernel, whatever that is, as pooling has it where nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeAnswer:
    """What the calculator says."""

    unknown: str
    """Which number was asked for, as ``SizeQuestion`` calls it; empty where all were given, or too few."""
    values: tuple[int, ...] = ()
    """Every number that fits, the smallest first; several, since what is left over at the edge is skipped."""
    out: int = 0
    """The output size; 0 where there is none."""
    formula: str = ""
    """With the first of them filled in."""
    reason: str = ""
    """Why there is none; empty where there is one."""


_UNKNOWNS = ("size", "kernel", "stride", "padding", "dilation", "output_padding", "out")


def solve(question: SizeQuestion) -> SizeAnswer:
    """Answer a question; whatever is asked, the answer is values or a sentence."""
    given = {name: getattr(question, name) for name in _UNKNOWNS}
    if question.side_by_side:
        given["stride"] = question.kernel or 1
    missing = [name for name, value in given.items() if value is None]
    if len(missing) > 1:
        *first, last = (_WORDS.get(name, name) for name in missing)
        words = f"{', '.join(first)} and {last}"
        return SizeAnswer(unknown="", reason=f"One number can be found from all others; here {words} are not given.")
    wanted = given.pop("out")
    unknown = missing[0] if missing else ""
    if unknown == "out" or not unknown:
        axis = Axis(kind=question.kind, ceil=question.ceil, **given)
        if reason := axis.why_impossible():
            return SizeAnswer(unknown=unknown, reason=reason)
        if unknown or axis.count() == wanted:
            return SizeAnswer(unknown=unknown, values=(axis.count(),), out=axis.count(), formula=filled_in(axis))
        return SizeAnswer(unknown="", formula=filled_in(axis), reason=f"It gives {axis.count():,}, not {wanted:,}.")
    if not 1 <= wanted <= MAX_SIZE:
        return SizeAnswer(unknown=unknown, reason=f"The output size lies between 1 and {MAX_SIZE:,}.")
    axis = Axis(kind=question.kind, ceil=question.ceil, **{**given, unknown: 1})
    if reason := axis.out_of_range():
        return SizeAnswer(unknown=unknown, reason=reason)
    together = ("kernel", "stride") if question.side_by_side and unknown == "kernel" else (unknown,)
    return _searched(axis, together, wanted)


def _searched(axis: Axis, together: tuple[str, ...], wanted: int) -> SizeAnswer:
    """Of the numbers that can come into question, those that give what is wanted; all of ``together`` are one."""
    unknown, reason, below, above = together[0], "", (0, 0), (MAX_SIZE + 1, 0)
    fitting: list[Axis] = []
    for value in _candidates(axis, unknown, wanted):
        tried = replace(axis, **dict.fromkeys(together, value))  # type: ignore[arg-type]
        why = tried.why_impossible()
        if why:
            reason = reason or why
            continue
        out = tried.count()
        if out == wanted:
            fitting.append(tried)
        elif out < wanted:
            below = max(below, (out, -value))
        else:
            above = min(above, (out, value))
    if fitting:
        values = tuple(getattr(each, unknown) for each in fitting)
        return SizeAnswer(unknown=unknown, values=values, out=wanted, formula=filled_in(fitting[0]))
    word = _WORDS.get(unknown, unknown)
    near = [f"{word} {abs(value):,} gives {out:,}" for out, value in (below, above) if 0 < out <= MAX_SIZE]
    why = "; ".join(near) + "." if near else reason
    return SizeAnswer(unknown=unknown, reason=f"No {word} gives {wanted:,}: {why}")


def _candidates(axis: Axis, unknown: str, wanted: int) -> Iterable[int]:
    if unknown == "size":
        if axis.kind == "transposed":
            middle = (wanted - axis.output_padding - axis.span + 2 * axis.padding) // max(1, axis.stride) + 1
            return range(max(1, middle - 1), max(1, middle) + 3)
        least = (wanted - 1) * axis.stride - 2 * axis.padding + axis.span
        return range(max(1, least - axis.stride), max(1, least + axis.stride) + 1)
    low = 0 if unknown in ("padding", "output_padding") else 1
    return range(low, _SEARCHED + 1)


def filled_in(axis: Axis) -> str:
    """The formula with its numbers, such as ``⌊(224 + 2·2 − 1·(11 − 1) − 1) / 4⌋ + 1 = 55``."""
    if axis.kind == "transposed":
        return (
            f"({axis.size:,} − 1)·{axis.stride} − 2·{axis.padding} + {axis.dilation}·({axis.kernel} − 1)"
            f" + {axis.output_padding} + 1 = {axis.count():,}"
        ).replace("= -", "= −")
    opening, closing = "⌈⌉" if axis.ceil else "⌊⌋"
    inner = f"{axis.size:,} + 2·{axis.padding} − {axis.dilation}·({axis.kernel} − 1) − 1"
    without_last = " − 1" if axis.begins_behind() else ""
    return f"{opening}({inner}) / {axis.stride}{closing} + 1{without_last} = {axis.count():,}"

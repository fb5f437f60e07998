"""``lab size`` and ``lab dense``: the calculator of sizes, and what a dense layer would cost."""

import argparse
from dataclasses import asdict
from typing import Any

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.numbers import between
from cnnstudio.cli.report import Report
from cnnstudio.core import OperationError, Watch, counted
from cnnstudio.lab.dense import DenseOrConvolution
from cnnstudio.lab.sizes import SizeAnswer, SizeQuestion, solve

Numbers = tuple[int | None, ...]
_FLAGS = {
    "size": ("--in", "input size"),
    "kernel": ("--kernel", "side of the kernel"),
    "stride": ("--stride", "stride (default 1; of pooling the kernel)"),
    "padding": ("--padding", "padding at each edge (default 0)"),
    "dilation": ("--dilation", "dilation (default 1)"),
    "output_padding": ("--output-padding", "of a transposed convolution (default 0)"),
    "out": ("--out", "output size"),
}

_ASKING = """\
A question mark is what is asked for; without one it is what is missing.
224x160 gives each axis its own number."""


def add_commands(rooms: Any) -> None:
    """Add ``lab size`` and ``lab dense``."""
    parser = add_parser(
        rooms, "size", _size,
        "compute the size of a convolution, pooling or transposed convolution, or any of its numbers from the others",
        "cnnstudio lab size --in 224 --kernel 11 --stride 4 --padding 2; "
        "cnnstudio lab size --in 224 --kernel 11 --padding 2 --stride ? --out 55",
    )  # fmt: skip
    for name, (flag, text) in _FLAGS.items():
        parser.add_argument(flag, dest=name, type=_numbers, metavar="N", help=text)
    parser.add_argument("--dims", type=int, choices=(1, 2, 3), default=2, help="axes (default 2)")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--transposed", dest="kind", action="store_const", const="transposed", default="convolution")
    kind.add_argument("--pooling", dest="kind", action="store_const", const="pooling")
    parser.add_argument("--ceil", action="store_true", help="pooling: with a last window that reaches over the edge")
    parser.epilog = f"{parser.epilog}\n\n{_ASKING}"
    parser.set_defaults(parser=parser)

    dense = add_parser(
        rooms, "dense", _dense, "count the weights of a dense layer and of a convolution on the same picture",
        "cnnstudio lab dense --in 224 --channels 3 --neurons 1024",
    )  # fmt: skip
    usual = DenseOrConvolution()
    for flag in ("in", "channels", "neurons", "filters", "kernel"):
        field = "height" if flag == "in" else flag
        limit, default = usual.limits[field], getattr(usual, field)
        dense.add_argument(f"--{flag}", dest=flag, type=between(limit.low, limit.high), default=default, metavar="N",
                           help=f"default {default:,}")  # fmt: skip


def _numbers(text: str) -> Numbers:
    """``224``, ``224x160`` or ``?``."""
    try:
        return tuple(None if part.strip() == "?" else int(part) for part in text.lower().split("x"))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a number such as 224, 224x160, or ?") from error


def _size(options: argparse.Namespace, report: Report, _watch: Watch) -> int:
    given: dict[str, Numbers] = {name: getattr(options, name) or (None,) for name in _FLAGS}
    for name, usual in (("stride", 1), ("padding", 0), ("dilation", 1), ("output_padding", 0)):
        if getattr(options, name) is None:
            given[name] = given["kernel"] if name == "stride" and options.kind == "pooling" else (usual,)
    if options.output_padding is not None and options.kind != "transposed":
        options.parser.error("--output-padding is one of --transposed")
    if options.ceil and options.kind != "pooling":
        options.parser.error("--ceil is one of --pooling")
    if wrong := [name for name, numbers in given.items() if len(numbers) not in (1, options.dims)]:
        flag = _FLAGS[wrong[0]][0]
        fits = "Give one." if options.dims == 1 else f"Give one, or {options.dims}."
        raise OperationError(f"{flag} has {len(given[wrong[0]])} numbers.", remedy=fits)
    axes = max(len(numbers) for numbers in given.values())
    answers = [
        solve(
            SizeQuestion(
                kind=options.kind,
                ceil=options.ceil,
                side_by_side=options.kind == "pooling" and options.stride is None,
                **{name: numbers[axis % len(numbers)] for name, numbers in given.items()},
            )
        )
        for axis in range(axes)
    ]
    for answer in answers:
        if answer.reason:
            raise OperationError(
                "There is no such size.",
                meaning=answer.reason,
                details=answer.formula,
            )
    report.result("\n".join(_lines(answers, options.dims)), _plain(answers, given, options))
    return 0


def _lines(answers: list[SizeAnswer], dims: int) -> list[str]:
    lines = [answer.formula for answer in answers]
    for answer in answers:
        if answer.unknown not in ("", "out"):
            first, last = answer.values[0], answer.values[-1]
            span = f"{first:,}" if first == last else f"{first:,} to {last:,}"
            lines.append(f"{_FLAGS[answer.unknown][0]} {span} gives {_FLAGS['out'][0]} {answer.out:,}.")
        elif answer.unknown == "out":
            total = answer.values[0] ** dims if len(answers) == 1 else 0
            if total and dims > 1:
                size = " × ".join([f"{answer.values[0]:,}"] * dims)
                lines.append(f"{size} is {counted(total, 'value')} in every channel.")
    return lines


def _plain(answers: list[SizeAnswer], given: dict[str, Numbers], options: argparse.Namespace) -> dict[str, Any]:
    """With the flags' names; what was asked for is the smallest number that fits, ``values`` has all of them."""
    unknown = answers[0].unknown
    known = {name: [numbers[axis % len(numbers)] for axis in range(len(answers))] for name, numbers in given.items()}
    if unknown:
        known[unknown] = [answer.values[0] for answer in answers]
        if options.kind == "pooling" and options.stride is None:
            known["stride"] = known["kernel"]
    named = {_FLAGS[name][0][2:].replace("-", "_"): _one(numbers) for name, numbers in known.items()}
    return {
        "out": named.pop("out"),
        **named,
        "kind": options.kind,
        "dims": options.dims,
        "asked": _FLAGS[unknown][0][2:].replace("-", "_") if unknown else None,
        "values": _one([list(answer.values) for answer in answers]),
        "formula": _one([answer.formula for answer in answers]),
    }


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _dense(options: argparse.Namespace, report: Report, _watch: Watch) -> int:
    side = getattr(options, "in")
    asked = DenseOrConvolution(
        height=side, width=side, channels=options.channels, neurons=options.neurons,
        filters=options.filters, kernel=options.kernel,
    )  # fmt: skip
    told = {"dense": asked.dense, "convolution": asked.convolution, "multiplications": asked.multiplications}
    report.result("\n".join(asked.sentences()), {**told, **asdict(asked)})
    return 0

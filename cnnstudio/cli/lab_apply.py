"""``lab apply``: operations on a picture, one after the other."""

import argparse
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.lab_operations import flag_of, operations_of
from cnnstudio.cli.lab_settings import add_operations
from cnnstudio.cli.numbers import between
from cnnstudio.cli.outputs import ending, keep_apart
from cnnstudio.cli.report import Report
from cnnstudio.core import OperationError, Watch, counted, write_text_atomically
from cnnstudio.jobs import run_inline, specs
from cnnstudio.lab import MAX_CHAIN, Applied, Convolution, Shape, Tried
from cnnstudio.lab.drawing import VIEWS
from cnnstudio.lab.pictures import SIDE
from cnnstudio.lab.script import reads_alike, script
from cnnstudio.networks import ModelRef
from cnnstudio.networks.blocks.saved import network_named


def add_command(rooms: Any) -> None:
    """Add ``lab apply``."""
    parser = add_parser(
        rooms, "apply", _apply,
        "apply operations of a network to a picture, and tell sizes, weights, work, what a value sees, and the code",
        "cnnstudio lab apply photo.jpg --op conv --kernel vertical-edge --padding 1 --op activation --kind relu "
        "--op pool --kernel 2 --out edges.png",
    )  # fmt: skip
    parser.add_argument("pictures", type=Path, nargs="+", metavar="PICTURE", help="several are a batch of squares")
    add_operations(parser)
    parser.add_argument("--size", type=between(1, 4096), default=SIDE, metavar="PX",
                        help=f"the longer side of the picture, at most (default {SIDE})")  # fmt: skip
    parser.add_argument("--grey", action="store_true", help="make the picture grey first")
    parser.add_argument("--view", choices=VIEWS, default="auto", help="what black and white mean (default auto)")
    parser.add_argument("--out", type=ending(".png"), metavar="PNG", help="picture to write: the last result")
    parser.add_argument("--every", action="store_true", help="write each result: NAME-1.png, NAME-2.png, …")
    parser.add_argument(
        "--script", type=ending(".py"), metavar="FILE.py", help="write the chain as a script for PyTorch"
    )
    parser.set_defaults(parser=parser)


def _apply(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    def take(network: str) -> Sequence[Convolution]:
        model = ModelRef(source=network_named(network))
        return run_inline(specs.TakeFilters(model=model), Watch(watch.control, report.beside)).filters

    if options.every and options.out is None:
        options.parser.error("--every needs --out, which names the files")
    for out in _files(options):
        keep_apart(out, options.pictures)
    try:
        chain = operations_of(options.steps, take)
    except ValueError as error:
        options.parser.error(str(error))
    names, operations = tuple(name for name, _ in chain), tuple(operation for _, operation in chain)
    side = options.size
    pixels = run_inline(specs.OpenForLab(pictures=tuple(options.pictures), side=side), watch)
    if options.script:
        _check_reading(options.pictures)
    job = specs.TryOperations(pixels=pixels, operations=operations, grey=options.grey, view=options.view)
    tried = run_inline(job, watch)
    for problem in tried.problems[:1]:
        name = names[problem.step] if problem.step < len(names) else ""
        field = f" ({flag_of(problem.field, operations[problem.step])})" if problem.field else ""
        raise OperationError(
            f"Operation {problem.step + 1}, {name}{field}, cannot be applied.", meaning=problem.sentence
        )
    written = tuple(_written(options, tried, watch))
    if options.script:
        begun = Shape(*tried.given.channels.shape)
        text = script(operations, [str(path) for path in options.pictures], begun, side, grey=options.grey)
        write_text_atomically(options.script, text)
    told = {
        "paths": [str(path) for path in options.pictures],
        "given": list(tried.given.channels.shape[1:]),
        "steps": [_plain(name, step) for name, step in zip(names, tried.steps, strict=True)],
        "parameters": sum(step.parameters for step in tried.steps),
        "multiplications": sum(step.multiplications for step in tried.steps),
        "out": [str(path) for path in written],
        "script": str(options.script) if options.script else None,
    }
    files = (*written, *((options.script,) if options.script else ()))
    report.result("\n".join(_lines(names, tried, files)), told)
    return 0


def _check_reading(pictures: Sequence[Path]) -> None:
    """A script that gets other pixels than are seen here would say something untrue."""
    if other := next((path for path in pictures if not reads_alike(path)), None):
        raise OperationError(
            f"No script would read {other.name} as it is read here.",
            meaning="It has more than 8 bits for each value, or is of a kind that Pillow does not read.",
            remedy="Save it as PNG with 8 bits, and use that.",
        )


def _written(options: argparse.Namespace, tried: Tried, watch: Watch) -> Iterator[Path]:
    """The pictures of a batch side by side."""
    if options.out is None:
        return
    last = len(tried.steps) - 1
    for number, step in enumerate(tried.steps):
        if options.every or number == last:
            file = _numbered(options.out, number + 1) if options.every else options.out
            yield run_inline(specs.SavePicture(file=file, pixels=step.drawn.beside()), watch)


def _numbered(file: Path, number: int) -> Path:
    return file.with_stem(f"{file.stem}-{number}")


def _files(options: argparse.Namespace) -> Iterator[Path]:
    """All that may be written."""
    if options.out is not None:
        yield from map(partial(_numbered, options.out), range(1, MAX_CHAIN + 1)) if options.every else (options.out,)


def _lines(names: tuple[str, ...], tried: Tried, written: tuple[Path, ...]) -> Iterator[str]:
    pictures, *given = tried.given.channels.shape
    batch = f"{counted(pictures, 'picture')}, each " if pictures > 1 else ""
    yield f"{batch}{' × '.join(map(str, given))} (channels × height × width)"
    for number, (name, step) in enumerate(zip(names, tried.steps, strict=True), 1):
        yield f"{number}  {name:10}  {step.shape.in_words():>16}  {_cost(step)}  sees {step.reach.in_words()}"
        for text in (*step.formulas, step.drawn.sentence, step.note, step.code):
            if text:
                yield f"   {text}"
    if len(tried.steps) > 1:
        weights = counted(sum(step.parameters for step in tried.steps), "weight")
        work = sum(step.multiplications for step in tried.steps) / 1e6
        yield f"Together {weights}, {work:,.2f} MMACs (million multiply-adds) for each picture."
    yield from (f"Written: {path}" for path in written)


def _cost(step: Applied) -> str:
    return f"{counted(step.parameters, 'weight'):>12}  {step.multiplications / 1e6:>9,.2f} MMACs"


def _plain(name: str, step: Applied) -> dict[str, Any]:
    return {
        "op": name,
        "shape": [step.shape.channels, step.shape.height, step.shape.width],
        "parameters": step.parameters,
        "multiplications": step.multiplications,
        "receptive_field": None if step.reach.whole else [step.reach.height, step.reach.width],
        "low": step.drawn.low,
        "high": step.drawn.high,
        "sentence": step.drawn.sentence,
        "note": step.note,
        "formulas": list(step.formulas),
        "code": step.code,
    }

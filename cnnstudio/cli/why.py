"""``why``: what speaks for an answer and against it, and which training pictures are most like the picture."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnnstudio.cli.commands import add_model, add_parser, model_ref
from cnnstudio.cli.outputs import keep_apart
from cnnstudio.cli.report import Report
from cnnstudio.core import Watch, printable
from cnnstudio.jobs import run_inline, specs
from cnnstudio.runs import RECORD_FILE
from cnnstudio.understanding.why.drawing import draw_explanation
from cnnstudio.understanding.why.values import Explanation, Neighbours, Occlusion

_LIMITS = "Where the network found reasons, not proof that they are good ones."


def add_command(subparsers: Any) -> None:
    """Add ``why``."""
    parser = add_parser(
        subparsers, "why", _why, "show what an answer hangs on", "cnnstudio why RUN photo.jpg --out why.png"
    )
    add_model(parser)
    parser.add_argument("image", type=Path, metavar="PICTURE")
    parser.add_argument("--out", type=Path, metavar="PNG", help="picture to write: what speaks for and against")
    parser.add_argument(
        "--squares", action="store_true", help="cover 49 squares in turn, too, and tell what each one changes"
    )


def _why(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    keep_apart(options.out, [options.image])
    model, beside = model_ref(options), Watch(watch.control, report.beside)
    found = run_inline(specs.ExplainAnswer(model=model, image=options.image), beside)
    run = Path(model.source)
    alike = None
    if (run / RECORD_FILE).is_file():
        alike = run_inline(specs.FindAlike(run=run, image=options.image), beside)
    squares = run_inline(specs.CoverSquares(model=model, image=options.image), beside) if options.squares else None
    if options.out is not None:
        draw_explanation(found, options.out)
        report.note(f"Picture: {options.out}")
    report.result("\n".join(_lines(found, alike, squares)), _told(found, alike, squares))
    return 0


def _told(found: Explanation, alike: Neighbours | None, squares: Occlusion | None) -> dict[str, Any]:
    evidence = found.evidence
    return {
        "path": str(found.path),
        "top": [{"label": score.label, "probability": score.probability} for score in found.top],
        "layer": evidence.layer,
        "exact": evidence.exact,
        "evidence": [
            {"label": name, "score": float(score), "rest": float(rest), "map": each.tolist()}
            for name, score, rest, each in zip(found.names, evidence.logits, evidence.rest, evidence.maps, strict=True)
        ],
        "alike": [
            {"path": str(each.path), "label": each.label, "similarity": each.similarity, "same": each.same}
            for each in (alike.alike if alike else ())
        ],
        "learned": alike.learned if alike else None,
        "covered": [
            {"label": name, "falls": each.tolist()} for name, each in zip(found.names, squares.falls, strict=True)
        ]
        if squares
        else None,
    }


def _lines(found: Explanation, alike: Neighbours | None, squares: Occlusion | None) -> Iterator[str]:
    yield printable(str(found.path))
    yield from (f"  {100 * score.probability:5.1f} %  {printable(score.label)}" for score in found.top)
    if alike is not None and alike.alike:
        yield f"Most like these of {alike.among:,} training pictures:"
        for each in alike.alike:
            same = "  the picture itself, or a copy" if each.same else ""
            yield f"  {each.similarity:5.2f}  {printable(each.label)}  {printable(str(each.path))}{same}"
    for name, each in zip(found.names, found.evidence.maps, strict=True):
        yield f"What speaks for {printable(name)} (+) and against it (-), by place:"
        yield from _grid(each / (found.evidence.largest or 1.0))
    for name, each in zip(found.names, squares.falls if squares else (), strict=False):
        yield f"Points that {printable(name)} loses when a part is covered, from the top left:"
        yield from ("  " + " ".join(f"{100 * value:4.0f}" for value in row) for row in each)
    kind = "adds up to the score" if found.evidence.exact else "is an approximation for this network"
    yield f"The map is of the layer {found.evidence.layer} and {kind}. {_LIMITS}"


def _grid(shares: Any) -> Iterator[str]:
    """Nothing below a tenth of the strongest place."""
    for row in shares:
        yield "  " + " ".join("   ·" if abs(value) < 0.1 else f"{100 * value:+4.0f}" for value in row)

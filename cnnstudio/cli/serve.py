"""``serve``: answer other programs on this computer until Ctrl-C."""

import argparse
from collections.abc import Callable
from typing import Any

from cnnstudio.cli.commands import add_flip, add_model, add_parser, model_ref
from cnnstudio.cli.numbers import between
from cnnstudio.cli.report import Report
from cnnstudio.core import Event, Partial, StudioError, Warned, Watch, counted
from cnnstudio.jobs import StoppedWith, run_inline, specs
from cnnstudio.service.contract import DEFAULT_PORT, OPENAPI, Served, Serving, origin_of, token_of


def add_command(subparsers: Any) -> None:
    """Add ``serve``."""
    parser = add_parser(
        subparsers,
        "serve",
        _serve,
        "answer other programs on this computer over HTTP, until Ctrl-C",
        "cnnstudio serve RUN --port 38101",
    )
    add_model(parser)
    add_flip(parser)
    parser.add_argument(
        "--port",
        type=between(0, 65535),
        default=DEFAULT_PORT,
        metavar="N",
        help=f"where to listen, on this computer only (default {DEFAULT_PORT}, as Lobe; 0 takes any)",
    )
    parser.add_argument(
        "--token",
        type=_checked(token_of),
        metavar="TEXT",
        help="what programs have to send, at least 16 letters and digits (default: a new one each time)",
    )
    parser.add_argument(
        "--origin",
        type=_checked(origin_of),
        action="append",
        default=[],
        metavar="URL",
        help="a web page that may ask, such as http://localhost:3000; may be given several times (default: none)",
    )


def _checked(check: Callable[[str], str]) -> Callable[[str], str]:
    """What is refused is wrong usage."""

    def read(text: str) -> str:
        try:
            return check(text)
        except StudioError as error:
            raise argparse.ArgumentTypeError(f"{error.problem.title} {error.problem.meaning}") from error

    return read


def _serve(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    def emit(event: Event) -> None:
        if isinstance(event, Warned):
            report.note(f"Note: {event.problem.sentence()}")
        elif not isinstance(event, Partial):
            watch.emit(event)
        elif isinstance(event.result, Serving):
            _say_where(event.result, report)
        elif report.json:
            report.line(_told(event.result))

    job = specs.ServeModel(
        model=model_ref(options), port=options.port, token=options.token or "", origins=tuple(options.origin)
    )
    try:
        run_inline(job, Watch(watch.control, emit))
    except StoppedWith as stop:
        if isinstance(stop.result, Served) and not report.json:
            answered, refused = counted(stop.result.answered, "picture"), counted(stop.result.refused, "request")
            report.note(f"Answered {answered}, refused {refused}.")
        raise
    return 0


def _say_where(serving: Serving, report: Report) -> None:
    if report.json:
        report.line(
            {
                "event": "serving",
                "network": serving.title,
                "address": serving.address,
                "port": serving.port,
                "token": serving.token,
                "predict": serving.predict_url,
                "lobe": serving.lobe_url,
                "openapi": serving.address + OPENAPI,
            }
        )
        return
    report.result(
        f"Answering with {serving.title}, for programs on this computer, until Ctrl-C.\n"
        f"  address  {serving.predict_url}\n"
        f"  token    {serving.token}\n"
        f"  Lobe     {serving.lobe_url}\n"
        f"Try it in another terminal:\n"
        f"  {serving.curl}",
        None,
    )
    report.flush()


def _told(served: Served) -> dict[str, Any]:
    return {"event": "served", "answered": served.answered, "refused": served.refused}

"""One web page that computes by itself; see ``export.web``."""

from __future__ import annotations

import html
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import override

from cnnstudio.core import FormatError, RunError, Watch, safe_file_name, write_text_atomically
from cnnstudio.export.certificate import HALF, Certificate, Limit
from cnnstudio.export.formats.format import Answerer, ExportOptions, Format, Source

if TYPE_CHECKING:
    from cnnstudio.inference.session import Session

_NOTE = """{title}: a network that tells {classes} apart, as a web page. Made with CNN Studio.

Open {page} with a double click, in any browser of 2023 or later. It needs no internet and no installation,
reads pictures that you drop, choose or paste, and what a camera sees. Nothing leaves the computer: a rule in the page
forbids the browser every connection.{beside}

To pass it on, send {files}, or put it on a web server: there a page may only use the camera over https.
On an iPhone, a page that came by mail opens in a preview that runs no scripts; a web server helps there, too.
"""
_BESIDE = " The network lies in model.js, beside the page; the two belong together."
_IN_A_BROWSER = (
    "The page itself was asked, opened in {engine} {version} without the network, one picture after the other."
)
_WITHOUT = (
    "Only the page's network was asked, in onnxruntime, since no Chromium, Chrome or Edge was found on this computer "
    "that can be asked without a window. How a browser reads pictures, and that the page opens, was not checked here."
)


class WebPage(Format):
    """With half-size weights, since pages are sent around."""

    name = "web"
    title = "Web page"
    text = (
        "One HTML file that opens with a double click in any browser, also without the internet: pictures, camera, "
        "answers. Nothing leaves the computer."
    )
    files = ("*.html", "model.js")

    @override
    def limit(self, options: ExportOptions) -> Limit:
        return HALF

    @override
    def write(self, source: Source, folder: Path, watch: Watch) -> str:
        from cnnstudio.core import counted
        from cnnstudio.export.companions import NOTE_FILE
        from cnnstudio.export.onnx.writing import MODEL_FILE, write_onnx
        from cnnstudio.export.web.facts import facts_of, known_bytes
        from cnnstudio.export.web.page import BESIDE, check_size, write_page

        session = source.session
        with tempfile.TemporaryDirectory(prefix=".~onnx-", dir=folder) as place:
            written = write_onnx(session.network, session.card, Path(place), watch, half=True)
            check_size(sum((Path(place) / name).stat().st_size for name in written))
            watch.progress(0, 0, "Writing the page")
            parts = {"model": (Path(place) / MODEL_FILE).read_bytes()}
        if session.refusal is not None:
            parts["known"] = known_bytes(session.refusal)
        title = title_of(session)
        facts = facts_of(title, session.card, session.refusal)
        files = [file.name for file in write_page(folder, safe_file_name(title, "page"), facts, parts)]
        watch.check()
        note = _NOTE.format(
            title=facts.title,
            classes=counted(len(facts.classes), "class", "classes"),
            page=files[0],
            beside=_BESIDE if BESIDE in files else "",
            files=" and ".join(files),
        )
        write_text_atomically(folder / NOTE_FILE, note)
        return (
            f'<iframe src="{html.escape(files[0])}" title="{html.escape(facts.title)}" allow="camera" width="100%" '
            'height="900"></iframe>'
        )

    @override
    def answers(self, folder: Path) -> Answerer:
        from cnnstudio.export.web.browser import open_page

        return open_page(folder)

    @override
    def certified(self, folder: Path, certificate: Certificate) -> Certificate:
        from cnnstudio.export.web.facts import certificate_facts
        from cnnstudio.export.web.page import put_certificate

        if (checked := certificate.checked) is not None:
            found = _WITHOUT if checked.engine == "onnxruntime" else _IN_A_BROWSER
            note = found.format(engine=checked.engine, version=checked.version)
            certificate = replace(certificate, notes=(*certificate.notes, note))
        put_certificate(folder, certificate_facts(certificate))
        return certificate


def title_of(session: Session) -> str:
    """How the folder of its pictures is called; where that is not known, the network's name."""
    from cnnstudio.networks import network_title
    from cnnstudio.runs import open_run

    if session.folder is not None:
        with suppress(OSError, FormatError, RunError):
            return open_run(session.folder.parent).record.dataset.name
    return network_title(session.network_name)

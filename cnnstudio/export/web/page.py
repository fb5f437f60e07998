"""One HTML file of everything: the page, what computes in it, the network; and its parts taken out of it again.

The page's Content-Security-Policy names its one script and its one style sheet by their hashes and allows no
connection, so that neither a label nor anything else that came from outside can run or send something.
"""

import base64
import gzip
import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cnnstudio.core import NetworkError, resource, write_text_atomically
from cnnstudio.export.web.facts import Facts

PAGE_LIMIT = 60_000_000
"""Characters of a page that is one file; beyond them the network lies beside it, since browsers read it sooner."""
MOST_BYTES = 400_000_000
"""Of a network: base64 of more is no string that every browser takes, and phones have no memory for it."""
BESIDE = "model.js"
INDEX = "index.html"
_RUNTIME = ("web", "runtime")
_SCRIPTS = ("words.js", "reading.js", "camera.js", "page.js")
_COMPUTING, _LOADER = "ort.wasm.min.js", "ort-wasm-simd-threaded.mjs"
_IMPORT = "(await import(/*webpackIgnore:true*/ /*@vite-ignore*/e)).default"
_EXPORT = "export default ortWasmThreaded;"
_PROGRAM, _NOTICES, _LICENCE = "ort-wasm-simd-threaded.wasm.gz", "ThirdPartyNotices.txt.gz", "LICENSE"
_PIECE = 1 << 24
"""Characters of a string in ``BESIDE``."""
_PART = re.compile(r'<script type="text/plain" data-part="(\w+)">([^<]*)</script>')
_FACTS_OPEN = '<script type="application/json" id="facts">'
_FACTS = re.compile(f"{_FACTS_OPEN}(.*?)</script>")
_PLACE = re.compile(r"\{\{(\w+)\}\}")


def write_page(folder: Path, name: str, facts: Facts, parts: Mapping[str, bytes]) -> list[Path]:
    """Write the page into ``folder``; returns its files, the one to open first.

    Args:
        folder: that exists.
        name: of the file, without an ending, where it is one.
        facts: what it tells.
        parts: ``model``, an ONNX file with the input ``pictures``, and ``known``, of ``facts.known_bytes``, where it
            judges pictures.

    Raises:
        NetworkError: the network is too large for a page.
        StorageError: it cannot be written.
    """
    check_size(len(parts["model"]))
    packed = {key: _base64(gzip.compress(content, 6, mtime=0)) for key, content in parts.items()}
    page = page_text(facts, packed)
    if len(page) <= PAGE_LIMIT:
        write_text_atomically(folder / f"{name}.html", page)
        return [folder / f"{name}.html"]
    model = packed.pop("model")
    pieces = ",\n".join(json.dumps(model[at : at + _PIECE]) for at in range(0, len(model), _PIECE))
    write_text_atomically(folder / BESIDE, f"window.modelParts = [\n{pieces}\n];\n")
    write_text_atomically(folder / INDEX, page_text(facts, packed))
    return [folder / INDEX, folder / BESIDE]


def check_size(size: int) -> None:
    """Raise NetworkError where a network of so many bytes is too large for a page."""
    if size > MOST_BYTES:
        raise NetworkError(
            f"This network is too large for a web page: {size / 1e6:,.0f} MB.",
            meaning=f"Browsers open up to {MOST_BYTES / 1e6:,.0f} MB.",
            remedy="Export it as ONNX, or train a smaller network.",
        )


def put_certificate(folder: Path, certificate: Mapping[str, Any]) -> None:
    """Let a page that was written tell of its certificate, see ``Facts.certificate``; nothing that computes changes.

    Raises:
        StorageError: it cannot be written.
    """
    (page,) = folder.glob("*.html")
    before, facts, after = _FACTS.split(page.read_text(encoding="utf-8"), 1)
    told = _json({**json.loads(facts), "certificate": dict(certificate)})
    write_text_atomically(page, f"{before}{_FACTS_OPEN}{told}</script>{after}")


def page_text(facts: Facts, packed: Mapping[str, str]) -> str:
    """The page; a network that is not among ``packed`` lies beside it."""
    script, style = page_script(), _read("page.css")
    places = {
        "policy": _policy(script, style, beside="model" not in packed),
        "title": html.escape(facts.title),
        "icon": _base64(resource("icons", "app.svg").read_bytes()),
        "style": style,
        "runtime": html.escape(runtime_version()),
        "licence": html.escape(_read(_LICENCE, runtime=True)),
        "facts": _json(facts.plain()),
        "data": "\n".join(_data(packed)),
        "script": script,
    }
    return _PLACE.sub(lambda found: places[found[1]], _read("page.html"))


def page_script() -> str:
    """The script of every page, the same bytes in each."""
    inside = "\n".join(_read(name) for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{inside}}})();\n'


def computing_script() -> str:
    """ONNX Runtime's two scripts as one that is no module, since WebKit imports none in a page that is a file."""
    loader, exported, _ = _read(_LOADER, runtime=True).partition(_EXPORT)
    computing = _read(_COMPUTING, runtime=True)
    assert exported, "a renewed runtime exports its loader otherwise"
    assert computing.count(_IMPORT) == computing.count("import(") == 1, "a renewed runtime imports its loader otherwise"
    loader = loader.replace("import.meta.url", "self.location.href")
    return f"{loader};self.ortLoader = ortWasmThreaded;\n{computing.replace(_IMPORT, 'self.ortLoader')}"


def parts_of(folder: Path) -> dict[str, bytes]:
    """The parts of a page that was written into ``folder``, as ``write_page`` got them.

    Raises:
        ValueError: there is none, or it is damaged.
        OSError: it cannot be read.
    """
    (page,) = folder.glob("*.html")
    found = {name: text for name, text in _PART.findall(page.read_text(encoding="utf-8")) if name in ("model", "known")}
    if "model" not in found:
        pieces = json.loads((folder / BESIDE).read_text(encoding="utf-8").partition("=")[2].rstrip().removesuffix(";"))
        found["model"] = "".join(pieces)
    return {name: gzip.decompress(base64.b64decode(text)) for name, text in found.items()}


@cache
def runtime_version() -> str:
    """Of ONNX Runtime Web, as the folder's README says."""
    found = re.match(r"# ONNX Runtime Web (\S+)", _read("README.md", runtime=True))
    assert found is not None
    return found[1]


def _policy(script: str, style: str, *, beside: bool) -> str:
    """What the browser lets the page do. Workers and what computes in them come from the page itself, as blobs."""
    allowed = f"{_hash(script)} 'wasm-unsafe-eval' blob:" + (" 'self' file:" if beside else "")
    rules = {
        "default-src": "'none'",
        "connect-src": "'none'",
        "script-src": allowed,
        "style-src": _hash(style),
        "img-src": "blob: data:",
        "media-src": "blob: mediastream:",
        "worker-src": "blob:",
        "form-action": "'none'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _data(packed: Mapping[str, str]) -> Iterator[str]:
    parts = {
        "computing": _base64(gzip.compress(computing_script().encode(), 9, mtime=0)),
        "program": _base64(resource(*_RUNTIME, _PROGRAM).read_bytes()),
        "notices": _base64(resource(*_RUNTIME, _NOTICES).read_bytes()),
        "worker": _read("worker.js"),
        **packed,
    }
    for name, text in parts.items():
        yield f'<script type="text/plain" data-part="{name}">{text}</script>'
    if "model" not in packed:
        yield f'<script src="{BESIDE}"></script>'


def _json(facts: Mapping[str, Any]) -> str:
    """In a script element, which ends at ``</script`` wherever that stands."""
    text = json.dumps(facts, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _read(name: str, *, runtime: bool = False) -> str:
    return resource(*(_RUNTIME if runtime else ("web",)), name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{_base64(hashlib.sha256(text.encode()).digest())}'"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")

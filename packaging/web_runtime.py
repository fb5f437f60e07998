"""Renew resources/web/runtime, the part of ONNX Runtime that an exported web page carries.

python packaging/web_runtime.py [VERSION]

The files come from the npm package onnxruntime-web, through npm, which checks what it fetched; the licence and the
notices from the Python package onnxruntime, since the other has none. README.md there is written anew with the hashes,
which a test compares. Look at what changed, and run tests/export/test_web_page.py --slow, before you commit.
"""

import argparse
import gzip
import hashlib
import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parents[1] / "resources" / "web" / "runtime"
VERSION = "1.30.0"
PACKAGE = "onnxruntime-web"
SCRIPT, LOADER, PROGRAM = "ort.wasm.min.js", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"
NOTICES = ("LICENSE", "ThirdPartyNotices.txt")

README = """# ONNX Runtime Web {version}

What an exported web page computes with: the files below of the npm package `{package}` {version} (MIT licence),
unchanged but for the compression of those that end in `.gz`. None of its dependencies is needed when it runs. LICENSE
and the notices of what it is built from are those of the Python package `onnxruntime` {notices}.

`python packaging/web_runtime.py VERSION` renews them and this file; a test compares the hashes.

| file | bytes | SHA-256 | SHA-256 unpacked |
| --- | --- | --- | --- |
{rows}
"""


def main() -> int:
    """Fetch, compress, and write down the hashes."""
    parser = argparse.ArgumentParser(description="Renew the runtime of exported web pages.")
    parser.add_argument("version", nargs="?", default=VERSION)
    version = parser.parse_args().version
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is needed, to fetch the package.")
    with tempfile.TemporaryDirectory() as place:
        command = [npm, "pack", f"{PACKAGE}@{version}", "--silent", "--pack-destination", place]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (packed,) = Path(place).glob("*.tgz")
        with tarfile.open(packed) as archive:
            files = {name: _read(archive, f"package/dist/{name}") for name in (SCRIPT, LOADER, PROGRAM)}
    spec = importlib.util.find_spec("onnxruntime")
    if spec is None or spec.origin is None:
        sys.exit("The Python package onnxruntime is needed, for its licence.")
    files |= {name: (Path(spec.origin).parent / name).read_bytes() for name in NOTICES}
    HERE.mkdir(parents=True, exist_ok=True)
    for old in HERE.iterdir():
        old.unlink()
    rows = [_write(name, content) for name, content in files.items()]
    notices = importlib.metadata.version("onnxruntime")
    text = README.format(version=version, package=PACKAGE, notices=notices, rows="\n".join(rows))
    (HERE / "README.md").write_text(text, encoding="utf-8")
    return 0


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(name)
    if member is None:
        sys.exit(f"{name} is not in the package.")
    return member.read()


def _write(name: str, content: bytes) -> str:
    """Write one file; returns its row of the table."""
    stored, name = (
        (gzip.compress(content, 9, mtime=0), f"{name}.gz") if name in (PROGRAM, NOTICES[1]) else (content, name)
    )
    (HERE / name).write_bytes(stored)
    unpacked = hashlib.sha256(content).hexdigest()
    return f"| {name} | {len(stored)} | {hashlib.sha256(stored).hexdigest()} | {unpacked} |"


if __name__ == "__main__":
    sys.exit(main())

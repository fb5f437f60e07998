"""Ask a web page for answers: in the browser that is on this computer, without a window and without the network.

Browsers on Chromium's engine are driven over two pipes, by their own protocol: no port is opened, no package is
needed, and the browser ends when the pipes do. Where there is none, the page's network is asked in onnxruntime.
"""

import json
import os
import shutil
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from cnnstudio.data.heif import PackageMissing
from cnnstudio.export.web.page import parts_of

_NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser", "microsoft-edge")
_ON_MACOS = ("Google Chrome", "Chromium", "Microsoft Edge")
_FLAGS = (
    "--headless", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-gpu", "--mute-audio",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--use-mock-keychain", "--password-store=basic",
)  # fmt: skip
_PLACES, _BEYOND = (3, 4), 10
"""Where Chromium reads and writes, by number; ours must not lie there."""
_STARTS_S, _ENDS_S = 20.0, 5.0
_UNREADABLE = ("heic", "avif", "tiff")
"""What the page's words call pictures that other browsers read."""
_READY = """new Promise(done => { const look = () => {
    const trouble = document.getElementById('trouble');
    if (document.body.dataset.ready) done('');
    else if (!trouble.hidden) done(trouble.textContent);
    else setTimeout(look, 10);
}; look(); })"""
_ANSWERED = """new Promise(done => { const look = () => {
    const [found] = answers();
    if (found && (found.failed || found.probabilities)) {
        document.getElementById('clear').click();
        done(JSON.stringify(found));
    } else setTimeout(look, 2);
}; look(); })"""


class NoBrowser(Exception):
    """It could not be started; says why."""


def find_browser() -> str:
    """The program of a browser that can be asked; empty where there is none. Takes a millisecond."""
    if sys.platform == "win32":  # its pipes are given to it in another way
        return ""
    if sys.platform == "darwin":
        programs = (Path("/Applications", f"{name}.app", "Contents", "MacOS", name) for name in _ON_MACOS)
        return next((str(program) for program in programs if program.is_file()), "")
    found = filter(None, map(shutil.which, _NAMES))
    return next((program for program in found if not _is_shut_in(program)), "")


def _is_shut_in(program: str) -> bool:
    """Whether it comes as a snap, which sees no hidden folders, where an export lies before it is put in place."""
    name, snaps = Path(program).name, Path("/snap/bin")
    return str(snaps) in os.path.realpath(program) or (name.startswith("chromium") and (snaps / "chromium").exists())


class BrowserAnswers:
    """The page itself, opened in a browser as by a double click."""

    threads = 1

    def __init__(self, folder: Path, program: str) -> None:
        self._browser = _Browser(program)
        try:
            self._open(folder)
        except BaseException:
            self.close()
            raise

    def _open(self, folder: Path) -> None:
        product: str = self._browser.ask("Browser.getVersion")["product"]
        name, _, self.version = product.partition("/")
        self.engine = "Edge" if name.startswith("Edg") else "Chromium"
        (page,) = folder.glob("*.html")
        self._browser.attach(self._browser.ask("Target.createTarget", url="about:blank")["targetId"])
        self._browser.ask("Network.enable")
        self._browser.ask(
            "Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )
        self._browser.ask("Page.enable")
        self._browser.ask("Page.navigate", url=page.absolute().as_uri())
        self._browser.wait_for("Page.loadEventFired")
        if trouble := self._value(_READY):
            raise RuntimeError(trouble)

    def answer(self, picture: Path) -> np.ndarray:
        """As a person who chooses the file."""
        try:
            os.fspath(picture).encode()
        except UnicodeEncodeError:  # such a name, from an old archive, reaches no browser
            with tempfile.TemporaryDirectory(prefix="cnnstudio-") as place:
                return self._answer(Path(shutil.copyfile(picture, Path(place) / f"picture{picture.suffix}")))
        return self._answer(picture)

    def _answer(self, picture: Path) -> np.ndarray:
        root = self._browser.ask("DOM.getDocument", depth=0)["root"]["nodeId"]
        field = self._browser.ask("DOM.querySelector", nodeId=root, selector="#files")["nodeId"]
        self._browser.ask("DOM.setFileInputFiles", files=[os.fspath(picture.absolute())], nodeId=field)
        found = json.loads(self._value(_ANSWERED))
        if found["failed"]:
            if found["code"] in _UNREADABLE:
                raise PackageMissing("this browser cannot read it")
            raise RuntimeError(f"the page says: {found['code']} {found.get('text', '')}")
        return np.asarray(found["probabilities"], np.float32)

    def close(self) -> None:
        """End the browser."""
        self._browser.close()

    def _value(self, expression: str) -> str:
        found = self._browser.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise RuntimeError(str(found["exceptionDetails"]))
        return str(found["result"].get("value", ""))


class _Browser:
    """A browser at the end of two pipes: messages are JSON and end with a zero."""

    def __init__(self, program: str) -> None:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        # Root, as in containers, gets no sandbox from Chromium; what is opened is a page that we wrote ourselves.
        flags = (*_FLAGS, *(("--no-sandbox",) if os.geteuid() == 0 else ()))
        try:
            self._process = _spawn([program, *flags, "about:blank"], theirs_in, theirs_out)
        except OSError as error:
            for end in (ours_in, ours_out):
                os.close(end)
            raise NoBrowser(str(error)) from error
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        self._out, self._in = os.fdopen(ours_out, "wb", buffering=0), os.fdopen(ours_in, "rb", buffering=0)
        self._rest, self._number, self._session = b"", 0, ""
        self._heard: list[str] = []
        late = threading.Timer(_STARTS_S, self._process.kill)
        late.start()
        try:
            self.ask("Browser.getVersion")
        except (OSError, EOFError) as error:
            self.close()
            raise NoBrowser(f"{program} did not start") from error
        finally:
            late.cancel()

    def attach(self, target: str) -> None:
        """From now on, ask this page."""
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Raises EOFError or OSError where it has ended, and RuntimeError where it refuses."""
        self._number += 1
        session = {"sessionId": self._session} if self._session else {}
        message = {"id": self._number, "method": method, "params": params, **session}
        self._out.write(json.dumps(message).encode() + b"\0")
        while (said := self._next()).get("id") != self._number:
            self._heard.append(str(said.get("method", "")))
        if "error" in said:
            raise RuntimeError(f"{method}: {said['error']}")
        result: dict[str, Any] = said["result"]
        return result

    def wait_for(self, event: str) -> None:
        """Until it tells of this, now or since it was last waited for."""
        while event not in self._heard:
            self._heard.append(str(self._next().get("method", "")))
        self._heard.clear()

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            piece = self._in.read(1 << 16)
            if not piece:
                raise EOFError("the browser has ended")
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\0")
        said: dict[str, Any] = json.loads(line)
        return said

    def close(self) -> None:
        """It ends by itself when the pipes do, and removes what it wrote."""
        for pipe in (self._out, self._in):
            with suppress(OSError):
                pipe.close()
        try:
            self._process.wait(_ENDS_S)
        except psutil.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _spawn(command: list[str], reads: int, writes: int) -> psutil.Process:
    """A program that gets two pipes where Chromium looks for them; no code of ours runs between fork and exec."""
    import fcntl

    ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _BEYOND) for end in (reads, writes)]
    nothing = ((os.POSIX_SPAWN_OPEN, end, os.devnull, os.O_RDWR, 0) for end in range(3))
    pipes = ((os.POSIX_SPAWN_DUP2, end, place) for end, place in zip(ends, _PLACES, strict=True))
    try:
        number = os.posix_spawn(command[0], command, os.environ, file_actions=[*nothing, *pipes], setpgroup=0)
        return psutil.Process(number)
    finally:
        for end in ends:
            os.close(end)


class NetworkAnswers:
    """Only the network out of the page, in onnxruntime; pictures are read by the app, as the page should."""

    engine = "onnxruntime"
    threads = 1

    def __init__(self, folder: Path) -> None:
        import onnxruntime

        onnxruntime.disable_telemetry_events()  # which it has on Windows
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        model = parts_of(folder)["model"]
        self.version = onnxruntime.__version__
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def answer(self, picture: Path) -> np.ndarray:
        """Of a whole picture."""
        from cnnstudio.data.reading import read_image

        pixels = np.asarray(read_image(picture))
        found: np.ndarray = self._session.run(["probabilities"], {"pictures": pixels[None]})[0]
        return found[0]

    def close(self) -> None:
        """There is nothing to end."""


def open_page(folder: Path) -> BrowserAnswers | NetworkAnswers:
    """The page in a browser, or else its network.

    Raises:
        Exception: of any type; the page does not work.
    """
    if program := find_browser():
        with suppress(NoBrowser):
            return BrowserAnswers(folder, program)
    return NetworkAnswers(folder)

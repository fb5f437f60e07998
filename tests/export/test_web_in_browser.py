"""The page in the system's Chromium, without a window, with the network off and a camera that is made up."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.export.web import browser as browser_module
from cnnstudio.export.web.browser import BrowserAnswers, NetworkAnswers, NoBrowser, open_page
from tests.export.pages import CHROMIUM, EVIL, tiny_answer, tiny_page, tiny_refusal

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: apt install chromium")
CLASSES = ("red", "green", "blue", "grey", "white", "black")
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
_LOADED = 60_000


class Opened:
    """A page, and everything that it asked for or did that it must not."""

    def __init__(self, page, path):
        self.page, self.requests, self.errors = page, [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.add_init_script("""
            window.violations = [];
            addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
                violations.push(`${violatedDirective} ${blockedURI}`));
        """)
        page.goto(path.resolve().as_uri())

    def ready(self):
        self.page.wait_for_selector("body[data-ready]", timeout=_LOADED)
        return self

    def answers(self):
        """Once all pictures are answered."""
        while not self.page.evaluate("() => answers().every((each) => each.probabilities || each.failed)"):
            self.page.wait_for_timeout(20)
        return self.page.evaluate("() => answers()")

    def open(self, *pictures):
        self.page.set_input_files("#files", list(map(str, pictures)))
        return self.answers()

    def assert_alone(self):
        """Nothing was asked for but the page and its own blobs, nothing forbidden was tried, nothing went wrong."""
        outside = [url for url in self.requests[1:] if not url.startswith("blob:null/")]
        assert outside == []
        assert self.page.evaluate("() => violations") == []
        assert self.errors == []


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CAMERA))
        yield opened
        opened.close()


@pytest.fixture
def open_in(chromium):
    contexts = []

    def opened(path, **options):
        contexts.append(chromium.new_context(**{"offline": True, **options}))
        return Opened(contexts[-1].new_page(), path)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return tiny_page(tmp_path_factory.mktemp("page"), CLASSES, refusal=None)


def plain(path, colour, size=(60, 40), **options):
    """A picture of one colour with an edge, so that turning shows."""
    picture = Image.new("RGB", size, colour)
    picture.paste((0, 0, 0), (0, 0, size[0], 4))
    picture.save(path, **options)
    return path


@pytest.mark.slow
def test_the_product_asks_the_page_itself(page, tmp_path):
    """The one quick test with a browser: opened, asked as a person would, and gone again."""
    picture = plain(tmp_path / "red.png", (200, 40, 30))
    asked = open_page(page.parent)
    try:
        assert isinstance(asked, BrowserAnswers)
        assert (asked.engine, asked.version.count(".")) == ("Chromium", 3)
        ours = tiny_answer(np.asarray(Image.open(picture)), len(CLASSES))
        assert np.abs(asked.answer(picture) - ours).max() < 1e-5
    finally:
        asked.close()
    assert not asked._browser._process.is_running()  # noqa: SLF001


slow = pytest.mark.slow


@slow
def test_pictures_are_read_as_the_app_reads_them(page, open_in, tmp_path):
    from cnnstudio.data.reading import read_image

    fade = Image.new("L", (60, 40), 90)
    clear = Image.open(plain(tmp_path / "red.png", (200, 40, 30)))
    clear.putalpha(fade)
    clear.save(tmp_path / "clear.png")
    turned = Image.Exif()
    turned[0x0112] = 6
    plain(tmp_path / "turned.jpg", (40, 160, 60), exif=turned, quality=95)
    plain(tmp_path / "picture.webp", (90, 90, 200), lossless=True)
    Image.open(tmp_path / "red.png").convert("L").save(tmp_path / "grey.png")
    Image.open(tmp_path / "red.png").quantize(8).save(tmp_path / "few.gif")
    Image.open(tmp_path / "red.png").save(tmp_path / "old.bmp")
    plain(tmp_path / "wide.jpg", (10, 120, 240), (3000, 2500), quality=90)
    profile = b"nothing that a colour profile would say"
    plain(tmp_path / "profile.png", (120, 60, 20), icc_profile=profile)
    files = sorted(tmp_path.glob("*.*"))
    opened = open_in(page).ready()
    for file, found in zip(files, opened.open(*files), strict=True):
        ours = tiny_answer(np.asarray(read_image(file), np.float64), len(CLASSES))
        # A picture that is averaged whole: one level of one in ten values is far more than this.
        assert np.abs(np.array(found["probabilities"]) - ours).max() < 2e-3, file.name
    opened.assert_alone()


@slow
def test_names_that_are_markup_are_shown_as_they_are(open_in, tmp_path):
    labels = [EVIL, "<b>bold</b>", '"><svg onload="hurt=1">', "javascript:hurt=1", "\u202eright to left", "a" * 60]
    path = tiny_page(tmp_path, labels, title=EVIL, licence=EVIL, weights_origin=EVIL, created=EVIL, image_rules=EVIL)
    opened = open_in(path).ready()
    picture = plain(tmp_path / "<img src=x onerror=hurt=1>.png", (200, 40, 30))
    found = opened.open(picture, plain(tmp_path / "b.png", (20, 40, 230)))
    assert len(found) == 2
    first = labels[int(np.argmax(found[0]["probabilities"]))]
    assert opened.page.inner_text("#first-label") == first.replace("\u2028", "\u2028")
    assert opened.page.inner_text("h1").startswith("</script><img")
    assert opened.page.inner_text("#caption") == picture.name
    assert opened.page.evaluate("() => [typeof window.hurt, document.querySelectorAll('img').length]") == [
        "undefined",
        2,
    ]
    assert opened.page.evaluate("() => document.scripts.length") == 2, "its facts and its script; parts are taken out"
    opened.assert_alone()


@pytest.fixture
def listener():
    """A server on this computer, and what it was asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"heard")

        do_POST = do_GET  # noqa: N815 - how the base class calls it

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}", asked
        server.shutdown()


_SENDING = """async (host) => {
    await fetch(`http://${host}/fetch`).catch(() => 0);
    await fetch(`http://${host}/post`, { method: "POST", body: "x", mode: "no-cors" }).catch(() => 0);
    try { new WebSocket(`ws://${host}/socket`); } catch { }
    try { new EventSource(`http://${host}/events`); } catch { }
    navigator.sendBeacon(`http://${host}/beacon`, "x");
    const append = (tag, given) => document.body.append(Object.assign(document.createElement(tag), given));
    append("img", { src: `http://${host}/image` });
    append("video", { src: `http://${host}/film` });
    append("iframe", { src: `http://${host}/frame` });
    append("object", { data: `http://${host}/object` });
    append("script", { src: `http://${host}/script` });
    append("script", { textContent: "window.hurt = 1" });
    append("link", { rel: "stylesheet", href: `http://${host}/style` });
    append("link", { rel: "prefetch", href: `http://${host}/prefetch` });
    append("a", { href: "#", ping: `http://${host}/ping` });
    document.body.lastChild.click();
    append("form", { action: `http://${host}/form`, method: "POST" });
    document.body.lastChild.submit();
    const source = `fetch("http://${host}/worker").catch(() => postMessage(1))`;
    const inside = new Worker(URL.createObjectURL(new Blob([source])));
    const late = new Promise((done) => setTimeout(done, 1500));
    await Promise.race([new Promise((done) => { inside.onmessage = done; }), late]);
    return [String(window.hurt), violations.map((each) => each.split(" ")[0])];
}"""


@slow
def test_nothing_can_be_sent_even_by_code_in_the_page(page, open_in, listener):
    host, asked = listener
    opened = open_in(page, offline=False).ready()
    hurt, violated = opened.page.evaluate(_SENDING, host)
    assert hurt == "undefined"
    assert {"connect-src", "img-src", "media-src", "frame-src", "object-src", "form-action"} <= set(violated)
    opened.page.wait_for_timeout(300)
    assert asked == []
    opened.page.context.new_page().goto(f"http://{host}/can-be-heard")
    assert "/can-be-heard" in asked


@slow
def test_what_cannot_be_read_gets_a_sentence(page, open_in, tmp_path):
    import pillow_heif

    heic = Image.open(plain(tmp_path / "red.png", (200, 40, 30)))
    pillow_heif.from_pillow(heic).save(tmp_path / "phone.heic", quality=80)
    heic.save(tmp_path / "scan.tif")
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "words.jpg").write_text("no picture at all")
    (tmp_path / "paper.png").write_bytes(b"%PDF-1.7 and so on")
    (tmp_path / "half.png").write_bytes((tmp_path / "red.png").read_bytes()[:60])
    (tmp_path / "film.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + b"\0" * 40)
    expected = {
        "phone.heic": "HEIC", "scan.tif": "TIFF", "empty.jpg": "empty", "words.jpg": "no picture", "paper.png": "PDF",
        "half.png": "damaged", "film.mp4": "film",
    }  # fmt: skip
    opened = open_in(page).ready()
    opened.open(*(tmp_path / name for name in expected), tmp_path / "red.png")
    rows = opened.page.locator("#pictures li")
    for number, (name, words) in enumerate(expected.items()):
        assert rows.nth(number).locator(".label").inner_text() == "Cannot be read"
        rows.nth(number).click()
        assert words in opened.page.inner_text("#problem"), name
        assert opened.page.is_visible("#unread")
    rows.nth(len(expected)).click()
    assert opened.page.is_hidden("#problem")
    assert opened.page.is_visible("#first-label")


@slow
def test_pictures_are_dropped_and_pasted(page, open_in, tmp_path):
    opened = open_in(page).ready()
    content = list(plain(tmp_path / "red.png", (200, 40, 30)).read_bytes())
    opened.page.evaluate(
        """(bytes) => {
        const carried = new DataTransfer();
        for (const name of ["one.png", "two.png"]) carried.items.add(new File([new Uint8Array(bytes)], name));
        const tell = (kind) => dispatchEvent(new DragEvent(kind, { dataTransfer: carried, cancelable: true }));
        tell("dragenter");
        window.dragging = document.body.classList.contains("dragging");
        tell("drop");
    }""",
        content,
    )
    assert opened.page.evaluate("() => [dragging, document.body.classList.contains('dragging')]") == [True, False]
    assert [each["name"] for each in opened.answers()] == ["one.png", "two.png"]
    opened.page.evaluate(
        """(bytes) => {
        const carried = new DataTransfer();
        carried.items.add(new File([new Uint8Array(bytes)], "pasted.png"));
        dispatchEvent(new ClipboardEvent("paste", { clipboardData: carried }));
    }""",
        content,
    )
    assert [each["name"] for each in opened.answers()] == ["one.png", "two.png", "pasted.png"]
    opened.assert_alone()


@slow
def test_it_works_with_the_keyboard_alone(page, open_in, tmp_path):
    opened = open_in(page).ready()
    keys = opened.page.keyboard
    keys.press("Tab")
    assert opened.page.evaluate("() => document.activeElement.className") == "skip"
    opened.open(*(plain(tmp_path / f"{number}.png", (number * 40, 90, 30)) for number in range(5)))
    opened.page.focus("#pictures li[tabindex='0']")
    keys.press("End")
    assert opened.page.inner_text("#caption") == "4.png"
    keys.press("ArrowLeft")
    assert opened.page.inner_text("#caption") == "3.png"
    keys.press("Delete")
    assert opened.page.inner_text("#list-title") == "4 pictures"
    assert opened.page.inner_text("#caption") == "4.png"
    assert opened.page.evaluate("() => document.activeElement.getAttribute('aria-selected')") == "true"
    nameless = """() => Array.from(document.querySelectorAll("button, input, a, [role=option], video, canvas"))
        .filter((each) => each.checkVisibility() && each.tabIndex >= 0)
        .filter((each) => !(each.textContent.trim() || each.ariaLabel || each.title || each.labels?.length))
        .map((each) => each.outerHTML)"""
    assert opened.page.evaluate(nameless) == []
    assert opened.page.inner_text("#said").startswith("4.png: ") or opened.page.inner_text("#said")
    opened.assert_alone()


@slow
def test_answers_are_saved_as_a_table(open_in, tmp_path):
    path = tiny_page(tmp_path / "page", ['=HYPERLINK("x")', "a, b", "c"])
    opened = open_in(path).ready()
    opened.open(plain(tmp_path / "+1.png", (250, 0, 0)), plain(tmp_path / "b.png", (0, 250, 0)), path)
    with opened.page.expect_download() as download:
        opened.page.click("#save")
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    lines = text.splitlines()
    assert lines[0].startswith("picture,label 1,probability 1")
    assert lines[1].startswith("'+1.png,")
    assert "no picture" in lines[3]
    assert not re.search(r'(^|,)"?=', text, re.M)
    opened.assert_alone()


@slow
def test_the_camera_answers_freezes_and_keeps(page, open_in):
    opened = open_in(page).ready()
    opened.page.click("#camera")
    opened.page.wait_for_selector("#first:not([hidden])", timeout=_LOADED)
    assert opened.page.inner_text("#time").startswith("640 × 480 pixels")
    mirrored = opened.page.get_attribute("#mirror", "aria-pressed")
    opened.page.click("#mirror")
    assert opened.page.get_attribute("#mirror", "aria-pressed") != mirrored
    opened.page.click("#freeze")
    opened.page.wait_for_selector("#frozen:not([hidden])")
    opened.page.wait_for_timeout(300)
    still = opened.page.inner_text("#time")
    opened.page.wait_for_timeout(400)
    assert opened.page.inner_text("#time") == still
    assert opened.page.evaluate("() => document.getElementById('video').paused")
    opened.page.click("#keep")
    opened.page.wait_for_selector("#pictures li")
    assert opened.answers()[0]["name"] == "camera 1.png"
    opened.page.click("#freeze")
    opened.page.click("#stop")
    assert opened.page.evaluate("() => document.getElementById('video').srcObject") is None
    assert opened.page.is_visible("#camera")
    opened.assert_alone()


@slow
@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))",
            "refused",
        ),
        (
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))",
            "No camera",
        ),
        (
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotReadableError'))",
            "another",
        ),
        ("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })", "opened from a file"),
    ],
)
def test_a_camera_that_does_not_come_is_a_sentence(page, open_in, script, words):
    opened = open_in(page).ready()
    opened.page.evaluate(f"() => {{ {script}; }}")
    opened.page.click("#camera")
    opened.page.wait_for_selector("#trouble:not([hidden])")
    assert words in opened.page.inner_text("#trouble")
    assert opened.page.is_visible("#shoot") == ("undefined" in script)


@slow
@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("delete window.DecompressionStream", "too old"),
        ("delete window.OffscreenCanvas", "too old"),
        ("delete window.WebAssembly", "may not run WebAssembly"),
    ],
)
def test_an_old_browser_is_told_so(chromium, page, script, words):
    context = chromium.new_context(offline=True)
    opened = context.new_page()
    opened.add_init_script(script)
    opened.goto(page.resolve().as_uri())
    opened.wait_for_selector("#trouble:not([hidden])")
    assert words in opened.inner_text("#trouble")
    assert opened.is_hidden("#loading")
    context.close()


@slow
def test_what_it_should_not_answer_is_said_as_the_app_says_it(open_in, tmp_path):
    refusal = tiny_refusal()
    path = tiny_page(tmp_path / "page", CLASSES, refusal=refusal)
    opened = open_in(path).ready()
    rng = np.random.default_rng(3)
    colours = [tuple(map(int, rng.integers(0, 256, 3))) for _ in range(24)]
    files = [tmp_path / f"{number:02}.png" for number in range(len(colours))]
    for file, colour in zip(files, colours, strict=True):
        Image.new("RGB", (30, 20), colour).save(file)
    found = opened.open(*files)
    features = np.array(colours, np.float32) / 255
    shares = np.array([tiny_answer(np.full((1, 1, 3), colour, np.float64), len(CLASSES)) for colour in colours])
    verdicts = refusal.judge(features, np.log(shares)).verdicts
    assert len(set(verdicts)) > 1
    assert [each["verdict"] for each in found] == list(verdicts)
    unlike = verdicts.index("unlike")
    opened.page.locator("#pictures li").nth(unlike).click()
    assert opened.page.inner_text("#verdict-title") == "Unlike anything it was shown"


@slow
def test_the_threshold_is_the_apps_until_it_is_moved(page, open_in, tmp_path):
    opened = open_in(page).ready()
    (found,) = opened.open(plain(tmp_path / "a.png", (130, 120, 110)))
    best = max(found["probabilities"])
    assert opened.page.input_value("#threshold") == "70"
    for percent, doubted in ((min(99, int(100 * best) + 2), True), (max(0, int(100 * best) - 2), False)):
        opened.page.fill("#threshold", str(percent))
        assert opened.page.is_visible("#verdict") is doubted
    opened.page.fill("#threshold", "99")
    assert opened.page.inner_text("#verdict-title") == "Unsure"


@slow
def test_after_a_picture_that_was_too_much_it_starts_again(open_in, tmp_path):
    opened = open_in(tiny_page(tmp_path / "page", CLASSES, picky=True)).ready()
    good = [plain(tmp_path / f"{number}.png", (200, number, 30), (64, 40)) for number in range(2)]
    found = opened.open(good[0], plain(tmp_path / "bad.png", (200, 40, 30), (61, 41)), good[1])
    assert [bool(each["failed"]) for each in found] == [False, True, False]
    opened.page.locator("#pictures li").nth(1).click()
    assert "memory" in opened.page.inner_text("#problem")


@slow
def test_a_network_beside_the_page_is_found(open_in, tmp_path, monkeypatch):
    from cnnstudio.export.web import page as page_module

    monkeypatch.setattr(page_module, "PAGE_LIMIT", 1000)
    monkeypatch.setattr(page_module, "_PIECE", 100)
    path = tiny_page(tmp_path, CLASSES)
    opened = open_in(path).ready()
    assert opened.open(plain(tmp_path / "a.png", (130, 20, 10)))[0]["probabilities"]
    opened.requests = [url for url in opened.requests if not url.endswith("/model.js")]
    opened.assert_alone()


@slow
@pytest.mark.parametrize("width", [320, 390, 820, 1440])
def test_nothing_is_cut_off_at_any_width(open_in, tmp_path, width):
    labels = ["supercalifragilisticexpialidocious-" * 3, "مرحبا بالعالم", "a b " * 30, *map(str, range(60))]
    path = tiny_page(tmp_path, labels, title="A project with a name that goes on and on and on and on")
    opened = open_in(path, viewport={"width": width, "height": 700}).ready()
    opened.open(*(plain(tmp_path / f"{'long ' * 20}{number}.png", (number * 60, 90, 30)) for number in range(4)))
    assert opened.page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    wider = """() => Array.from(document.querySelectorAll("main *, header *, footer *"))
        .filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > innerWidth + 1)
        .map((each) => each.tagName + each.id + each.className)"""
    assert opened.page.evaluate(wider) == []


@slow
def test_where_there_is_no_browser_its_network_is_asked(page, tmp_path, monkeypatch):
    picture = plain(tmp_path / "red.png", (200, 40, 30))
    ours = tiny_answer(np.asarray(Image.open(picture)), len(CLASSES))
    monkeypatch.setattr(browser_module, "find_browser", lambda: "")
    asked = open_page(page.parent)
    assert isinstance(asked, NetworkAnswers)
    assert np.abs(asked.answer(picture) - ours).max() < 1e-5
    (tmp_path / "broken").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "broken").chmod(0o755)
    with pytest.raises(NoBrowser):
        BrowserAnswers(page.parent, str(tmp_path / "broken"))


@slow
def test_a_page_that_does_not_work_is_not_put_in_place(page, tmp_path):
    text = page.read_text(encoding="utf-8")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "page.html").write_text(
        text.replace("ort.InferenceSession.create(model,", "ort.InferenceSession.create(")
    )
    with pytest.raises(RuntimeError, match="could not be started"):
        open_page(broken)
    assert json.loads(re.search(r'id="facts">(.*?)</script>', text)[1])["classes"] == list(CLASSES)

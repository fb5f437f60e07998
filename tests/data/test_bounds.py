"""What reading one picture may cost: hostile and honest files of every format, within time and memory."""

import io
import os
import struct
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core import ImageError, Watch
from cnnstudio.data.checks import examiner, first_reading
from cnnstudio.data.checks.facts import TOO_SLOW, examine
from cnnstudio.data.decoding import as_rgb
from cnnstudio.data.reading import bounds, image_reader, read_image, read_reduced, read_thumbnail

EVERYWHERE = (read_image, lambda path: read_reduced(path, 32), lambda path: read_thumbnail(path, 64))


def progressive(path, side, scans):
    """A valid progressive JPEG whose last scan is there so many times."""
    buffer = io.BytesIO()
    Image.new("L", (side, side)).save(buffer, "JPEG", progressive=True, quality=1)
    whole = buffer.getvalue()
    last = whole.rindex(b"\xff\xda")
    path.write_bytes(whole[:last] + scans * whole[last:-2] + whole[-2:])
    return path


@pytest.mark.parametrize(("side", "scans"), [(64, 500), (8_000, 64)])
def test_a_jpeg_of_far_too_many_scans_is_refused_at_once_everywhere(tmp_path, side, scans):
    path, start = progressive(tmp_path / "slow.jpg", side, scans), time.thread_time()
    for read in EVERYWHERE:
        with pytest.raises(ImageError, match="takes too long"):
            read(path)
    assert [(kind, "too long" in detail) for _, kind, detail in examine([str(path)])[1]] == [("unreadable", True)]
    assert time.thread_time() - start < 1


@pytest.mark.parametrize("scans", [1, 10, 400])
def test_a_jpeg_of_as_many_scans_as_tools_write_is_read(tmp_path, scans):
    assert read_image(progressive(tmp_path / "p.jpg", 64, scans)).size == (64, 64)


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def plain_ppm(side, many):
    return b"P3 %d %d 255\n" % (side, side) + b"1 " * many


def rle_bitmap(side, many):
    head = b"BM" + struct.pack("<IHHI", 0, 0, 0, 54 + 1024)
    return head + struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, 0, 0, 0, 256, 0) + bytes(1024) + b"\1\7" * many


def empty_blocks(side, many):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", b"") * many + chunk(b"IEND", b"")


def odd_blocks(side, many):
    head, end = empty_blocks(side, 0)[:-12], chunk(b"IEND", b"")
    return head + chunk(b"abCd", b"") * many + chunk(b"IDAT", zlib.compress(bytes((side + 1) * side))) + end


def comments(side, many):
    buffer = io.BytesIO()
    Image.new("L", (side, side)).save(buffer, "JPEG")
    return buffer.getvalue().replace(b"\xff\xd8", b"\xff\xd8" + b"\xff\xfe\0\2" * many, 1)


def extensions(side, many):
    buffer = io.BytesIO()
    Image.new("P", (side, side)).save(buffer, "GIF")
    return buffer.getvalue().replace(b",", b"\x21\xfe\1a\0" * many + b",", 1)


SLOW = {
    "plain.ppm": plain_ppm, "runs.bmp": rle_bitmap, "empty.png": empty_blocks, "odd.png": odd_blocks,
    "notes.jpg": comments, "notes.gif": extensions,
}  # fmt: skip


@pytest.mark.parametrize("name", list(SLOW))
def test_endless_work_of_any_format_is_ended(tmp_path, monkeypatch, name):
    monkeypatch.setattr(bounds, "SECONDS", 0.05)
    (tmp_path / name).write_bytes(SLOW[name](1_000, 600_000))
    start = time.thread_time()
    with pytest.raises(ImageError, match="takes too long"):
        read_image(tmp_path / name)
    assert time.thread_time() - start < 1


@pytest.mark.parametrize("name", list(SLOW))
def test_and_the_same_in_small_is_read_or_damaged_as_it_is(tmp_path, name):
    (tmp_path / name).write_bytes(SLOW[name](8, 64 * 3))
    try:
        read_image(tmp_path / name)
    except ImageError as error:
        said = error.problem.title
    else:
        said = ""
    assert "too long" not in said


def busy_child(monkeypatch, code):
    """Children whose decoder is ``code``."""
    program = f"import cnnstudio.data.checks.facts as e\n{code}\ne.serve()"
    monkeypatch.setattr(examiner, "child_command", lambda *_: [sys.executable, "-c", program])


SPINS = (
    "e.bounds.SECONDS = e._GRACE_S = 0.2\n"
    "real = e._look_at\n"
    "def slow(path, content):\n"
    "    while path.endswith('03.jpg') or path.endswith('.avif'): pass\n"
    "    return real(path, content)\n"
    "e._look_at = slow"
)


@pytest.mark.slow
@pytest.mark.child
def test_a_decoder_that_never_ends_costs_one_file_of_a_scan(photos, monkeypatch):
    busy_child(monkeypatch, SPINS)
    with examiner.Examiner(photos, processes=1) as looking:
        facts = looking.examine([f"cat/{number:02}.jpg" for number in range(6)], Watch())
    assert [problem.detail for problem in facts.problems.values()] == [
        "03.jpg could not be read: it takes too long to read."
    ]
    assert facts.table["seen"].all()


@pytest.fixture
def children_of_ones_own(monkeypatch):
    monkeypatch.setattr(first_reading, "_idle", [])
    yield
    first_reading.close()


@pytest.mark.child
@pytest.mark.usefixtures("children_of_ones_own")
def test_what_is_swallowed_whole_is_read_by_a_child_before_it_is_read_here(tmp_path, monkeypatch):
    busy_child(monkeypatch, SPINS)
    path = tmp_path / "endless.avif"
    Image.new("RGB", (16, 16)).save(path)
    for _ in range(2):  # the second time it is known
        with pytest.raises(ImageError, match="takes too long"):
            first_reading.read_first(path)
    Image.new("RGB", (16, 16)).save(tmp_path / "plain.png")
    first_reading.read_first(tmp_path / "plain.png")


@pytest.mark.parametrize(
    ("name", "options", "odd"),
    [
        ("a.avif", {}, True), ("a.tif", {"compression": "jpeg"}, True), ("a.tif", {"compression": "lzma"}, True),
        ("a.tif", {}, False), ("a.tif", {"compression": "tiff_lzw"}, False), ("a.webp", {}, False),
        ("a.jpg", {}, False),
        ("a.png", {}, False), ("a.gif", {}, False), ("a.bmp", {}, False),
    ],
)  # fmt: skip
def test_only_what_could_hold_up_a_thread_is_read_twice(tmp_path, monkeypatch, name, options, odd):
    asked = []

    class Watching(examiner.Child):
        def examine(self, paths):
            asked.extend(paths)
            return super().examine(paths)

    monkeypatch.setattr(examiner, "Child", Watching)
    monkeypatch.setattr(first_reading, "_idle", [])
    path = tmp_path / name
    Image.new("RGB", (16, 16)).save(path, **options)
    first_reading.read_first(path)
    assert bool(asked) == odd


def test_what_is_no_picture_is_for_the_reader_to_say(tmp_path):
    for name, content in {"empty.tif": b"", "cut.tif": b"II*\0\x08", "notes.txt": b"hello"}.items():
        (tmp_path / name).write_bytes(content)
        first_reading.read_first(tmp_path / name)
    first_reading.read_first(tmp_path / "gone.avif")


@pytest.mark.slow
@pytest.mark.child
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_child_at_work_ends_with_its_parent(tmp_path):
    busy = (
        "import os, cnnstudio.data.checks.facts as e\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
        "def slow(*_):\n    while True: pass\n"
        "e._look_at = slow\ne.serve()"
    )
    parent = (
        "import os, sys, threading, time\nfrom cnnstudio.data.checks import examiner\n"
        f"examiner.child_command = lambda *_: [sys.executable, '-c', {busy!r}]\n"
        "threading.Thread(target=examiner.Child().examine, args=(['x.jpg'],), daemon=True).start()\n"
        f"while not (os.path.exists({str(tmp_path / 'pid')!r}) and os.path.getsize({str(tmp_path / 'pid')!r})):\n"
        "    time.sleep(0.01)\n"
        "os.kill(os.getpid(), 9)"
    )
    (tmp_path / "x.jpg").write_bytes(b"x")
    subprocess.run([sys.executable, "-c", parent], cwd=tmp_path, env=own_environment(), check=False)
    child = int((tmp_path / "pid").read_text())
    end = time.monotonic() + 10
    while time.monotonic() < end and is_alive(child):
        time.sleep(0.02)
    assert not is_alive(child)


def own_environment():
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_of_many_threads_only_so_many_read_as_there_is_room_for(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "room", room := bounds.Room(10_000_000))
    Image.new("L", (1_000, 1_000)).save(tmp_path / "a.png")  # 5 MB each
    reading, most = [], []

    def read(image, levels):
        reading.append(1)
        most.append(len(reading))
        picture = as_rgb(image, levels)
        reading.pop()
        return picture

    monkeypatch.setattr(image_reader, "as_rgb", read)
    with ThreadPoolExecutor(8) as pool:
        sizes = list(pool.map(lambda _: read_image(tmp_path / "a.png").size, range(24)))
    assert len(sizes) == 24
    assert max(most) <= 2
    assert room.taken == 0


def test_a_picture_keeps_its_room_until_it_is_let_go(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "room", room := bounds.Room(100_000_000))
    monkeypatch.setattr(bounds, "_SMALL", 0)
    Image.new("RGBA", (100, 100)).save(tmp_path / "a.png")
    picture = read_image(tmp_path / "a.png")
    assert room.taken == 4 * 100 * 100
    del picture
    assert room.taken == 0
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:-30])
    with pytest.raises(ImageError):
        read_image(tmp_path / "b.png")
    assert room.taken == 0


def test_what_takes_more_than_all_the_room_is_read_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "room", bounds.Room(10))
    monkeypatch.setattr(bounds, "_SMALL", 0)
    Image.new("RGB", (50, 50)).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").size == (50, 50)


def test_slow_is_no_way_that_python_itself_ends():
    assert TOO_SLOW not in (0, 1, 2, 3)


LARGE = {
    "grey16.png": ("I;16", {"compress_level": 1}, 8), "grey16.tif": ("I;16", {"compression": "tiff_lzw"}, 8),
    "float.tif": ("F", {}, 12), "int.tif": ("I", {}, 12), "alpha.png": ("RGBA", {"compress_level": 1}, 12),
    "alpha.tif": ("RGBA", {}, 12), "alpha.webp": ("RGBA", {"method": 0, "quality": 1}, 20),
    "palette.png": ("P", {"transparency": 3}, 12), "cmyk.jpg": ("CMYK", {}, 12),
    "progressive.jpg": ("RGB", {"progressive": True}, 12),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
@pytest.mark.parametrize("name", list(LARGE))
def test_a_picture_of_64_megapixels_takes_a_few_bytes_a_pixel(tmp_path, name):
    mode, options, most = LARGE[name]
    values = np.zeros((8_000, 8_000), np.uint16 if mode == "I;16" else np.uint8)
    values[::7, ::5] = 200
    picture = Image.fromarray(values)
    if mode == "F":
        picture = Image.fromarray(values.astype(np.float32) / 255)
    (picture if mode in ("I;16", "F") else picture.convert(mode)).save(tmp_path / name, **options)
    code = (
        "import sys\nfrom pathlib import Path\nfrom cnnstudio.data.reading import read_image\n"
        "from PIL import Image\nImage.init()\n"
        "def most():\n    status = Path('/proc/self/status').read_text()\n"
        "    return 1024 * int(status.partition('VmHWM:')[2].split()[0])\n"
        "before = most()\n"
        "assert read_image(Path(sys.argv[1])).mode == 'RGB'\n"
        "print((most() - before) // 64_000_000)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / name)],
        env=own_environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(done.stdout) <= most

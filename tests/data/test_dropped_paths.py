"""What a file manager hands over when files are dropped."""

import os
from pathlib import Path

import pytest

from cnnstudio.data.collect import dropped_paths

pytestmark = pytest.mark.skipif(os.name == "nt", reason="paths of Linux and macOS")


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        (b"file:///home/a%20b/%C3%A4.jpg", Path("/home/a b/ä.jpg")),
        (b"file://localhost/x.png", Path("/x.png")),
        (b"file:/x.png", Path("/x.png")),
        (b"file:///odd%FFname.jpg", Path(os.fsdecode(b"/odd\xffname.jpg"))),
        (b"file:///50%25.jpg", Path("/50%.jpg")),
        (b"file:///a%23b%3Fc.jpg", Path("/a#b?c.jpg")),
        ("file:///nicht maskiert/ä.jpg".encode(), Path("/nicht maskiert/ä.jpg")),
        (b"FILE:///[1].jpg", Path("/[1].jpg")),
    ],
)
def test_uris_become_paths(uri, path):
    assert dropped_paths(b"# a comment\r\n" + uri + b"\r\n\r\n") == [path]


def test_what_is_no_local_file_is_left_alone():
    assert dropped_paths(b"https://example.org/a.jpg\nfile://server/share/a.jpg\nfile://[x\n\nnothing") == []

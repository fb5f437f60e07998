"""A film is what its content says: what plays films would follow addresses in a text into the internet."""

import numpy as np
import pytest

from cnnstudio.core import ImageError
from cnnstudio.data.films import check_film, is_film_name
from tests.film_files import write_film


@pytest.mark.parametrize(
    "head",
    [
        b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41", b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", b"\x1aE\xdf\xa3\x9fB\x86",
        b"\0\0\x01\xba\x44", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", b"RIFF\x10\0\0\0AVI LIST",
        (b"G" + bytes(187)) * 20, (bytes(4) + b"G" + bytes(187)) * 20,
    ],
)  # fmt: skip
def test_films_are_known_by_their_content(tmp_path, head):
    file = tmp_path / "a film.dat"
    file.write_bytes(head + bytes(range(256)) * 20)
    assert check_film(file) == file


@pytest.mark.parametrize(
    "content",
    [
        b"#EXTM3U\n#EXTINF:10,\nhttp://example.org/a.ts\n", b"ffconcat version 1.0\nfile http://example.org/a.mp4\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n", b"<?xml version='1.0'?><MPD></MPD>", b"",
        b"[playlist]\nFile1=http://example.org\n", b"\xff\xd8\xff\xe0 a picture", b"\0" * 9000, b"GGGGGGGG" * 3,
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["list.m3u8", "film.mp4"])
def test_lists_of_addresses_and_other_files_are_none_whatever_their_name(tmp_path, content, name):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(ImageError, match="is not a film that can be read"):
        check_film(file)


def test_a_film_that_is_gone_is_a_sentence(tmp_path):
    with pytest.raises(ImageError, match=r"gone\.mp4 cannot be opened"):
        check_film(tmp_path / "gone.mp4")


def test_names_of_films(tmp_path):
    assert is_film_name("A holiday.MP4")
    assert not is_film_name("a.jpg")
    assert check_film(write_film(tmp_path / "a.avi", [np.zeros((16, 16, 3), np.uint8)]))

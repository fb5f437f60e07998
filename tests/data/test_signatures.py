"""Every format is named as what it is, by its content, with what to do."""

import io
import struct
import zipfile

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core import DatasetError, ImageError, Watch
from cnnstudio.data import SplitSpec
from cnnstudio.data.checks.facts import examine
from cnnstudio.data.collect import pictures_in
from cnnstudio.data.reading import is_picture, read_image
from cnnstudio.data.reading.recognition import is_readable, recognise, recognise_file
from cnnstudio.data.scan import scan_folder
from tests.picture_files import all_kinds, photo, saved


def zipped(name, content=b"x"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


def box(brand):
    return struct.pack(">I", 24) + b"ftyp" + brand + bytes(4) + brand + b"mif1" + bytes(300)


def at(place, magic):
    return bytes(range(1, 200)).ljust(place, b"\x01")[:place] + magic + bytes(range(200))


UID = b"1.2.840.10008.5.1.4.1.1.7"
PICTURES = {
    "DICOM": [
        bytes(128) + b"DICM\x02\0\0\0UL\x04\0",
        b"\x08\0\x05\0CS\x0a\0ISO_IR 100\x08\0\x16\0UI\x1a\0" + UID,
        b"\x08\0\x16\0\x1a\0\0\0" + UID + b"\0" * 40,
        b"\x02\0\x02\0UI\x1a\0" + UID + bytes(100),
    ],
    "JPEG 2000": [b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 ", b"\xff\x4f\xff\x51\0\x2f\0\0"],
    "JPEG XL": [b"\xff\x0a\xfa\x7f\x01", b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(20)],
    "JPEG XR": [b"II\xbc\x01\x20\0\0\0"],
    "raw picture": [
        b"II*\0\x10\0\0\0CR\x02\0" + bytes(50), box(b"crx "), b"FUJIFILMCCD-RAW 0201", b"IIRO\x08\0\0\0",
        b"IIU\0\x18\0", b"FOVb\0\0", b"\0MRM\0\0", b"II\x1a\0\0\0HEAPCCDR",
    ],
    "Photoshop": [b"8BPS\0\x01"], "GIMP": [b"gimp xcf v011\0"], "Krita": [zipped("mimetype", b"application/x-krita")],
    "SVG": [b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", b"<?xml version='1.0'?>\n<!-- x -->\n<svg width='9'>"],
    "EPS": [b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\xc5\xd0\xd3\xc6" + bytes(30)], "PDF": [b"%PDF-1.7\n%\xe2\xe3"],
    "icon": [saved(photo((32, 32)), "ICO")], "OpenEXR": [b"v/1\x01\x02\0\0\0"], "HDR": [b"#?RADIANCE\nFORMAT=32-bit"],
    "FITS": [b"SIMPLE  =                    T / file conforms"],
    "NIfTI": [b"\x5c\x01\0\0".ljust(344, b"\0") + b"n+1\0"],
    "NumPy": [b"\x93NUMPY\x01\0v\0{'descr'", zipped("arr_0.npy")], "MATLAB": [b"MATLAB 5.0 MAT-file, Platform"],
    "HDF5": [b"\x89HDF\r\n\x1a\n\0\0"], "microscope": [b"ZISRAWFILE\0\0", b"\x70\0\0\0\x2a\0", b"\xda\xce\xbe\x0a\0"],
    "WMF": [b"\xd7\xcd\xc6\x9a\0\0"], "EMF": [b"\x01\0\0\0".ljust(40, b"\x02") + b" EMF\0"], "QOI": [b"qoif\0\0"],
    "TGA": [saved(photo(), "TGA"), bytes([0, 0, 2, *[0] * 9, 8, 0, 8, 0, 24, 32]) + b"\x80" * 192],
    "PCX": [saved(photo(), "PCX")], "SGI": [saved(photo(), "SGI")], "DDS": [b"DDS |\0"],
    "Base64": [b"data:image/png;base64,iVBORw0KGgo", b"/9j/4AAQSkZJRgABAQ"], "XBM": [b"#define a_width 9\n"],
}  # fmt: skip
OTHERS = {
    "video": [box(b"isom"), box(b"qt  "), b"RIFF\0\0\0\0AVI LIST", b"\x1aE\xdf\xa3\x01\0", b"\0\0\x08\0moov",
              b"FLV\x01"],
    "web page": [
        b"<!DOCTYPE html><html>", b"\n\n<html lang=de>", b"\xef\xbb\xbf<!doctype HTML>", b"<head><title>404</title>",
        "<!doctype html>".encode("utf-16"),
    ],
    "XML": [b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", b"<Error><Code>NoSuchKey</Code></Error>"],
    "JSON": [b'{"error": "not found"}', b'[{"a": 1}]'],
    "text file": [b"I am no picture\n", "Größe: 3 m".encode("latin-1")],
    "ZIP": [zipped("a.jpg")], "Office": [zipped("word/document.xml"), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"],
    "Git LFS": [b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"],
    "Windows shortcut": [b"L\0\0\0\x01\x14\x02\0\0\0"], "iCloud": [b"bplist00\xd3\x01\x02"],
    "alias": [b"book\0\0\0\0mark"],
    "nothing but zeros": [bytes(9000), bytes(10)], "gzip": [b"\x1f\x8b\x08\0"],
    "program": [b"MZ\x90\0", b"\x7fELF\x02"],
    "RAR": [b"Rar!\x1a\x07\x01\0"], "sound": [b"ID3\x04\0", b"RIFF\0\0\0\0WAVEfmt "],
}  # fmt: skip
CASES = [
    (words, content, kind)
    for table, kind in ((PICTURES, "unsupported"), (OTHERS, "not-an-image"))
    for words, contents in table.items()
    for content in contents
]


@pytest.mark.parametrize(("words", "content", "kind"), CASES, ids=[f"{c[0]} {i}" for i, c in enumerate(CASES)])
def test_a_file_called_jpg_is_named_as_what_it_is(tmp_path, words, content, kind):
    path = tmp_path / "IMG_1.jpg"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=rf"^IMG_1\.jpg could not be read: it is .*{words}"):
        read_image(path)
    ((_, found, detail),) = examine([str(path)])[1]
    assert (found, words in detail) == (kind, True)
    known = recognise_file(path)
    assert known.is_picture == (kind == "unsupported")
    assert known.advice.many.endswith((".", "git lfs pull."))


@pytest.mark.parametrize("content", all_kinds().values(), ids=all_kinds())
def test_what_can_be_read_is_never_called_something_else(content):
    assert is_readable(content[:4096])
    assert recognise(content[:4096], content[-32:], "a.jpg") is None


@pytest.mark.parametrize(("name", "words"), [("x.dcm", "DICOM"), ("x.tga", "TGA"), ("x.NEF", "NEF"), ("x.czi", "CZI")])
def test_an_ending_tells_where_the_content_does_not(tmp_path, name, words):
    (tmp_path / name).write_bytes(bytes(range(1, 256)) * 3)
    assert words in recognise_file(tmp_path / name).one


@pytest.mark.parametrize("ending", ["nef", "arw", "dng", "PEF"])
def test_a_camera_s_preview_is_not_taken_for_its_picture(tmp_path, ending):
    (tmp_path / f"DSC_1.{ending}").write_bytes(saved(photo(), "TIFF"))
    assert recognise_file(tmp_path / f"DSC_1.{ending}").one == f"a camera's raw picture ({ending.upper()})"


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n" + bytes(range(1, 90)), b"\xff\xd8\xff\xe0\0\x10JFIF" + b"\x01" * 50, b"GIF89a" + b"\x01"],
)
def test_a_damaged_beginning_is_no_other_format(tmp_path, content):
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(ImageError, match=r"damaged|end of the file is missing"):
        read_image(tmp_path / "a.jpg")


def test_a_jpeg_of_twelve_bits_is_named(tmp_path):
    content = bytearray(saved(photo(), "JPEG"))
    place = content.index(b"\xff\xc0") + 4
    content[place] = 12
    (tmp_path / "xray.jpg").write_bytes(content)
    with pytest.raises(ImageError, match="a JPEG picture of 12 bits"):
        read_image(tmp_path / "xray.jpg")


ODD = [
    "photo.jpg_1088Wx1632H", "image.jpg?size=large", "a.jpeg_large", "b.JPG.download", "img.jpg!d", "c.jpg~",
    "d.png:orig", "e.jpg (1)", "wget.jpg.1", "scan0001", "f.jpg-large", "g.unknown", "h.webp@2x", "i.jpg%3Fw=640",
    "j.tmp", "k.image",
]  # fmt: skip


@pytest.mark.parametrize("name", [name for name in ODD if "?" not in name and ":" not in name])
def test_a_jpeg_under_an_odd_ending_is_a_picture(tmp_path, name):
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / name).write_bytes(saved(photo(), "JPEG"))
    assert [path.name for path in pictures_in([tmp_path])] == [name]


@pytest.mark.parametrize(
    ("name", "picture"),
    [(name, name not in ("scan0001", "g.unknown", "j.tmp", "k.image")) for name in ODD]
    + [("a.jpg.txt", False), ("IMG_1.jpg.json", False), ("a.jpg.aux.xml", False), ("jpg", False), ("my.jpgs", False)],
)
def test_a_name_tells_that_it_is_a_picture(name, picture):
    assert is_picture(name) == picture


def test_what_lies_beside_pictures_is_not_opened(tmp_path, monkeypatch):
    for name in ("labels.csv", "notes.txt", "a.jpg.json", "b.png.aux.xml", "model.pth", "train.py"):
        (tmp_path / name).write_bytes(saved(photo(), "JPEG"))
    monkeypatch.setattr("cnnstudio.data.reading.image_reader.recognise_file", pytest.fail)
    assert pictures_in([tmp_path]) == []


@pytest.mark.parametrize(
    ("words", "name", "content", "remedy"),
    [
        ("All of them are DICOM pictures", "1.dcm", PICTURES["DICOM"][0], "DICOM viewer"),
        ("All of them are JPEG XL pictures", "IMG.jpg", PICTURES["JPEG XL"][0], "Save them as JPEG"),
        ("All of them are Git LFS pointers", "a.png", OTHERS["Git LFS"][0], "git lfs pull"),
        ("All of them are videos", "clip.mp4", OTHERS["video"][0], "single pictures"),
    ],
)
def test_a_folder_full_of_one_format_is_told_what_to_do(tmp_path, words, name, content, remedy):
    for label in "ab":
        (tmp_path / label).mkdir()
        for number in range(3):
            (tmp_path / label / f"{number} {name}").write_bytes(content)
    with pytest.raises(DatasetError) as refused:
        scan_folder(tmp_path, SplitSpec(), watch=Watch())
    assert words in refused.value.problem.meaning
    assert remedy in refused.value.problem.remedy


def test_random_bytes_are_never_more_than_a_name():
    rng = np.random.default_rng(0)
    for size in (0, 1, 2, 8, 40, 600):
        for _ in range(40):
            head = rng.integers(0, 256, size, dtype=np.uint8).tobytes()
            assert recognise(head, head[-32:], "a.jpg") is None or head
    assert recognise(b"", b"", "a.dcm") is None
    assert Image.MAX_IMAGE_PIXELS is None, "the size is checked in one place, without a warning"

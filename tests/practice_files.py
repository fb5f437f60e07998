"""Practice datasets as their makers publish them, but small, and a server in the house that has them."""

import gzip
import hashlib
import io
import json
import struct
import tarfile
import threading
import zipfile
import zlib
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image

from cnnstudio.data.practice.prepare import MIRROR_VARIABLE
from cnnstudio.data.practice.sets import practice_set


def jpeg(shade=0, size=(40, 30)):
    out = io.BytesIO()
    noise = np.random.default_rng(shade).integers(0, 255, (size[1], size[0], 3), np.uint8)
    Image.fromarray(noise).save(out, "JPEG")
    return out.getvalue()


def tar(files, mode="w:gz"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def idx(array):
    head = struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(head + array.astype(np.uint8).tobytes())


def mat(**arrays):
    """A MATLAB file as MATLAB 5 writes it, with every array compressed."""
    codes = {np.dtype("u1"): (2, 9), np.dtype("<u2"): (4, 11), np.dtype("<f8"): (9, 6)}

    def element(kind, content):
        return struct.pack("<II", kind, len(content)) + content + b"\0" * (-len(content) % 8)

    out = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"
    for name, array in arrays.items():
        kind, matlab = codes[array.dtype]
        label = name.encode()
        short = struct.pack("<HH", 1, len(label)) + label.ljust(4, b"\0") if len(label) <= 4 else element(1, label)
        content = (
            element(6, struct.pack("<II", matlab, 0))
            + element(5, np.array(array.shape, "<i4").tobytes())
            + short
            + element(kind, array.tobytes(order="F"))
        )
        packed = zlib.compress(element(14, content))
        out += struct.pack("<II", 15, len(packed)) + packed
    return out


def cifar_records(labels, label_bytes):
    rng = np.random.default_rng(0)
    head = np.array([[99] * (label_bytes - 1) + [label] for label in labels], np.uint8)
    return np.hstack([head, rng.integers(0, 255, (len(labels), 3072), np.uint8)]).tobytes()


def _published():
    """For every dataset its files, small but built like the real ones, and the folders that must come of them."""
    digits = np.random.default_rng(0).integers(0, 255, (4, 28, 28), np.uint8)
    four = (idx(digits), idx(np.array([0, 1, 1, 9])), idx(digits), idx(np.array([9, 0, 0, 1])))
    cifar10_names = "airplane\nautomobile\nbird\n\n"
    house = mat(
        X=np.random.default_rng(0).integers(0, 255, (32, 32, 3, 3), np.uint8), y=np.array([[10], [1], [2]], "u1")
    )
    lists = {f"dtd/labels/{n}1.txt": f"banded/{n}.jpg\n".encode() for n in ("train", "val", "test")}
    food = {
        f"food-101/meta/{n}.json": json.dumps({"apple_pie": [f"apple_pie/{n}"]}).encode() for n in ("train", "test")
    }
    return {
        "mnist": (four, {"train/0": 1, "train/1": 2, "train/9": 1, "test/0": 2, "test/1": 1, "test/9": 1}),
        "fashion-mnist": (four, {"train/T-shirt": 1, "train/Trouser": 2, "train/Ankle boot": 1,
                                 "test/T-shirt": 2, "test/Trouser": 1, "test/Ankle boot": 1}),
        "kmnist": (four, {"train/o": 1, "train/ki": 2, "train/wo": 1, "test/o": 2, "test/ki": 1, "test/wo": 1}),
        "cifar10": ((tar({
            "cifar-10-batches-bin/data_batch_1.bin": cifar_records([0, 2, 2], 1),
            "cifar-10-batches-bin/batches.meta.txt": cifar10_names.encode(),
            "cifar-10-batches-bin/test_batch.bin": cifar_records([2], 1),
        }),), {"train/airplane": 1, "train/bird": 2, "test/bird": 1}),
        "cifar100": ((tar({
            "cifar-100-binary/fine_label_names.txt": b"apple\nbaby\n",
            "cifar-100-binary/train.bin": cifar_records([0, 1], 2),
            "cifar-100-binary/test.bin": cifar_records([1], 2),
        }),), {"train/apple": 1, "train/baby": 1, "test/baby": 1}),
        "svhn": ((house, house), {f"{split}/{n}": 1 for split in ("train", "test") for n in (0, 1, 2)}),
        "eurosat": ((zipped({"2750/Forest/Forest_1.jpg": jpeg(1), "2750/River/River_1.jpg": jpeg(2)}),),
                    {"Forest": 1, "River": 1}),
        "caltech256": ((tar({
            "256_ObjectCategories/001.ak47/001_0001.jpg": jpeg(1),
            "256_ObjectCategories/002.american-flag/002_0001.jpg": jpeg(2),
            "256_ObjectCategories/198.spider/RENAME2": b"#!/bin/sh",
        }, "w"),), {"ak47": 1, "american-flag": 1}),
        "imagenette": ((tar({
            "imagenette2-160/train/n01440764/a.JPEG": jpeg(1), "imagenette2-160/val/n03888257/b.JPEG": jpeg(2),
            "imagenette2-160/noisy_imagenette.csv": b"x",
        }),), {"train/tench": 1, "test/parachute": 1}),
        "gtsrb": ((
            zipped({"GTSRB/Training/00014/00000_00001.ppm": jpeg(1), "GTSRB/Training/00014/GT-00014.csv": b""}),
            zipped({"GTSRB/Final_Test/Images/00000.ppm": jpeg(2)}),
            zipped({"GT-final_test.csv": b"Filename;Width;ClassId\n00000.ppm;40;42\n"}),
        ), {"train/Stop": 1, "test/End of no passing for lorries": 1}),
        "flowers102": ((
            tar({f"jpg/image_0000{n}.jpg": jpeg(n) for n in (1, 2, 3)}),
            mat(labels=np.array([[1, 102, 12]], "u1")),
            mat(trnid=np.array([[1]], "<u2"), valid=np.array([[3]], "<u2"), tstid=np.array([[2]], "<f8")),
        ), {"train/pink primrose": 1, "test/blackberry lily": 1, "validation/colt's foot": 1}),
        "dtd": ((tar({f"dtd/images/banded/{n}.jpg": jpeg(n == "val") for n in ("train", "val", "test")} | lists),),
                {"train/banded": 1, "validation/banded": 1, "test/banded": 1}),
        "pets": ((
            tar({"images/yorkshire_terrier_1.jpg": jpeg(1), "images/Abyssinian_2.jpg": jpeg(2),
                 "images/Abyssinian_2.mat": b"x", "images/._Abyssinian_2.jpg": b"x"}),
            tar({"annotations/test.txt": b"yorkshire_terrier_1 37 2 25\n",
                 "annotations/trainval.txt": b"#Image CLASS-ID\nAbyssinian_2 1 1 1\n"}),
        ), {"test/Yorkshire Terrier": 1, "train/Abyssinian": 1}),
        "food101": ((tar({f"food-101/images/apple_pie/{n}.jpg": jpeg(1) for n in ("train", "test")} | food),),
                    {"train/apple pie": 1, "test/apple pie": 1}),
    }  # fmt: skip


PUBLISHED = _published()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        pass


@pytest.fixture
def school(tmp_path, monkeypatch):
    """A server in the house that has copies of files; returns what puts them there."""
    root = tmp_path / "www"
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv(MIRROR_VARIABLE, f"http://127.0.0.1:{server.server_port}")

    def offer(name, files):
        wanted = practice_set(name)
        sources = []
        for source, content in zip(wanted.sources, files, strict=True):
            sources.append(replace(source, md5=hashlib.md5(content).hexdigest()))
            path = root / name / source.file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        # As small as its files: whether there is room must not depend on this machine's disk.
        return replace(wanted, sources=tuple(sources), megabytes=1)

    yield offer
    server.shutdown()
    server.server_close()
    thread.join()

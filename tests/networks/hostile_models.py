"""Weights files made to do harm, or damaged in a way that nobody meant: name → what writes one."""

import json
import pickle
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

Maker = Callable[[Path], object]
CANARY = "canary"
"""A file in the folder one is in, which attacks would delete."""


class _Calls:
    """Wants to call something when it is read."""

    def __init__(self, function, *arguments):
        self.how = function, arguments

    def __reduce__(self):
        return self.how


def saved(content, **options):
    def write(path):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what makes quantised and sparse tensors says that it will change
            torch.save(content() if callable(content) else content, path, **options)

    return write


def archived(pickled, records=None, *, compressed=False):
    """What torch.save writes, with a pickle of one's own. Large ones are made when they are written."""

    def write(path):
        how = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        with zipfile.ZipFile(path, "w", how) as archive:
            archive.writestr("archive/data.pkl", pickled() if callable(pickled) else pickled)
            archive.writestr("archive/byteorder", "little")
            archive.writestr("archive/version", "3\n")
            for name, content in (records() if callable(records) else records or {}).items():
                archive.writestr(f"archive/{name}", content)

    return write


def tensor_pickle(elements=4, *, shape=(4,), stride=(1,), offset=0):
    """A state_dict of one tensor whose storage says that it has so many numbers."""

    def number(value):
        return b"\x8a" + bytes([8]) + struct.pack("<q", value)

    def numbers(values):
        return b"(" + b"".join(map(number, values)) + b"t"

    storage = b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0000X\x03\0\0\0cpu" + number(elements) + b"tQ"
    call = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + number(offset) + numbers(shape) + numbers(stride)
    return b"\x80\x02}X\x01\0\0\0a" + call + b"\x89ccollections\nOrderedDict\n)RtRs."


def nested(depth):
    return b"\x80\x02" + b"]" * depth + b"a" * (depth - 1) + b"."


def header(entries, content=b"", *, length=None):
    """A .safetensors file; large ones are made when they are written."""

    def write(path):
        made = entries() if callable(entries) else entries
        text = made if isinstance(made, bytes) else json.dumps(made).encode()
        path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + content)

    return write


def entry(dtype="F32", shape=(1,), begin=0, end=4):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def _loop():
    content = {"a": 1}
    content["state_dict"] = content
    return content


def _loop_of_lists():
    content = [1]
    content.append({"model": content})
    return {"net": content}


def _overlapping(storage, views, length):
    whole = torch.zeros(storage)
    return {f"k{i}": whole.as_strided((length,), (1,), i) for i in range(views)}


def _cut(path):
    torch.save({"a": torch.zeros(1000)}, path)
    path.write_bytes(path.read_bytes()[:2000])


def _lying_archive(path):
    """Its directory says that the storage has 10 GB."""
    torch.save({"a": torch.zeros(4)}, path)
    content = path.read_bytes()
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"/data/0"))
    path.write_bytes(content[: at + 20] + struct.pack("<II", 0xFFFFFFF0, 0xFFFFFFF0) + content[at + 28 :])


CODE = {
    "evaluates": _Calls(eval, f"__import__('os').remove('{CANARY}')"),
    "executes": _Calls(exec, f"open('{CANARY}', 'w')"),
    "removes": _Calls(__import__("os").unlink, CANARY),
    "runs a shell": _Calls(__import__("os").system, f"rm {CANARY}"),
    "starts a process": _Calls(__import__("subprocess").Popen, ["rm", CANARY]),
    "opens": _Calls(open, CANARY, "w"),
    "looks an attribute up": _Calls(getattr, "os", "upper"),
    "loads with numpy": _Calls(np.load, CANARY),
    "loads with torch": _Calls(torch.load, CANARY),
}
QUICK: dict[str, Maker] = {
    **{f"{name}.pth": saved({"state_dict": {"a": what}}) for name, what in CODE.items()},
    **{f"{name}, old format.pth": saved([what], _use_new_zipfile_serialization=False) for name, what in CODE.items()},
    "raw pickle.pth": lambda path: path.write_bytes(pickle.dumps(CODE["evaluates"], protocol=2)),
    "text pickle.pth": lambda path: path.write_bytes(pickle.dumps(CODE["evaluates"], protocol=0)),
    "instance.pth": archived(b"(S'rm canary'\nios\nsystem\n."),
    "loop.pth": saved(_loop),
    "loop of lists.pth": saved(_loop_of_lists),
    "view of 6 GB.pth": saved(lambda: {"a": torch.zeros(1).expand(1_600_000_000)}),
    "view of 36 GB.pth": saved(lambda: {"a": torch.zeros(1).expand(9_000_000_000)}),
    "many views.pth": saved(lambda: {f"k{i}": torch.zeros(1).expand(1_000_000) for i in range(200)}),
    "overlapping.pth": saved(lambda: _overlapping(30_000, 1000, 20_000)),
    "storage that claims more.pth": archived(tensor_pickle(10**12, shape=(10**12,)), {"data/0": bytes(16)}),
    "shape that claims more.pth": archived(tensor_pickle(shape=(10**12,)), {"data/0": bytes(16)}),
    "shape that overflows.pth": archived(tensor_pickle(shape=(2**40, 2**40), stride=(2**40, 1)), {"data/0": bytes(16)}),
    "negative shape.pth": archived(tensor_pickle(shape=(-4,)), {"data/0": bytes(16)}),
    "negative stride.pth": archived(tensor_pickle(stride=(-1,)), {"data/0": bytes(16)}),
    "negative offset.pth": archived(tensor_pickle(offset=-1000), {"data/0": bytes(16)}),
    "offset outside.pth": archived(tensor_pickle(offset=2**40), {"data/0": bytes(16)}),
    "storage missing.pth": archived(tensor_pickle()),
    "nested 100,000 deep.pth": archived(nested(100_000)),
    "name of 2 MB.pth": saved(lambda: {"x" * 2_000_000: torch.zeros(4)}),
    "text of 4 GB.pth": archived(b"\x80\x02X\xff\xff\xff\xffabc."),
    "bytes without end.pth": archived(b"\x80\x04\x8e" + b"\xff" * 8 + b"abc."),
    "memo of 16 GB.pth": archived(b"\x80\x02}r\xff\xff\xff\x7f."),
    "nothing on the stack.pth": archived(b"\x80\x02bbbb."),
    "bomb.pth": archived(lambda: bytes(70_000_000), compressed=True),
    "lying archive.pth": _lying_archive,
    "cut.pth": _cut,
    "empty.pth": lambda path: path.write_bytes(b""),
    "one byte.pth": lambda path: path.write_bytes(b"\x80"),
    "noise.pth": lambda path: path.write_bytes(np.random.default_rng(0).bytes(100_000)),
    "sparse.pth": saved(lambda: {"a": torch.eye(3).to_sparse()}),
    "rows.pth": saved(lambda: {"a": torch.eye(3).to_sparse_csr()}),
    "quantised.pth": saved(lambda: {"a": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)}),
    "quantised by channel.pth": saved(
        lambda: {"a": torch.quantize_per_channel(torch.ones(2, 2), torch.ones(2), torch.zeros(2), 0, torch.qint8)}
    ),
    "complex.pth": saved(lambda: {"a": torch.zeros(3, dtype=torch.complex64)}),
    "without numbers.pth": saved(lambda: {"a": torch.zeros(3, device="meta")}),
    "no tensors.pth": saved({"epoch": 3}),
    "header of 8 EB.safetensors": header({"a": entry()}, bytes(4), length=2**63),
    "header longer than the file.safetensors": header({"a": entry()}, bytes(4), length=10**6),
    "header of 20 MB.safetensors": header(lambda: b" " * 20_000_000),
    "110,000 names.safetensors": header(lambda: {f"k{i}": entry(shape=(0,), end=0) for i in range(110_000)}),
    "nested.safetensors": header(b"[" * 100_000 + b"]" * 100_000),
    "a list.safetensors": header([1, 2]),
    "text.safetensors": header({"a": "b"}),
    "overflow.safetensors": header({"a": entry(shape=(2**40, 2**40))}, bytes(4)),
    "one number, many names.safetensors": header({f"k{i}": entry() for i in range(1000)}, bytes(4)),
    "outside.safetensors": header({"a": entry(begin=2**50, end=2**50 + 4)}, bytes(4)),
    "backwards.safetensors": header({"a": entry(begin=4, end=0)}, bytes(4)),
    "negative.safetensors": header({"a": entry(shape=(-1,))}, bytes(4)),
    "unknown kind.safetensors": header({"a": entry(dtype="X32")}, bytes(4)),
    "complex.safetensors": header({"a": entry(dtype="C64", end=8)}, bytes(8)),
    "bytes left over.safetensors": header({"a": entry()}, bytes(400)),
    "empty.safetensors": lambda path: path.write_bytes(b""),
}
HEAVY: dict[str, Maker] = {
    "30 million lists.pth": archived(lambda: b"\x80\x02]" + b"]0" * 15_000_000 + b"."),
    "30 million lists in a list.pth": archived(lambda: b"\x80\x02](" + b"]" * 30_000_000 + b"e."),
    "a pickle of 100 MB.pth": archived(lambda: b"\x80\x02]" + b"]0" * 50_000_000 + b"."),
    "old format, 150 MB of lists.pth": lambda path: path.write_bytes(
        pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + pickle.dumps({}, 2)
        + b"\x80\x02](" + b"]" * 150_000_000 + b"e."
    ),
    "120,000 tensors.pth": saved(lambda: _overlapping(120_000, 120_000, 1)),
    "a million names.pth": saved(lambda: {f"k{i}": i for i in range(1_000_000)}),
    "120,000 members.pth": archived(
        pickle.dumps({}, 2), lambda: dict.fromkeys(map(str, range(120_000)), b"")
    ),
    "a million names.safetensors": header(
        lambda: {f"k{i}": entry(shape=(0,), end=0) for i in range(1_000_000)}
    ),
    "overlapping 12 GB.pth": saved(lambda: _overlapping(10_000_000, 1000, 3_000_000)),
}  # fmt: skip

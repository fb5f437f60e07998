"""Licences of a bundle: every file has an owner, unknown and refused licences end the build, texts come along."""

import sys
from dataclasses import replace

import pytest

from cnnstudio.core import codec
from cnnstudio.jobs import run_inline, specs
from cnnstudio.jobs.specs.licences import Licences, Part
from tests.packaging.test_contents import PACKAGING, load

licences = load("licences.py")
RULES = licences.Rules.read()
PART = Part(name="a", version="1", licence="MIT", text="Permission is hereby granted")


def found(part=PART, files=("a.so",)):
    return licences.Found(part=part, purl=f"pkg:pypi/{part.name}@{part.version}", files=list(files))


@pytest.mark.parametrize(
    ("licence", "accepted"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR GPL-2.0-only) AND Apache-2.0 WITH LLVM-exception", True),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", True),
        ("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", True),
        ("(MIT", False),
        ("Some words of their own", False),
        ("", False),
    ],
)
def test_an_expression_is_accepted_only_where_each_licence_is(licence, accepted):
    assert RULES.accepts(licence) == accepted


def test_a_part_without_a_known_licence_or_without_a_text_is_told():
    assert list(licences.problems_of([found()], RULES)) == []
    (said,) = licences.problems_of([found(replace(PART, licence="GPL-2.0-only"))], RULES)
    assert "GPL-2.0-only" in said
    assert "does not accept" in said
    (said,) = licences.problems_of([found(replace(PART, licence=""))], RULES)
    assert "no licence that is known" in said
    (said,) = licences.problems_of([found(replace(PART, text=" "))], RULES)
    assert "no text" in said


def test_a_file_of_nobody_is_told(tmp_path):
    owners = licences.Owners(RULES)
    stray = tmp_path / "stray.so"
    stray.write_bytes(b"x")
    owners.take("stray.so", str(stray), "BINARY")
    owners.take("numpy/__init__.py", str(sys.modules["numpy"].__file__), "DATA")
    assert [said.partition(" ")[0] for said in owners.unknown] == ["stray.so"]
    assert [each.part.name for each in owners.found.values()] == ["numpy"]


def test_qt_and_what_else_comes_inside_a_package_has_a_name_of_its_own():
    owners = licences.Owners(RULES)
    for place in (
        "PySide6/Qt/lib/libQt6Core.so.6",
        "PySide6/Qt/lib/libavcodec.so.61",
        "PySide6/Qt/lib/libicudata.so.73",
        "cnnstudio/resources/web/runtime/ort.wasm.min.js",
    ):
        owners.take(place, "/nowhere", "BINARY")
    assert {each.part.name: each.part.licence for each in owners.found.values()} == {
        "Qt": "LGPL-3.0-only", "FFmpeg": "LGPL-2.1-or-later", "ICU": "Unicode-3.0", "ONNX Runtime Web": "MIT",
    }  # fmt: skip
    qt = next(each.part for each in owners.found.values() if each.part.name == "Qt")
    assert "replace them" in qt.note
    web = next(each.part for each in owners.found.values() if each.part.name == "ONNX Runtime Web")
    runtime = PACKAGING.parent / "resources" / "web" / "runtime" / "README.md"
    assert f"`onnxruntime-web` {web.version} " in runtime.read_text(encoding="utf-8")
    text = licences.with_texts(qt).text
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert "GNU GENERAL PUBLIC LICENSE" in text


def test_every_text_that_is_named_is_there():
    texts = {rule["text"] for rule in (*RULES.inside, *RULES.libraries) if "text" in rule}
    for name in texts | {f"licence_texts/{name}" for name in licences._TEXT_OF.values()}:  # noqa: SLF001
        assert (PACKAGING / name).stat().st_size > 100
    for licence in [*RULES.debian.values(), *RULES.called.values(), *(rule["licence"] for rule in RULES.inside)]:
        assert RULES.accepts(licence), licence


def test_the_window_reads_the_list_of_a_bundle_else_the_installed_packages(monkeypatch, tmp_path):
    listed = run_inline(specs.ReadLicences())
    assert not listed.bundled
    names = {part.name.lower() for part in listed.parts}
    assert {"torch", "pillow", "cnnstudio", "onnx"} <= names
    assert "pytest" not in names, "no extra"
    assert all(part.text for part in listed.parts if part.name in {"numpy", "torch", "pillow"})
    file = tmp_path / "licences" / "licences.json"
    file.parent.mkdir()
    codec.save_json(file, Licences(parts=(PART,), bundled=True))
    monkeypatch.setattr("cnnstudio.jobs.licensing.paths.resource", lambda *parts: tmp_path.joinpath(*parts))
    assert run_inline(specs.ReadLicences()) == Licences(parts=(PART,), bundled=True)
    assert "a 1: MIT" in run_inline(specs.ReadLicences()).text

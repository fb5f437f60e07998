import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from cnnstudio.core import NetworkError, resource
from cnnstudio.export.web import page as page_module
from cnnstudio.export.web.facts import certificate_facts, facts_of, known_bytes
from cnnstudio.export.web.page import (
    computing_script,
    page_script,
    parts_of,
    put_certificate,
    runtime_version,
    write_page,
)
from cnnstudio.ui.look.colours import DARK, LIGHT, MARK, TEXT, contrast
from tests.certificates import certificate as certificate_of
from tests.export.pages import EVIL, Elements, outer_addresses, tiny_card, tiny_model, tiny_page, tiny_refusal

RUNTIME = resource("web", "runtime")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return tiny_page(tmp_path_factory.mktemp("page"), ["red", "green", "blue"])


def test_the_runtime_is_the_one_that_its_readme_names():
    rows = re.findall(r"^\| (\S+) \| (\d+) \| (\w{64}) \| (\w{64}) \|$", (RUNTIME / "README.md").read_text(), re.M)
    assert {name for name, *_ in rows} == {file.name for file in RUNTIME.iterdir()} - {"README.md"}
    for name, size, stored, unpacked in rows:
        content = (RUNTIME / name).read_bytes()
        inside = gzip.decompress(content) if name.endswith(".gz") else content
        assert (len(content), hashlib.sha256(content).hexdigest()) == (int(size), stored), name
        assert hashlib.sha256(inside).hexdigest() == unpacked, name
    assert (RUNTIME / "ort.wasm.min.js").read_text().startswith(f"/*!\n * ONNX Runtime Web v{runtime_version()}\n")
    assert "MIT License" in (RUNTIME / "LICENSE").read_text()


def test_the_runtimes_scripts_become_one_that_is_no_module():
    text = computing_script()
    assert "import.meta" not in text
    assert "export default" not in text
    assert text.count("self.ortLoader") == 2
    worker = resource("web", "worker.js").read_text()
    assert not re.findall(r"createObjectURL|\bimport\(|importScripts|new Blob", worker), "WebKit lets no worker do so"


def test_a_page_loads_nothing_from_elsewhere_and_may_send_nothing(page):
    assert not outer_addresses(page)
    text = page.read_text(encoding="utf-8")
    rules = dict(rule.split(" ", 1) for rule in Elements(text).policy.split("; "))
    assert rules["default-src"] == rules["connect-src"] == rules["form-action"] == rules["base-uri"] == "'none'"
    digest = base64.b64encode(hashlib.sha256(page_script().encode()).digest()).decode()
    assert rules["script-src"] == f"'sha256-{digest}' 'wasm-unsafe-eval' blob:"
    assert f"<script>{page_script()}</script>" in text
    assert "unsafe-inline" not in Elements(text).policy
    assert text.index("Content-Security-Policy") < text.index("<title>") < text.index("<script")


def test_names_that_are_markup_stay_text(tmp_path):
    plain = tiny_page(tmp_path / "plain", ["red", "green"])
    evil = tiny_page(
        tmp_path / "evil",
        [EVIL, "green"],
        title=EVIL,
        licence=EVIL,
        weights_origin=EVIL,
        image_rules=EVIL,
        created=EVIL,
    )
    text = evil.read_text(encoding="utf-8")
    ours, theirs = (Elements(path.read_text(encoding="utf-8")) for path in (plain, evil))
    assert theirs.tags == ours.tags
    assert [name for name, _ in theirs.attributes] == [name for name, _ in ours.attributes]
    facts = json.loads(re.search(r'id="facts">(.*?)</script>', text)[1])
    assert facts["classes"][0].startswith("</script><img src=x")


def test_its_colours_are_the_apps():
    """Their contrasts are tested there."""
    light, dark = resource("web", "page.css").read_text().split("@media (prefers-color-scheme: dark)")
    for text, theme in ((light, LIGHT), (dark[: dark.index("@media")] if "@media" in dark else dark, DARK)):
        told = dict(re.findall(r"--([\w-]+): (#\w+);", text))
        for name, field in _COLOURS.items():
            assert _six(told[name]) == getattr(theme, field), name
        grounds = (told[name] for name in ("warn-soft", "bad-soft"))
        for colour, ground in zip((theme.warn, theme.bad), grounds, strict=True):
            assert contrast(colour, ground) >= TEXT
            assert contrast(theme.text, ground) >= TEXT
        assert contrast(_six(told["bar"]), theme.surface_alt) >= MARK


_COLOURS = {
    "window": "window", "surface": "surface", "alt": "surface_alt", "border": "border", "outline": "outline",
    "text": "text", "muted": "muted", "accent": "accent", "hover": "accent_hover", "on-accent": "accent_text",
    "soft": "accent_soft", "good": "good", "warn": "warn", "bad": "bad",
}  # fmt: skip


def _six(colour):
    return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])


def test_scripts_of_the_page_make_no_markup():
    text = page_script() + resource("web", "worker.js").read_text()
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|fetch\(", text)


def test_the_parts_of_a_page_are_found_again(page):
    assert parts_of(page.parent) == {"model": tiny_model(3)}


def test_a_large_network_lies_beside_the_page(tmp_path, monkeypatch):
    monkeypatch.setattr(page_module, "PAGE_LIMIT", 1000)
    monkeypatch.setattr(page_module, "_PIECE", 100)
    facts, model = facts_of("Colours", tiny_card(["red", "green"])), tiny_model(2)
    files = write_page(tmp_path, "page", facts, {"model": model, "known": b"known"})
    assert [file.name for file in files] == ["index.html", "model.js"]
    assert outer_addresses(files[0]) == ["model.js"]
    assert parts_of(tmp_path) == {"model": model, "known": b"known"}


def test_a_network_that_no_browser_opens_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(page_module, "MOST_BYTES", 10)
    with pytest.raises(NetworkError, match="too large for a web page"):
        write_page(tmp_path, "page", facts_of("Colours", tiny_card(["red", "green"])), {"model": tiny_model(2)})
    assert not list(tmp_path.iterdir())


def test_a_page_tells_what_was_compared_and_nothing_that_computes_changes(page, tmp_path):
    before = page.read_text(encoding="utf-8")
    copy = tmp_path / page.name
    copy.write_text(before, encoding="utf-8")
    certificate = replace(certificate_of(), notes=(f"A note. {EVIL}",))
    put_certificate(tmp_path, certificate_facts(certificate))
    after = copy.read_text(encoding="utf-8")
    told = json.loads(re.search(r'id="facts">(.*?)</script>', after)[1])["certificate"]
    assert "341 validation pictures" in told["sentences"][0]
    assert told["sentences"][1:] == list(certificate.notes)
    assert ["Same first answer", "341 of 341"] in told["rows"]
    assert ["This page in", "torch 2.14.1"] in told["rows"]
    assert certificate.checked.worst not in after, "names of pictures stay at home"
    without = re.compile(r'id="facts">.*?</script>')
    assert without.sub("", after) == without.sub("", before)
    assert Elements(after).tags == Elements(before).tags


def test_scores_name_their_split_and_their_pictures():
    scores = {
        "train": {"accuracy": 1.0, "images": 100},
        "validation": {
            "accuracy": 0.8,
            "images": 50,
            "interval": [0.67, 0.89],
            "origin": "finished",
            "chosen_among": 9,
        },
        "test": {"accuracy": 0.9, "images": 40, "interval": [0.77, 0.96], "origin": "finished"},
    }
    facts = facts_of("Colours", tiny_card(["red", "green"], scores=scores))
    assert facts.scores == (
        "36 of 40 test pictures correct (90.0 %), between 77.0 % and 96.0 % on new pictures.",
        "40 of 50 validation pictures correct (80.0 %), between 67.0 % and 89.0 % on new pictures. These pictures "
        "chose the best of 9 epochs, so expect slightly less.",
    )
    assert facts_of("Colours", tiny_card(["red", "green"], scores={})).scores == (
        "How good it is was not measured, or not kept.",
    )


def test_what_it_is_compared_with_goes_along_whole():
    refusal = tiny_refusal()
    facts, content = facts_of("Colours", tiny_card(["red", "green"]), refusal), known_bytes(refusal)
    about = facts.refusal
    count = int(about["pictures"] * about["size"])
    assert np.array_equal(np.frombuffer(content, "<f2", count), refusal.features.ravel())
    ranks = np.frombuffer(content, "<f4", offset=2 * count)
    assert np.array_equal(ranks, np.concatenate([refusal.near, refusal.clear]))
    assert "5 % are doubted" in facts.doubt[0]

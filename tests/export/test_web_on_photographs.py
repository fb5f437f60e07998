"""The whole way: trained on photographs, exported, proven by the product, opened with the network off and a camera."""

import json
import re
import shutil

import numpy as np
import pytest

from cnnstudio.core import Watch
from cnnstudio.data import SPLITS
from cnnstudio.export.package import export_model
from cnnstudio.export.proving import Picture
from cnnstudio.export.web.page import parts_of
from cnnstudio.inference.session import open_model, predict_probabilities, read_pixels
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.specs import FineTune
from cnnstudio.networks import ModelRef
from cnnstudio.training.recipe import Recipe
from tests.export.pages import CHROMIUM
from tests.export.test_web_in_browser import CAMERA, Opened

pytestmark = [
    pytest.mark.slow,
    pytest.mark.child,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: apt install chromium"),
]
_PER_CLASS = {"train": 24, "validation": 8, "test": 4}
_RUNTIME, _BASE64 = 5_200_000, 1.34


@pytest.fixture
def photographs(shared_data, tmp_path):
    """A few of each class."""
    for split in SPLITS:
        for folder in sorted((shared_data / "data" / "clothing" / split).iterdir()):
            place = tmp_path / "clothing" / split / folder.name
            place.mkdir(parents=True)
            for file in sorted(folder.glob("*.jpg"))[: _PER_CLASS[split]]:
                shutil.copyfile(file, place / file.name)
    return tmp_path / "clothing"


def test_31_photographs_get_the_same_answers_in_the_browser(photographs, shared_data, tmp_path):
    from playwright.sync_api import sync_playwright

    weights = shared_data / "weights" / "squeezenet1_0-imagenet.pth"
    recipe = Recipe(dataset=str(photographs), network="squeezenet1_0", weights=str(weights))
    run = run_inline(FineTune(recipe=recipe, out=tmp_path / "run"))
    session = open_model(ModelRef(source=str(run.folder / "bundle")))
    files = sorted((photographs / "test").rglob("*.jpg"))[:31]
    assert len(files) == 31
    report = export_model(session, "web", tmp_path / "out", list(map(Picture, files)), Watch())
    assert (report.certificate.verdict, report.images_checked) == ("pass", 31)
    assert report.certificate.checked.engine == "Chromium"
    assert report.certificate.checked.top1_same == 31
    page = report.path / "clothing.html"
    told = page.read_text(encoding="utf-8")
    certificate = json.loads(re.search(r'id="facts">(.*?)</script>', told)[1])["certificate"]
    sentences = certificate["sentences"]
    assert ["Same first answer", "31 of 31"] in certificate["rows"]
    assert sentences[-1].startswith("The page itself was asked, opened in Chromium")
    assert sentences[-1] in (report.path / "README.txt").read_text(encoding="utf-8")
    carried = parts_of(report.path)
    size = sum(len(part) for part in carried.values())
    assert page.stat().st_size <= _BASE64 * size + _RUNTIME
    assert len(carried["model"]) < 0.6 * (run.folder / "bundle" / "weights.safetensors").stat().st_size
    ours = np.concatenate([predict_probabilities(session, read_pixels(session, file)[None]) for file in files])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CAMERA))
        opened = Opened(browser.new_context(offline=True).new_page(), page).ready()
        found = opened.open(*files)
        theirs = np.array([each["probabilities"] for each in found])
        assert (theirs.argmax(1) == ours.argmax(1)).sum() == 31
        assert np.abs(theirs - ours).max() <= 1e-2
        opened.page.click("#camera")
        opened.page.wait_for_selector("#live:not([hidden])")
        opened.page.wait_for_selector("text=640 × 480 pixels, answered in")
        opened.assert_alone()
        browser.close()

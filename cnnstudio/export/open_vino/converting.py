"""From ONNX files to OpenVINO's own, in the child process that wrote them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from cnnstudio.compute.engines import quiet_openvino
from cnnstudio.export.onnx.writing import CROPS_FILE, MODEL_FILE, WEIGHTS_FILE
from cnnstudio.export.open_vino.quantising import SECTION, quantised
from cnnstudio.networks import BundleCard

IR_FILE, IR_CROPS = "model.xml", "model-crops.xml"
_FEWEST = 1024
"""Values. OpenVINO would halve smaller constants as well, means and biases among them: answers differed six times as
much for one part in a thousand of the size."""
_MOST = float(np.finfo(np.float16).max)


def converted(folder: Path, *, half: bool) -> None:
    """Put OpenVINO's files in the place of the ONNX files in a folder, with weights of 16 bits where ``half``."""
    openvino = quiet_openvino()
    for source, target in ((MODEL_FILE, IR_FILE), (CROPS_FILE, IR_CROPS)):
        if not (folder / source).is_file():
            continue
        model = openvino.convert_model(folder / source)
        for key, text in _metadata(folder / source).items():
            model.set_rt_info(text, [SECTION, key])
        if half:
            halved(model)
        openvino.save_model(model, folder / target, compress_to_fp16=False)
        del model
    for name in (MODEL_FILE, CROPS_FILE, WEIGHTS_FILE):
        (folder / name).unlink(missing_ok=True)


def converted_to_8_bits(folder: Path, card: BundleCard, pictures: Sequence[str], *, careful: bool) -> None:
    """As ``converted``, with a network of 8 bits; ``folder`` has ``CROPS_FILE``."""
    openvino = quiet_openvino()
    said = _metadata(folder / MODEL_FILE)
    model = quantised(openvino.convert_model(folder / CROPS_FILE), card, pictures, careful=careful)
    for key, text in said.items():
        model.set_rt_info(text, [SECTION, key])
    openvino.save_model(model, folder / IR_FILE, compress_to_fp16=False)
    for name in (MODEL_FILE, CROPS_FILE, WEIGHTS_FILE):
        (folder / name).unlink(missing_ok=True)


def said_of(folder: Path, key: str) -> str:
    """What the file says of itself under a key; empty where it says nothing."""
    found = ElementTree.parse(folder / IR_FILE).getroot().find(f"rt_info/{SECTION}/{key}")
    return "" if found is None else found.get("value", "")


def halved(model: Any) -> int:
    """Store large float32 constants as float16, each with a conversion behind it; returns how many."""
    from openvino import opset13

    count = 0
    for node in [each for each in model.get_ops() if each.get_type_name() == "Constant"]:
        if str(node.get_element_type()) != "<Type: 'float32'>" or node.get_byte_size() < 4 * _FEWEST:
            continue
        if not np.abs(node.data).max() <= _MOST:
            continue
        stored = opset13.convert(opset13.constant(node.data.astype(np.float16)), "f32")
        for target in node.output(0).get_target_inputs():
            target.replace_source_output(stored.output(0))
        count += 1
    return count


def _metadata(path: Path) -> dict[str, str]:
    import onnx

    said = onnx.load(path, load_external_data=False).metadata_props
    return {each.key: each.value for each in said}


def is_half(folder: Path) -> bool:
    """Whether weights are stored in 16 bits."""
    return 'element_type="f16"' in (folder / IR_FILE).read_text(encoding="utf-8")

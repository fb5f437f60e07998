"""What lies beside OpenVINO's files: a script in Python, and C++ to be copied."""

from pathlib import Path

from cnnstudio.core import counted, printable, write_text_atomically
from cnnstudio.export.companions import (
    LABELS_FILE,
    NOTE_FILE,
    PREPROCESSING_FILE,
    READING_FILES,
    SCRIPT_FILE,
    plain_companions,
    provenance,
)
from cnnstudio.export.onnx.companions import JUDGED_NOTE, Opening, python_script, write_judging
from cnnstudio.export.onnx.writing import FEATURES, PROBABILITIES
from cnnstudio.export.open_vino.converting import IR_CROPS, IR_FILE
from cnnstudio.networks import BundleCard, network_title
from cnnstudio.networks.refusal import Refusal

_PRECISION = "INFERENCE_PRECISION_HINT"
IN_OPENVINO = Opening(
    imports=(
        "import sys",
        "",
        "import numpy as np",
        "",
        'sys.modules["openvino_telemetry"] = None  # or OpenVINO would tell its makers of each start',
        "import openvino",
    ),
    lines=(
        f'options = {{"{_PRECISION}": "f32", "INFERENCE_NUM_THREADS": THREADS}}',
        f'network = openvino.Core().compile_model(here / "{IR_FILE}", "CPU", options)',
    ),
    ask=(
        "    answers = network([picture])",
        f'    return answers["{PROBABILITIES}"].copy(), answers["{FEATURES}"].copy()',
    ),
)
_PLUS = f"""C++. rgb is a std::vector<uint8_t> of height × width × 3 bytes, row by row:

  #include <openvino/openvino.hpp>
  #include <algorithm>
  #include <iostream>

  ov::Core core;
  auto network = core.compile_model("{IR_FILE}", "CPU", ov::hint::inference_precision(ov::element::f32));  // once
  auto request = network.create_infer_request();

  request.set_input_tensor(ov::Tensor(ov::element::u8, {{1, size_t(height), size_t(width), 3}}, rgb.data()));
  request.infer();
  ov::Tensor answers = request.get_tensor("{PROBABILITIES}");
  const float* first = answers.data<float>();
  size_t best = std::max_element(first, first + answers.get_size()) - first;  // the line of {LABELS_FILE}, from 0
  std::cout << first[best] << "  " << best << std::endl;"""


def write_companions(folder: Path, card: BundleCard, refusal: Refusal | None) -> str:
    """Write them beside the files in ``folder``; returns the script."""
    script = python_script(card, IN_OPENVINO, judges=refusal is not None)
    note = _note(card, crops=(folder / IR_CROPS).is_file(), judges=refusal is not None)
    if refusal is not None:
        write_judging(folder, refusal)
    for name, text in {**plain_companions(card), SCRIPT_FILE: script, NOTE_FILE: note}.items():
        write_text_atomically(folder / name, printable(text))
    return script


def _note(card: BundleCard, *, crops: bool, judges: bool) -> str:
    side, classes = card.preprocess.crop, len(card.classes)
    lines = [
        f"{network_title(card.network)}, trained with CNN Studio to tell {counted(classes, 'class', 'classes')} apart.",
        "",
        f"{IR_FILE}, {_beside(IR_FILE)}: the network for OpenVINO, with everything that happens to a picture before "
        "it. It gets whole pictures:",
        "  pictures       bytes, number × height × width × 3, of any size: red, green and blue from 0 to 255, upright,",
        "                 transparency on white",
        f"  {PROBABILITIES}  32-bit floating point, number × {classes}, in the order of {LABELS_FILE}",
        f"  {FEATURES}       32-bit floating point, what the last layer gets; alike pictures have similar ones",
        f"It has to be opened with {_PRECISION} f32, as below: newer processors would compute in bfloat16 otherwise, "
        "which is too coarse for resizing pictures.",
    ]
    if crops:
        lines += [
            f"{IR_CROPS}, {_beside(IR_CROPS)}: the same for pictures that are {side} × {side} already: pixels, number "
            f"× {side} × {side} × 3. It may compute in bfloat16, which is faster; its answers differ a little more."
        ]
    lines += [
        f"{PREPROCESSING_FILE}: what happens to pictures, for your information.",
        f"{SCRIPT_FILE}: predicts pictures: python {SCRIPT_FILE} PICTURE PICTURE",
        "  It needs: pip install openvino numpy pillow (and pillow-heif for HEIC pictures only).",
        "  --flip averages over the mirror images, too. Where an odd number of columns is cut off, the mirror image is "
        "seen one pixel beside the place where CNN Studio sees it.",
        f"{', '.join(READING_FILES)}: how it reads pictures, as CNN Studio does.",
        *([JUDGED_NOTE] if judges else []),
    ]
    return "\n".join([*lines, "", *provenance(card), "", _PLUS]) + "\n"


def _beside(name: str) -> str:
    return f"{Path(name).stem}.bin"

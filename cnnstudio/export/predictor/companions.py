"""What lies beside the network of a predictor folder: its script, its three packages, and a note."""

from importlib.metadata import version
from pathlib import Path

from cnnstudio import data
from cnnstudio.core import counted, printable, write_text_atomically
from cnnstudio.export.companions import (
    JUDGE_FILE,
    LABELS_FILE,
    NOTE_FILE,
    PREPROCESSING_FILE,
    READING_FILES,
    SCRIPT_FILE,
    plain_companions,
    provenance,
)  # fmt: skip
from cnnstudio.export.onnx.companions import REFUSAL_FILE, write_judging
from cnnstudio.networks import BundleCard, network_title
from cnnstudio.networks.refusal import Refusal

REQUIREMENTS_FILE = "requirements.txt"
PACKAGES = ("onnxruntime", "numpy", "pillow")
_OLDEST_PYTHON = "3.11"


def script() -> str:
    """The text of ``predict.py``, as it lies in a folder."""
    text = (Path(__file__).with_name(SCRIPT_FILE)).read_text(encoding="utf-8")
    return text.replace(f"from {data.__name__}.", "from ")


def write_companions(folder: Path, card: BundleCard, models: list[str], refusal: Refusal | None) -> str:
    """Write them beside ``models``, the names of what ``write_onnx`` wrote; returns code that asks the script."""
    pinned = "".join(f"{name}=={version(name)}\n" for name in PACKAGES)
    files = {
        **plain_companions(card),
        SCRIPT_FILE: script(),
        REQUIREMENTS_FILE: pinned,
        NOTE_FILE: _note(card, models, judges=refusal is not None),
    }
    if refusal is not None:
        write_judging(folder, refusal)
    for name, text in files.items():
        write_text_atomically(folder / name, printable(text))
    return _CODE


_CODE = """import sys

sys.path.insert(0, "FOLDER")  # where this export lies
import predict

found = predict.answer("PICTURE.jpg")
for index in predict.best(found, 5):
    print(f"{found.probabilities[index]:.4f}  {predict.labels()[index]}")
"""


def _note(card: BundleCard, models: list[str], *, judges: bool) -> str:
    classes = counted(len(card.classes), "class", "classes")
    lines = [
        f"{network_title(card.network)}, trained with CNN Studio to tell {classes} apart. It predicts without CNN "
        "Studio and without PyTorch.",
        "",
        f"Once, in this folder, with Python {_OLDEST_PYTHON} or newer:",
        "  python3 -m venv env",
        f"  env/bin/pip install -r {REQUIREMENTS_FILE}",
        f"Then: env/bin/python {SCRIPT_FILE} PICTURE PICTURE",
        f"Or a folder of pictures, to a table: env/bin/python {SCRIPT_FILE} FOLDER --csv answers.csv",
        "On Windows: py -m venv env, then env\\Scripts\\pip and env\\Scripts\\python in place of the two above.",
        "--threshold 0.8 marks answers that are less likely as unsure; --top N prints so many classes.",
        "",
        f"{SCRIPT_FILE}: the script. {', '.join(models)}: the network, with everything that happens to a picture.",
        f"{LABELS_FILE}: the classes, in the order of the network's outputs.",
        f"{PREPROCESSING_FILE}: what happens to pictures, for your information.",
        f"{', '.join(READING_FILES)}: how it reads pictures, as CNN Studio does; pillow-heif is needed for HEIC.",
        f"{REQUIREMENTS_FILE}: the three packages it needs, in the versions it was checked with.",
    ]
    if judges:
        lines += [
            f"{JUDGE_FILE}, {REFUSAL_FILE}: tell pictures that should not be answered, since they are unlike all it "
            "was shown, or lie between two classes. A new kind of thing often looks like a known one, and then is not "
            "noticed.",
        ]
    return "\n".join([*lines, "", *provenance(card)]) + "\n"

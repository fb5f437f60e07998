"""What lies beside an ONNX file: code that asks it, in Python as a script and in C# and C++ to be copied."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnstudio.core import atomic, counted, printable, write_text_atomically
from cnnstudio.export.companions import (
    JUDGE_FILE,
    LABELS_FILE,
    NOTE_FILE,
    PREPROCESSING_FILE,
    READING_FILES,
    SCRIPT_FILE,
    plain_companions,
    provenance,
)
from cnnstudio.export.onnx.writing import CROPS_FILE, FEATURES, MODEL_FILE, PROBABILITIES, WEIGHTS_FILE
from cnnstudio.networks import BundleCard, network_title
from cnnstudio.networks.refusal import GEN_POWER, NEIGHBOURS, Refusal

REFUSAL_FILE = "refusal.npz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How Python opens a network's file and asks it."""

    imports: tuple[str, ...]
    lines: tuple[str, ...]
    """With ``here``, the folder, and ``THREADS``."""
    ask: tuple[str, ...]
    """The body of a function of ``picture`` that returns probabilities and features."""


_IN_ONNXRUNTIME = Opening(
    imports=("import numpy as np", "import onnxruntime"),
    lines=(
        "onnxruntime.disable_telemetry_events()  # which it has on Windows",
        "options = onnxruntime.SessionOptions()",
        "options.intra_op_num_threads = THREADS",
        f'session = onnxruntime.InferenceSession(here / "{MODEL_FILE}", options, providers=["CPUExecutionProvider"])',
        "name = session.get_inputs()[0].name",
    ),
    ask=(f'    return session.run(["{PROBABILITIES}", "{FEATURES}"], {{name: picture}})',),
)


def write_companions(folder: Path, card: BundleCard, models: list[str], refusal: Refusal | None) -> str:
    """Write them beside ``models``, the names of what ``write_onnx`` wrote; returns the script."""
    script = python_script(card, _IN_ONNXRUNTIME, judges=refusal is not None)
    files = {**plain_companions(card), SCRIPT_FILE: script, NOTE_FILE: _note(card, models, judges=refusal is not None)}
    if refusal is not None:
        write_judging(folder, refusal)
    for name, text in files.items():
        write_text_atomically(folder / name, printable(text))
    return script


def write_judging(folder: Path, refusal: Refusal) -> None:
    """Write what it takes to judge pictures by what the file gives."""
    arrays = {name: array for name, array in refusal.arrays.items() if name != "places"}
    atomic.write_atomically(folder / REFUSAL_FILE, lambda file: np.savez_compressed(file, allow_pickle=False, **arrays))
    write_text_atomically(folder / JUDGE_FILE, _judging())


def python_script(card: BundleCard, opening: Opening, *, judges: bool) -> str:
    """A script that predicts pictures with NumPy, Pillow and what ``opening`` names."""
    levels = card.preprocess.levels
    judged = (
        "    found = verdict(features, answer(path)[0] if flip else probabilities)",
        '    print(f"verdict: {found}")  # answer; unlike all it was shown; between two classes',
    )
    lines = [
        "import argparse",
        "import os",
        "from pathlib import Path",
        "",
        *opening.imports,
        "",
        "from decoding import Levels, as_rgb, open_picture",
        *([f"from {JUDGE_FILE.removesuffix('.py')} import verdict"] if judges else []),
        "",
        "THREADS = os.cpu_count() or 1",
        "here = Path(__file__).parent",
        f'labels = (here / "{LABELS_FILE}").read_text(encoding="utf-8").splitlines()',
        *opening.lines,
        "",
        "",
        "def prepare(path):",
        '    """1 × height × width × 3 bytes: the whole picture, upright, on white where transparent."""',
        "    with open_picture(path) as picture:",
        f"        return np.asarray(as_rgb(picture, Levels(whole={levels.whole}, real={levels.real})))[None]",
        "",
        "",
        "def ask(picture):",
        *opening.ask,
        "",
        "",
        "def answer(path, flip=False):",
        '    """The probability of each class, and the features of the picture."""',
        "    picture = prepare(path)",
        "    probabilities, features = ask(picture)",
        "    if flip:  # and its mirror image",
        "        probabilities = (probabilities + ask(np.ascontiguousarray(picture[:, :, ::-1]))[0]) / 2",
        "    return probabilities[0], features[0]",
        "",
        "",
        "def main(path, flip=False):",
        "    probabilities, features = answer(path, flip)",
        '    for index in np.argsort(-probabilities, kind="stable")[:5]:',
        '        print(f"{probabilities[index]:.6f}  {labels[index]}")',
        *(judged if judges else ()),
        "",
        "",
        'if __name__ == "__main__":',
        "    parser = argparse.ArgumentParser()",
        '    parser.add_argument("pictures", nargs="+")',
        '    parser.add_argument("--flip", action="store_true", help="average over the mirror images, too")',
        "    chosen = parser.parse_args()",
        "    for path in chosen.pictures:",
        "        if len(chosen.pictures) > 1:",
        "            print(path)",
        "        main(path, chosen.flip)",
    ]
    return "\n".join(lines) + "\n"


def _judging() -> str:
    """Python that decides as ``networks.refusal`` does, from what the file gives."""
    lines = [
        "from pathlib import Path",
        "",
        "import numpy as np",
        "",
        f'known = dict(np.load(Path(__file__).parent / "{REFUSAL_FILE}", allow_pickle=False))',
        "",
        "",
        "def verdict(features, probabilities):",
        "    features = features / max(np.linalg.norm(features), 1e-12)",
        '    alike = known["features"].astype(np.float32) @ features',
        f"    near = np.sort(alike)[-min({NEIGHBOURS}, len(alike))]",
        "    shares = probabilities.astype(np.float64)",
        "    # What the other classes have: one minus a probability near to one would be rounded away.",
        "    others = np.where(shares < 0.5, 1 - shares, shares.sum() - shares)",
        "    top = shares.argmax()",
        "    others[top] = np.delete(shares, top).sum()",
        f"    clear = np.float32(-(shares**{GEN_POWER} * others**{GEN_POWER}).sum())",
        '    ranks = [(known[name] < value).mean() for name, value in (("near", near), ("clear", clear))]',
        '    if min(ranks) >= known["threshold"][0]:',
        '        return "answer"',
        '    return "unlike" if ranks[0] <= ranks[1] else "between"',
    ]
    return "\n".join(lines) + "\n"


def _note(card: BundleCard, models: list[str], *, judges: bool) -> str:
    side, classes = card.preprocess.crop, len(card.classes)
    lines = [
        f"{network_title(card.network)}, trained with CNN Studio to tell {counted(classes, 'class', 'classes')} apart.",
        "",
        f"{MODEL_FILE}: the network, with everything that happens to a picture before it. It gets whole pictures:",
        "  pictures       bytes, number × height × width × 3, of any size: red, green and blue from 0 to 255, upright,",
        "                 transparency on white",
        f"  {PROBABILITIES}  32-bit floating point, number × {classes}, in the order of {LABELS_FILE}",
        f"  {FEATURES}       32-bit floating point, what the last layer gets; alike pictures have similar ones",
        "Labels, preprocessing and scores are in its metadata as well.",
    ]
    if WEIGHTS_FILE in models:
        lines += [f"{WEIGHTS_FILE}: its weights, which are too large for one file; keep them beside it."]
    if CROPS_FILE in models:
        lines += [
            f"{CROPS_FILE}: the same for pictures that are {side} × {side} already: pixels, number × {side} × {side} × "
            "3; for films, and for many pictures of different sizes at once."
        ]
    lines += [
        f"{PREPROCESSING_FILE}: what happens to pictures, for your information.",
        f"{SCRIPT_FILE}: predicts pictures: python {SCRIPT_FILE} PICTURE PICTURE",
        "  It needs: pip install onnxruntime numpy pillow (and pillow-heif for HEIC pictures only).",
        "  --flip averages over the mirror images, too. Where an odd number of columns is cut off, the mirror image is "
        "seen one pixel beside the place where CNN Studio sees it.",
        f"{', '.join(READING_FILES)}: how it reads pictures, as CNN Studio does.",
    ]
    lines += [JUDGED_NOTE] if judges else []
    return "\n".join([*lines, "", *provenance(card), "", _SHARP, "", _PLUS]) + "\n"


JUDGED_NOTE = (
    f"{JUDGE_FILE}, {REFUSAL_FILE}: tell pictures that should not be answered, since they are unlike all it was shown, "
    "or lie between two classes. A new kind of thing often looks like a known one, and then is not noticed."
)
_SHARP = f"""C# (package Microsoft.ML.OnnxRuntime). rgb holds height × width × 3 bytes, row by row:

  using System.Linq;
  using Microsoft.ML.OnnxRuntime;
  using Microsoft.ML.OnnxRuntime.Tensors;

  using var session = new InferenceSession("{MODEL_FILE}");  // once
  string[] labels = System.IO.File.ReadAllLines("{LABELS_FILE}");

  var picture = new DenseTensor<byte>(rgb, new[] {{ 1, height, width, 3 }});
  using var answers = session.Run(
      new[] {{ NamedOnnxValue.CreateFromTensor("pictures", picture) }}, new[] {{ "{PROBABILITIES}" }});
  float[] probabilities = answers.First().AsEnumerable<float>().ToArray();
  int best = System.Array.IndexOf(probabilities, probabilities.Max());
  System.Console.WriteLine($"{{probabilities[best]:F6}}  {{labels[best]}}");"""
_PLUS = f"""C++ (onnxruntime 1.20 or newer). rgb is a std::vector<uint8_t> of height × width × 3 bytes, row by row:

  #include <onnxruntime_cxx_api.h>
  #include <algorithm>
  #include <array>
  #include <cstdint>
  #include <iostream>
  #include <vector>

  Ort::Env env;
  Ort::Session session(env, ORT_TSTR("{MODEL_FILE}"), Ort::SessionOptions{{}});  // once

  std::array<int64_t, 4> shape{{1, height, width, 3}};
  auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  auto picture = Ort::Value::CreateTensor<uint8_t>(memory, rgb.data(), rgb.size(), shape.data(), shape.size());
  const char* in[] = {{"pictures"}};
  const char* out[] = {{"{PROBABILITIES}"}};
  auto answers = session.Run(Ort::RunOptions{{}}, in, &picture, 1, out, 1);
  const float* first = answers[0].GetTensorData<float>();
  size_t classes = answers[0].GetTensorTypeAndShapeInfo().GetElementCount();
  size_t best = std::max_element(first, first + classes) - first;  // the line of {LABELS_FILE}, from 0
  std::cout << first[best] << "  " << best << std::endl;"""

"""What lies beside the weights: labels, preprocessing, a note for the receiver, and code that loads them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnstudio import data
from cnnstudio.core import codec, counted, one_spelling, printable, write_text_atomically
from cnnstudio.networks import BundleCard, family_of, network_title
from cnnstudio.networks.definitions import call_of, is_defined_here, source_of
from cnnstudio.networks.refusal import GEN_POWER, NEIGHBOURS

LABELS_FILE = "labels.txt"
PREPROCESSING_FILE = "preprocessing.json"
SCRIPT_FILE = "predict.py"
NETWORK_FILE = "network.py"
NOTE_FILE = "README.txt"
JUDGE_FILE = "judging.py"
READING_FILES = ("decoding.py", "heif.py", "tiff_bands.py")
"""How pictures are read, in this package's own words: its modules of these names."""
COMPANION_FILES = (LABELS_FILE, PREPROCESSING_FILE, SCRIPT_FILE, NETWORK_FILE, NOTE_FILE, JUDGE_FILE, *READING_FILES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What the script of an export needs to judge pictures."""

    file: str
    """Name of the file that ``Format.write_refusal`` wrote."""
    layer: str
    """Dotted name of the network's last layer, which gets the features."""


def write_companions(folder: Path, card: BundleCard, weights: str, judging: Judging | None = None) -> list[Path]:
    """Write the companions of ``weights`` (a file name) into ``folder``; returns their paths."""
    files = {
        **plain_companions(card),
        SCRIPT_FILE: snippet(card, weights, judging),
        NOTE_FILE: _note(card, weights, judging),
    }
    if is_defined_here(card.network):
        files[NETWORK_FILE] = source_of(card.network, card.preprocess, len(card.classes))
    if judging is not None:
        files[JUDGE_FILE] = judging_text(judging.file)
    for name, text in files.items():
        write_text_atomically(folder / name, printable(text))
    return [folder / name for name in files]


def snippet(card: BundleCard, weights: str, judging: Judging | None = None) -> str:
    """Python that predicts pictures with torch and torchvision (and safetensors for a bundle) only.

    How pictures are read is in files beside it, and so is what defines a network that torchvision lacks.
    """
    spec, levels = card.preprocess, card.preprocess.levels
    ours, version = is_defined_here(card.network), family_of(card.network).state_version
    lines = [
        "import argparse",
        "from pathlib import Path",
        "",
        "import torch",
        f"from torchvision import {'transforms' if ours else 'models, transforms'}",
    ]
    load = f'torch.load(here / "{weights}", weights_only=True)'
    if weights.endswith(".safetensors"):
        lines.append("from safetensors.torch import load_file")
        load = f'load_file(here / "{weights}")'
        if version:  # torchvision wants to see the one that torch.save would have added
            lines.insert(0, "from collections import OrderedDict")
            load = "weights"
    lines += ["", "from decoding import Levels, as_rgb, open_picture"]
    if ours:
        lines.append(f"import {NETWORK_FILE.removesuffix('.py')} as definition")
    if judging is not None:
        lines.append(f"from {JUDGE_FILE.removesuffix('.py')} import verdict")
    lines += [
        "",
        "here = Path(__file__).parent",
        f'labels = (here / "{LABELS_FILE}").read_text(encoding="utf-8").splitlines()',
        f"network = {_build(card)}",
        *(family_of(card.network).head_lines if card.linear_head else ()),
        *(_versioned(weights, version) if load == "weights" else []),
        f"network.load_state_dict({load})",
        "network.eval()",
        *(_noting(judging) if judging is not None else ()),
        "",
        "preprocess = transforms.Compose([",
        f"    transforms.Resize({spec.resize}, transforms.InterpolationMode.{spec.interpolation.upper()}),",
        f"    transforms.CenterCrop({spec.crop}),",
        *(["    transforms.Grayscale(),"] if spec.channels == 1 else []),
        "    transforms.ToTensor(),",
        f"    transforms.Normalize({list(spec.mean)}, {list(spec.std)}),",
        "])",
        "",
        "",
        "def prepare(path):",
        "    with open_picture(path) as picture:",
        f"        image = as_rgb(picture, Levels(whole={levels.whole}, real={levels.real}))",
        "    return preprocess(image)[None]",
        "",
        "",
        "def answer(path, flip=False):",
        *(["    seen.clear()"] if judging is not None else []),
        "    batch = prepare(path)",
        "    views = [batch, batch.flip(3)] if flip else [batch]  # and its mirror image",
        "    with torch.inference_mode():",
        "        answers = [network(view) for view in views]",
        "    return sum(answer.softmax(1)[0] for answer in answers) / len(views), answers[0]",
        "",
        "",
        "def main(path, flip=False):",
        "    probabilities, outputs = answer(path, flip)",
        "    for probability, index in zip(*probabilities.topk(min(5, len(labels)))):",
        '        print(f"{probability:.6f}  {labels[index]}")',
        *(_JUDGED if judging is not None else ()),
        "",
        "",
        'if __name__ == "__main__":',
        "    parser = argparse.ArgumentParser()",
        '    parser.add_argument("pictures", nargs="+")',
        '    parser.add_argument("--flip", action="store_true", help="average over the mirror images, too")',
        "    options = parser.parse_args()",
        "    for path in options.pictures:",
        "        if len(options.pictures) > 1:",
        "            print(path)",
        "        main(path, options.flip)",
    ]
    return "\n".join(lines) + "\n"


_JUDGED = (
    '    print(f"verdict: {verdict(seen[0], outputs)}")  # answer; unlike all it was shown; between two classes',
)


def _noting(judging: Judging) -> tuple[str, ...]:
    """Code that notes the features on their way into the last layer."""
    hook = "register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))"
    return "seen = []", f'network.get_submodule("{judging.layer}").{hook}'


def judging_text(file: str) -> str:
    """Python that decides as ``networks.refusal`` does."""
    load = f'torch.load(here / "{file}", weights_only=True)'
    lines = [
        "from pathlib import Path",
        "",
        "import torch",
    ]
    if file.endswith(".safetensors"):
        lines.append("from safetensors.torch import load_file")
        load = f'load_file(here / "{file}")'
    lines += [
        "",
        "here = Path(__file__).parent",
        f"known = {load}",
        "",
        "",
        "def verdict(features, logits):",
        "    features = features.mean((2, 3)) if features.dim() == 4 else features",
        '    alike = torch.nn.functional.normalize(features) @ known["features"].float().T',
        f"    near = alike.topk(min({NEIGHBOURS}, alike.shape[1])).values[0, -1]",
        "    shares = logits.double().softmax(1)",
        f"    clear = -(shares**{GEN_POWER} * (1 - shares) ** {GEN_POWER}).sum().float()",
        '    ranks = [(known[name] < value).double().mean() for name, value in (("near", near), ("clear", clear))]',
        '    if min(ranks) >= known["threshold"]:',
        '        return "answer"',
        '    return "unlike" if ranks[0] <= ranks[1] else "between"',
    ]
    return "\n".join(lines) + "\n"


def _score_line(split: str, score: dict[str, Any]) -> str:
    line = f"Accuracy on {counted(score['images'], f'{split} picture')}: {100 * score['accuracy']:.1f} %"
    if "balanced_accuracy" in score:  # not in bundles of earlier versions
        line += f", with every class counted alike {100 * score['balanced_accuracy']:.1f} %"
    if score.get("chosen_among", 1) > 1:
        line += f"; the best of {counted(score['chosen_among'], 'epoch')} was chosen by them"
    return f"{line}."


def reading_file(name: str) -> str:
    """The text of one of READING_FILES, as it lies in an export."""
    text = (Path(data.__path__[0]) / name).read_text(encoding="utf-8")
    return text.replace(f"from {data.__name__}.", "from ")


def _judged_note(judging: Judging) -> tuple[str, ...]:
    return (
        f"{JUDGE_FILE}, {judging.file}: tell pictures that should not be answered, since they are unlike all it was "
        "shown, or lie between two classes. A new kind of thing often looks like a known one, and then is not noticed.",
    )


def _build(card: BundleCard) -> str:
    if is_defined_here(card.network):
        return f"definition.{call_of(card.network, card.preprocess)}"
    options = family_of(card.network).constructor_options(image_size=card.preprocess.crop)
    words = ["weights=None", "num_classes=len(labels)", *(f"{name}={value!r}" for name, value in options.items())]
    return f"models.{card.network}({', '.join(words)})"


def _versioned(weights: str, version: int) -> list[str]:
    given = f'weights._metadata = {{"": {{"version": {version}}}}}'
    return [f'weights = OrderedDict(load_file(here / "{weights}"))', given]


def _note(card: BundleCard, weights: str, judging: Judging | None) -> str:
    classes = counted(len(card.classes), "class", "classes")
    lines = [
        f"{network_title(card.network)}, trained with CNN Studio to tell {classes} apart.",
        "",
        f"{weights}: the weights. {LABELS_FILE}: the classes, in the order of the network's outputs.",
        f"{PREPROCESSING_FILE}: how pictures are prepared.",
        f"{SCRIPT_FILE}: predicts pictures: python {SCRIPT_FILE} PICTURE PICTURE (--flip averages over their mirror "
        "images, too)",
        f"{', '.join(READING_FILES)}: how it reads pictures, as CNN Studio does.",
        *(_judged_note(judging) if judging is not None else ()),
        "It needs torch, torchvision, safetensors for a file of that kind, and pillow-heif for HEIC pictures only.",
        "",
        *provenance(card),
    ]
    return "\n".join(lines) + "\n"


def provenance(card: BundleCard) -> list[str]:
    """Lines of a note: how pictures are read, how good it is, and where it comes from."""
    lines = [f"How pictures are read: {card.image_rules}."]
    lines += (_score_line(split, score) for split, score in card.scores.items() if split != "train")
    if card.weights_origin:
        lines.append(f"Started from {card.weights_origin}.")
    if card.licence:
        lines.append(f"Licence of those weights: {card.licence}.")
    return lines


def plain_companions(card: BundleCard) -> dict[str, str]:
    """By file name: the classes, how pictures are prepared, and the modules that read them as CNN Studio does."""
    preprocessing = {**codec.to_plain(card.preprocess), "image_rules": card.image_rules}
    return {
        LABELS_FILE: "\n".join(map(one_spelling, card.classes)) + "\n",
        PREPROCESSING_FILE: json.dumps(preprocessing, indent=2, ensure_ascii=False) + "\n",
        **{name: reading_file(name) for name in READING_FILES},
    }

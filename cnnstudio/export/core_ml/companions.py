"""What lies beside a Core ML package: labels, preprocessing, and how it is used in Swift."""

import json
from pathlib import Path

from cnnstudio.core import codec, counted, one_spelling, printable, write_text_atomically
from cnnstudio.export.companions import LABELS_FILE, NOTE_FILE, PREPROCESSING_FILE, provenance
from cnnstudio.export.core_ml.writing import PACKAGE, PICTURE, PROBABILITIES
from cnnstudio.networks import BundleCard, network_title


def write_companions(folder: Path, card: BundleCard) -> str:
    """Write them; returns the code to be copied."""
    spec, code = card.preprocess, swift(card)
    classes = counted(len(card.classes), "class", "classes")
    preprocessing = {**codec.to_plain(spec), "image_rules": card.image_rules}
    note = [
        f"{network_title(card.network)}, trained with CNN Studio to tell {classes} apart.",
        "",
        f"{PACKAGE}: for Core ML on iOS 16, macOS 13 and later. Drag it into an Xcode project.",
        f"  {PICTURE}: a picture of {spec.crop} × {spec.crop} pixels",
        f"  classLabel: the most likely class. {PROBABILITIES}: how likely each class is",
        f"{LABELS_FILE}: the classes, in the order of the network's outputs.",
        f"{PREPROCESSING_FILE}: how CNN Studio prepares pictures.",
        "",
        f"A picture has to be upright. Of its middle, a square whose side is {spec.crop}/{spec.resize} of the shorter "
        f"side is made {spec.crop} × {spec.crop} pixels large. Apple's resizing differs from CNN Studio's in details.",
        "",
        "In Swift:",
        "",
        code,
        *provenance(card),
    ]
    files = {
        LABELS_FILE: "\n".join(map(one_spelling, card.classes)) + "\n",
        PREPROCESSING_FILE: json.dumps(preprocessing, indent=2, ensure_ascii=False) + "\n",
        NOTE_FILE: "\n".join(note) + "\n",
    }
    for name, text in files.items():
        write_text_atomically(folder / name, printable(text))
    return code


def swift(card: BundleCard) -> str:
    """Swift that answers for a picture."""
    spec = card.preprocess
    return f"""import CoreImage
import CoreML
import Vision

let network = try VNCoreMLModel(for: model(configuration: MLModelConfiguration()).model)  // once

func answer(_ url: URL) throws -> [VNClassificationObservation] {{
    let picture = CIImage(contentsOf: url, options: [.applyOrientationProperty: true])!
    let side = (min(picture.extent.width, picture.extent.height) * {spec.crop} / {spec.resize}).rounded()
    let left = picture.extent.midX - side / 2, bottom = picture.extent.midY - side / 2
    let request = VNCoreMLRequest(model: network)
    request.imageCropAndScaleOption = .scaleFill
    let square = picture.cropped(to: CGRect(x: left, y: bottom, width: side, height: side))
    try VNImageRequestHandler(ciImage: square).perform([request])
    return request.results as! [VNClassificationObservation]  // the most likely first
}}
"""

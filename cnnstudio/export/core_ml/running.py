"""Ask a Core ML package, on a Mac."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from cnnstudio.core import codec, usable_cores
from cnnstudio.data import PreprocessSpec
from cnnstudio.data.reading import read_image, resize_and_crop
from cnnstudio.export.companions import LABELS_FILE, PREPROCESSING_FILE
from cnnstudio.export.core_ml.labels import distinct
from cnnstudio.export.core_ml.writing import PACKAGE, PICTURE, PROBABILITIES


class CoreMlAnswers:
    """From a picture's file, which is read and cut here: the package gets pictures of the network's own size."""

    engine = "coremltools"

    def __init__(self, folder: Path) -> None:
        import coremltools

        self.version, self.threads = coremltools.__version__, usable_cores()
        said = json.loads((folder / PREPROCESSING_FILE).read_text(encoding="utf-8"))
        said.pop("image_rules")
        self._spec = codec.from_plain(PreprocessSpec, said)
        self._labels = distinct((folder / LABELS_FILE).read_text(encoding="utf-8").splitlines())
        self._model = coremltools.models.MLModel(str(folder / PACKAGE))

    def answer(self, picture: Path) -> np.ndarray:
        """In the order of the labels."""
        pixels = resize_and_crop(read_image(picture, self._spec.levels), self._spec)
        said = self._model.predict({PICTURE: Image.fromarray(pixels)})[PROBABILITIES]
        return np.array([said[label] for label in self._labels], np.float32)

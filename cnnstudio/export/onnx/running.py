"""Ask an ONNX file in onnxruntime, from picture files to probabilities, as its receiver does."""

from pathlib import Path
from typing import Any

import numpy as np

from cnnstudio.export.onnx.writing import FEATURES, MODEL_FILE, PROBABILITIES


class Running:
    """An ONNX file in onnxruntime, on the processor."""

    def __init__(self, folder: Path, *, threads: int = 0, file: str = MODEL_FILE) -> None:
        """Open it.

        Args:
            folder: of the export.
            threads: 0 is onnxruntime's own choice.
            file: its name.
        """
        import onnxruntime

        onnxruntime.disable_telemetry_events()  # which it has on Windows
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self.engine, self.version = "onnxruntime", onnxruntime.__version__
        self._session: Any = onnxruntime.InferenceSession(folder / file, options, providers=["CPUExecutionProvider"])

    @property
    def metadata(self) -> dict[str, str]:
        """What the file says of itself."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def probabilities(self, pictures: np.ndarray) -> np.ndarray:
        """N×classes float32 of N×height×width×3 uint8: whole pictures, RGB and upright."""
        found: np.ndarray = self._session.run([PROBABILITIES], {self._input: pictures})[0]
        return found

    def features(self, pictures: np.ndarray) -> np.ndarray:
        """N×D float32, likewise."""
        found: np.ndarray = self._session.run([FEATURES], {self._input: pictures})[0]
        return found

    @property
    def _input(self) -> str:
        return str(self._session.get_inputs()[0].name)

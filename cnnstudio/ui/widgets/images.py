"""Between Qt's images and arrays."""

import numpy as np
from PySide6.QtGui import QImage


def image_of(pixels: np.ndarray) -> QImage:
    """H×W×3 uint8 as an image that owns its memory."""
    pixels = np.ascontiguousarray(pixels)
    height, width, _ = pixels.shape
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def pixels_of(image: QImage) -> np.ndarray:
    """H×W×3 uint8; H×W×4 with opacity where the image has some."""
    alpha = image.hasAlphaChannel()
    kind = QImage.Format.Format_RGBA8888 if alpha else QImage.Format.Format_RGB888
    shown, depth = image.convertToFormat(kind), 4 if alpha else 3
    rows = np.frombuffer(shown.constBits(), np.uint8).reshape(shown.height(), shown.bytesPerLine())
    return rows[:, : depth * shown.width()].reshape(shown.height(), shown.width(), depth).copy()

"""Draw the icons that programs carry on Windows and macOS from the one in resources: program_icons.py FOLDER."""

import io
import sys
from pathlib import Path

from PIL import Image
from PySide6 import QtCore, QtGui, QtSvg

SOURCE = Path(__file__).resolve().parents[1] / "resources" / "icons" / "app.svg"
LARGEST = 1024
_ICO = [(side, side) for side in (16, 20, 24, 32, 40, 48, 64, 128, 256)]


def drawn(side: int) -> Image.Image:
    """The icon, side×side RGBA."""
    image = QtGui.QImage(side, side, QtGui.QImage.Format.Format_ARGB32)
    image.fill(QtCore.Qt.GlobalColor.transparent)
    painter = QtGui.QPainter(image)
    QtSvg.QSvgRenderer(str(SOURCE)).render(painter)
    painter.end()
    buffer = QtCore.QBuffer()
    buffer.open(QtCore.QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return Image.open(io.BytesIO(buffer.data().data())).convert("RGBA")


def main(folder: Path) -> None:
    """Write ``cnnstudio.ico`` and ``cnnstudio.icns``."""
    folder.mkdir(parents=True, exist_ok=True)
    app = QtGui.QGuiApplication(sys.argv[:1])
    large = drawn(LARGEST)
    large.save(folder / "cnnstudio.ico", sizes=_ICO, append_images=[drawn(side) for side, _ in _ICO])
    large.save(folder / "cnnstudio.icns")
    app.quit()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

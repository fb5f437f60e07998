"""Draw the application's icon in every size that desktops ask for, from ``resources/icons/app.svg``.

Run after that file has changed: ``QT_QPA_PLATFORM=offscreen python packaging/icons.py``.
"""

from pathlib import Path

from PySide6 import QtCore, QtGui, QtSvg

ROOT = Path(__file__).resolve().parents[1]
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def main() -> None:
    """Write ``resources/desktop/cnnstudio-SIZE.png``."""
    app = QtGui.QGuiApplication([])
    drawing = QtSvg.QSvgRenderer(str(ROOT / "resources" / "icons" / "app.svg"))
    for size in SIZES:
        image = QtGui.QImage(size, size, QtGui.QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QtGui.QPainter(image)
        drawing.render(painter, QtCore.QRectF(0, 0, size, size))
        painter.end()
        image.save(str(ROOT / "resources" / "desktop" / f"cnnstudio-{size}.png"))
    app.quit()


if __name__ == "__main__":
    main()

"""Folders and pages of the web, opened by the system's own programs."""

from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets


def open_outside(place: Path | str) -> None:
    """Open a folder in the file manager, or an address in the browser; where nothing opens, say what to open by hand.

    Args:
        place: a folder or file; an address, if it is text.
    """
    url = QtCore.QUrl(place) if isinstance(place, str) else QtCore.QUrl.fromLocalFile(str(place))
    if QtGui.QDesktopServices.openUrl(url):
        return
    box = QtWidgets.QMessageBox(QtWidgets.QApplication.activeWindow())
    box.setObjectName("open_by_hand")
    box.setWindowTitle("Nothing opened")
    box.setText("No program on this computer opened this. Open it by hand:")
    box.setInformativeText(str(place))
    box.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextBrowserInteraction)
    box.finished.connect(lambda _: box.deleteLater())  # and until then nothing else needs to hold it
    box.open()

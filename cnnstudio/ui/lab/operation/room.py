"""The room *Try an operation*: a picture large beside what an operation makes of it."""

from collections.abc import Sequence
from pathlib import Path

from PySide6 import QtWidgets
from typing_extensions import override

from cnnstudio.ui.lab.operation.picture_well import PictureWell
from cnnstudio.ui.lab.room import Room
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import DropFilter, NoticeBar


class OperationRoom(Room):
    """A picture of the user's."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setObjectName("operation_room")
        self.notice = NoticeBar("operation_notice")
        self.well = PictureWell(studio, self.notice)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.notice)
        column.addWidget(self.well, 1)
        DropFilter(self, self.take_pictures, hot=(self.well,))

    @override
    def wants_pictures(self) -> bool:
        return True

    @override
    def take_pictures(self, paths: Sequence[Path]) -> None:
        self.well.open_picture(paths[0])

    @override
    def paste(self) -> None:
        self.well.paste()

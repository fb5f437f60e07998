"""The downloads as rows: bar, speed, time left, pause, cancel."""

from collections.abc import Callable
from functools import partial

from PySide6 import QtWidgets

from cnnstudio.core import seconds_in_words
from cnnstudio.ui.look import theme
from cnnstudio.ui.network.downloads import Download, Downloads
from cnnstudio.ui.widgets import Card, button, label

_STEPS = 10_000
_ROW_HEIGHT = 36
_MOST_HEIGHT = 116


class DownloadsCard(Card):
    """Hidden while there is nothing to show; scrolls, so that it never takes the page."""

    def __init__(self, downloads: Downloads) -> None:
        super().__init__()
        self.setObjectName("downloads_card")
        self._downloads = downloads
        self.rows: dict[str, DownloadRow] = {}
        content = QtWidgets.QWidget()
        content.setProperty("kind", "column")
        self._column = QtWidgets.QVBoxLayout(content)
        self._column.setContentsMargins(0, 0, theme.S, 0)
        self._column.setSpacing(theme.XS)
        self._column.addStretch(1)
        self._area = QtWidgets.QScrollArea()
        self._area.setWidget(content)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.body.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        self.body.addWidget(self._area)
        downloads.changed.connect(self._show)
        self.hide()

    def _show(self, file_name: str) -> None:
        download = self._downloads.all[file_name]
        if download.state in ("done", "cancelled"):
            if row := self.rows.pop(file_name, None):
                row.hide()
                row.deleteLater()
        else:
            if file_name not in self.rows:
                self.rows[file_name] = DownloadRow(file_name, self._downloads)
                self._column.insertWidget(0, self.rows[file_name])
            self.rows[file_name].show_download(download)
        problems = any(row.problem.isVisibleTo(self) for row in self.rows.values())
        self.setFixedHeight(
            2 * theme.S + theme.scaled(min(_MOST_HEIGHT, _ROW_HEIGHT * len(self.rows) * (2 if problems else 1)))
        )
        self.setVisible(bool(self.rows))


class DownloadRow(QtWidgets.QWidget):
    """One download."""

    def __init__(self, file_name: str, downloads: Downloads) -> None:
        super().__init__()
        self.setObjectName(f"download_{file_name}")
        self._file_name, self._downloads = file_name, downloads
        self.name = label("", name="download_name")
        self.name.setMinimumWidth(theme.scaled(220))
        self.figures = label("", "caption", kind="muted", name="download_figures")
        self.problem = label("", "caption", kind="bad", wrap=True, name="download_problem")
        self.bar = QtWidgets.QProgressBar()
        self.bar.setObjectName("download_bar")
        self.bar.setAccessibleName("Progress of the download")
        self.bar.setTextVisible(False)
        self.pause = _small("Pause", "download_pause", partial(downloads.pause, file_name), "pause")
        self.resume = _small("Resume", "download_resume", self._resume, "resume")
        self.cancel = _small("Cancel", "download_cancel", partial(downloads.cancel, file_name), "close")
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self.name)
        row.addWidget(self.bar, 1)
        row.addWidget(self.figures)
        buttons = QtWidgets.QHBoxLayout()
        buttons.setSpacing(0)
        for entry in (self.pause, self.resume, self.cancel):
            buttons.addWidget(entry)
        row.addLayout(buttons)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.problem)

    def show_download(self, download: Download) -> None:
        """Show how far it is."""
        self.name.setText(f"{download.network.title}, {download.entry.name}")
        self.figures.setText(figures(download))
        known = download.total > 0 and download.state != "failed"
        self.bar.setRange(0, _STEPS if known or not download.active else 0)
        self.bar.setValue(round(_STEPS * download.done / download.total) if known else 0)
        self.pause.setVisible(download.active)
        self.resume.setVisible(not download.active)
        again = "Try again" if download.state == "failed" else "Resume"
        self.resume.setToolTip(again)
        self.resume.setAccessibleName(again)
        self.resume.setEnabled(download.monitor is None)
        problem = download.problem
        self.problem.setVisible(problem is not None)
        self.problem.setText(f"{problem.meaning} {problem.remedy}" if problem else "")

    def _resume(self) -> None:
        download = self._downloads.all[self._file_name]
        self._downloads.start(download.network, download.entry)


def _small(text: str, name: str, act: Callable[[], object], icon_name: str) -> QtWidgets.QPushButton:
    """An icon whose word is its tooltip."""
    made = button("", name, act, kind="ghost", icon_name=icon_name)
    made.setAccessibleName(text)
    made.setToolTip(text)
    return made


def figures(download: Download) -> str:
    """Such as ``12.3 of 97.8 MB · 4.2 MB/s · 20 s left``."""
    amount = f"{download.done / 1e6:,.1f} of {download.total / 1e6:,.1f} MB" if download.total else ""
    if download.state == "waiting":
        return "Connecting"
    if download.state == "failed":
        return "Failed"
    if download.state == "paused":
        return f"Paused at {amount}" if amount else "Paused"
    parts = [amount] if download.kind == "download" else [download.text, amount]
    speed, left = download.bytes_per_second(), download.seconds_left()
    if speed and download.kind == "download":
        parts.append(f"{speed / 1e6:,.1f} MB/s")
        parts += [f"{seconds_in_words(left)} left"] if left is not None else []
    return " · ".join(part for part in parts if part)

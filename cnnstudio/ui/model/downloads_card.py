"""The downloads as rows: bar, speed, time left, pause, cancel."""

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from cnnstudio.ui import theme
from cnnstudio.ui.model.downloads import Download, Downloads
from cnnstudio.ui.widgets.buttons import button
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.progress_strip import seconds_in_words
from cnnstudio.ui.widgets.text import label

_STEPS = 10_000


class DownloadsCard(Card):
    """Hidden while there is nothing to show."""

    def __init__(self, downloads: Downloads) -> None:
        super().__init__("Downloads")
        self.setObjectName("downloads_card")
        self._downloads = downloads
        self.rows: dict[str, DownloadRow] = {}
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
                self.body.addWidget(self.rows[file_name])
            self.rows[file_name].show_download(download)
        self.setVisible(bool(self.rows))


class DownloadRow(QWidget):
    """One download."""

    def __init__(self, file_name: str, downloads: Downloads) -> None:
        super().__init__()
        self.setObjectName(f"download_{file_name}")
        self._file_name, self._downloads = file_name, downloads
        self.name = label("", name="download_name")
        self.figures = label("", "caption", kind="muted", name="download_figures")
        self.problem = label("", "caption", kind="bad", wrap=True, name="download_problem")
        self.bar = QProgressBar()
        self.bar.setObjectName("download_bar")
        self.bar.setAccessibleName("Progress of the download")
        self.bar.setTextVisible(False)
        self.pause = button("Pause", "download_pause", partial(downloads.pause, file_name), icon_name="pause")
        self.resume = button("Resume", "download_resume", self._resume, icon_name="resume")
        self.cancel = button("Cancel", "download_cancel", partial(downloads.cancel, file_name), icon_name="close")
        top = QHBoxLayout()
        top.addWidget(self.name)
        top.addStretch(1)
        top.addWidget(self.figures)
        column = QVBoxLayout()
        column.setSpacing(theme.XS)
        for part in (self.bar, self.problem):
            column.addWidget(part)
        column.insertLayout(0, top)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addLayout(column, 1)
        for entry in (self.pause, self.resume, self.cancel):
            row.addWidget(entry)

    def show_download(self, download: Download) -> None:
        """Show how far it is."""
        self.name.setText(f"{download.network.title}, {download.entry.name}")
        self.figures.setText(figures(download))
        known = download.total > 0
        self.bar.setRange(0, _STEPS if known or not download.active else 0)
        if known:
            self.bar.setValue(round(_STEPS * download.done / download.total))
        self.pause.setVisible(download.active)
        self.resume.setVisible(not download.active)
        self.resume.setText("Try again" if download.state == "failed" else "Resume")
        self.resume.setEnabled(download.monitor is None)
        problem = download.problem
        self.problem.setVisible(problem is not None)
        self.problem.setText(f"{problem.meaning} {problem.remedy}" if problem else "")

    def _resume(self) -> None:
        download = self._downloads.all[self._file_name]
        self._downloads.start(download.network, download.entry)


def figures(download: Download) -> str:
    """Such as ``12.3 of 97.8 MB · 4.2 MB/s · 20 s left``."""
    amount = f"{download.done / 1e6:,.1f} of {download.total / 1e6:,.1f} MB" if download.total else ""
    if download.state == "waiting":
        return "Connecting"
    if download.state in ("paused", "failed"):
        return f"{'Paused' if download.state == 'paused' else 'Failed'}" + (f" at {amount}" if amount else "")
    parts = [amount] if download.text == "Downloading weights" else [download.text, amount]
    speed, left = download.bytes_per_second(), download.seconds_left()
    if speed and download.text == "Downloading weights":
        parts.append(f"{speed / 1e6:,.1f} MB/s")
        parts += [f"{seconds_in_words(left)} left"] if left is not None else []
    return " · ".join(part for part in parts if part)

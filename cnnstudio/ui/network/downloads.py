"""Downloads of weights: several at once, each paused, resumed or cancelled by itself. No widgets."""

import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from PySide6 import QtCore

from cnnstudio.core import Problem, Progressed, ProgressKind
from cnnstudio.jobs import specs
from cnnstudio.networks import NetworkEntry, WeightsEntry
from cnnstudio.ui.state import JobMonitor, Studio

State = Literal["waiting", "running", "paused", "cancelled", "failed", "done"]
_SPEED_WINDOW_S = 5.0


@dataclass(slots=True)
class Download:
    """One weights file on its way."""

    network: NetworkEntry
    entry: WeightsEntry
    state: State = "waiting"
    done: int = 0
    """Bytes that are there."""
    total: int = 0
    """Bytes in all; 0 until the server has told."""
    text: str = ""
    kind: ProgressKind = "work"
    problem: Problem | None = None
    monitor: JobMonitor[Path] | None = None
    seen: deque[tuple[float, int]] = field(default_factory=deque)
    """Moments and bytes of the last seconds, for the speed."""

    @property
    def active(self) -> bool:
        """Whether it is waiting or running."""
        return self.state in ("waiting", "running")

    def bytes_per_second(self) -> float:
        """Over the last seconds; 0 while it cannot be told."""
        if len(self.seen) < 2:
            return 0.0
        (start, first), (end, last) = self.seen[0], self.seen[-1]
        return (last - first) / (end - start) if end > start else 0.0

    def seconds_left(self) -> float | None:
        """At the present speed; None while it cannot be told."""
        speed = self.bytes_per_second()
        return (self.total - self.done) / speed if speed > 0 and self.total else None


class Downloads(QtCore.QObject):
    """All downloads of this session, by file name."""

    changed = QtCore.Signal(str)
    """File name of a download that began, moved on or ended."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio
        self.all: dict[str, Download] = {}

    def start(self, network: NetworkEntry, entry: WeightsEntry) -> Download:
        """Begin, or go on with a paused or failed one; one that is under way is left alone."""
        known = self.all.get(entry.file_name)
        if known is not None and known.active:
            return known
        download = Download(network, entry, done=known.done if known else 0, total=known.total if known else 0)
        self.all[entry.file_name] = download
        download.monitor = monitor = self._studio.submit(
            specs.DownloadWeights(network=network.name, entry=entry.name),
            done=lambda _: self._ended(download, "done"),
            failed=lambda problem: self._failed(download, problem),
        )
        monitor.progressed.connect(lambda event: self._moved(download, event))
        monitor.stopped.connect(lambda _: self._stopped(download))
        self.changed.emit(entry.file_name)
        return download

    def pause(self, file_name: str) -> None:
        """Stop, and keep what came; ``start`` goes on from there."""
        self._stop(file_name, "paused")

    def cancel(self, file_name: str) -> None:
        """Stop, and throw away what came."""
        download = self.all[file_name]
        if download.active:
            self._stop(file_name, "cancelled")
        else:
            self._ended(download, "cancelled")
            self._throw_away(download)

    def _stop(self, file_name: str, state: State) -> None:
        download = self.all[file_name]
        if download.active and download.monitor is not None:
            download.state = state
            download.monitor.stop()
            self.changed.emit(file_name)

    def _moved(self, download: Download, event: Progressed) -> None:
        if download.active:
            download.state = "running"
        download.text, download.kind = event.text, event.kind
        if event.total:
            download.done, download.total = event.done, event.total
            now = time.monotonic()
            download.seen.append((now, event.done))
            while now - download.seen[0][0] > _SPEED_WINDOW_S:
                download.seen.popleft()
        self.changed.emit(download.entry.file_name)

    def _stopped(self, download: Download) -> None:
        """A stop that nobody here asked for comes from closing the window: what came is kept."""
        self._ended(download, "cancelled" if download.state == "cancelled" else "paused")
        if download.state == "cancelled":
            self._throw_away(download)

    def _failed(self, download: Download, problem: Problem) -> None:
        download.problem = problem
        self._ended(download, "failed")

    def _throw_away(self, download: Download) -> None:
        self._studio.submit(specs.DeleteWeights(file_name=download.entry.file_name))

    def _ended(self, download: Download, state: State) -> None:
        download.state, download.monitor = state, None
        download.seen.clear()
        if state == "done":
            self._studio.refresh_catalogue()
        self.changed.emit(download.entry.file_name)

"""How the asker talks to running work: stop, pause, resume. Nothing else crosses that way."""

import threading


class StopRequested(BaseException):
    """A stop was asked for. A BaseException, so that no ``except Exception`` on the way can swallow it."""


class Control:
    """Thread-safe switches, shared by whoever asks and the loop that obeys between two steps."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._paused = threading.Event()
        self._changed = threading.Condition()

    @property
    def stop_requested(self) -> bool:
        """Whether the work should end at its next rest point."""
        return self._stop.is_set()

    @property
    def pause_requested(self) -> bool:
        """Whether the work should wait at its next rest point."""
        return self._paused.is_set() and not self._stop.is_set()

    def request_stop(self) -> None:
        """Ask the work to end; also wakes it when it is paused."""
        with self._changed:
            self._stop.set()
            self._changed.notify_all()

    def request_pause(self) -> None:
        """Ask the work to wait at its next rest point."""
        self._paused.set()

    def resume(self) -> None:
        """Let paused work go on."""
        with self._changed:
            self._paused.clear()
            self._changed.notify_all()

    def wait_while_paused(self) -> None:
        """Block until resumed or stopped; returns at once when not paused."""
        with self._changed:
            self._changed.wait_for(lambda: not self.pause_requested)

    def wait_for_stop(self, seconds: float) -> bool:
        """Wait, at most so long, for a stop to be asked for; whether it was."""
        return self._stop.wait(seconds)

    def check(self) -> None:
        """Raise StopRequested if a stop was asked for; for scans and downloads, per file or chunk."""
        if self.stop_requested:
            raise StopRequested

"""A watched folder: each picture is answered once, when it is whole, and the folder may come and go."""

import threading
import time

import pytest
from PIL import Image

from cnnstudio.core import Control, Partial, StudioError, Warned, Watch, waiting
from cnnstudio.data.reading import read_image
from cnnstudio.inference.folder import watching
from cnnstudio.inference.folder.results import WatchState
from cnnstudio.inference.folder.watching import Watching
from cnnstudio.inference.results import ClassScore, Prediction


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(watching, "EVERY_S", 0.02)
    monkeypatch.setattr(waiting, "TICK_S", 0.002)
    monkeypatch.setattr(watching, "GIVE_UP_S", 0.5)


@pytest.fixture
def photo(tmp_path):
    """The bytes of a JPEG."""
    Image.effect_noise((64, 48), 80).convert("RGB").save(tmp_path / "source.jpg")
    return (tmp_path / "source.jpg").read_bytes()


class Watched:
    """A folder that is watched in a thread, by something that decodes as a prediction does."""

    def __init__(self, folder, known=lambda _: False, **options):
        self.control, self.answers, self.states, self.warnings = Control(), [], [], []
        self.asked = []
        self.changed = threading.Condition()
        watching_it = Watching(folder, self.answer, Watch(self.control, self.hear))
        self.thread = threading.Thread(
            target=lambda: self.states.append(watching_it.until_stopped(known, **options)), daemon=True
        )

    def answer(self, paths):
        for path in paths:
            self.asked.append(path.name)
            try:
                read_image(path)
            except StudioError as error:
                yield Prediction(path=path, top=(), error=str(error))
            else:
                yield Prediction(path=path, top=(ClassScore("cat", 0.9),))

    def hear(self, event):
        with self.changed:
            if isinstance(event, Warned):
                self.warnings.append(event.problem)
            elif isinstance(event, Partial):
                kept = self.answers if isinstance(event.result, Prediction) else self.states
                kept.append(event.result)
            self.changed.notify_all()

    def until(self, condition, seconds=20):
        with self.changed:
            assert self.changed.wait_for(condition, seconds), (self.answers, self.states, self.warnings)

    def until_asked(self, times):
        deadline = time.monotonic() + 20
        while len(self.asked) < times:
            assert time.monotonic() < deadline
            threading.Event().wait(0.005)

    @property
    def names(self):
        return [answer.path.name for answer in self.answers]

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.control.request_stop()
        self.thread.join(5)
        assert not self.thread.is_alive()


def test_what_is_there_and_what_comes_is_answered_once(tmp_path, photo):
    folder = tmp_path / "inbox"
    (folder / "deep").mkdir(parents=True)
    (folder / "old.jpg").write_bytes(photo)
    (folder / "notes.txt").write_text("x")
    (folder / ".hidden.jpg").write_bytes(photo)
    with Watched(folder) as seen:
        seen.until(lambda: seen.names == ["old.jpg"])
        (folder / "deep" / "new.jpg").write_bytes(photo)
        seen.until(lambda: len(seen.names) == 2)
        (folder / "third.jpg").write_bytes(photo)
        seen.until(lambda: len(seen.names) == 3)
    assert seen.names == ["old.jpg", "new.jpg", "third.jpg"]
    assert seen.states[-1] == WatchState(there=True, waiting=0, answered=3, unreadable=0)


def test_what_is_there_may_be_passed_over(tmp_path, photo):
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "old.jpg").write_bytes(photo)
    with Watched(folder, new_only=True) as seen:
        seen.until(lambda: seen.states)
        (folder / "new.jpg").write_bytes(photo)
        seen.until(lambda: seen.names)
    assert seen.names == ["new.jpg"]


def test_what_is_known_is_not_asked_again(tmp_path, photo):
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg"):
        (folder / name).write_bytes(photo)
    with Watched(folder, known=lambda name: name == "a.jpg") as seen:
        seen.until(lambda: seen.names)
    assert seen.names == ["b.jpg"]


def test_a_picture_that_grows_is_not_read_before_it_is_whole(tmp_path, photo, monkeypatch):
    monkeypatch.setattr(watching, "GIVE_UP_S", 60)
    folder = tmp_path / "inbox"
    folder.mkdir()
    with Watched(folder) as seen, (folder / "slow.jpg").open("wb") as file:
        for start in range(0, len(photo), 1 + len(photo) // 3):
            tried = len(seen.asked)
            file.write(photo[start : start + 1 + len(photo) // 3])
            file.flush()
            seen.until_asked(tried + 1)  # it stands still, and is opened
        seen.until(lambda: seen.names)
    assert seen.names == ["slow.jpg"]
    assert [answer.error for answer in seen.answers] == [None]
    assert len(seen.asked) == 3


def test_a_broken_file_gets_its_reason_once_and_its_answer_when_it_is_mended(tmp_path, photo):
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "broken.jpg").write_bytes(photo[:200])
    with Watched(folder) as seen:
        seen.until(lambda: seen.names)
        assert "could not be read" in seen.answers[0].error
        assert seen.states[-1].unreadable in (0, 1)
        (folder / "broken.jpg").write_bytes(photo)
        seen.until(lambda: len(seen.names) == 2)
    assert seen.answers[1].error is None
    assert seen.states[-1] == WatchState(there=True, waiting=0, answered=2, unreadable=1)


def test_a_file_that_changes_while_it_is_read_is_asked_again(tmp_path, photo):
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(photo)

    class Meddling(Watched):
        def answer(self, paths):
            if not self.asked:
                (folder / "a.jpg").write_bytes(photo + b"more")
            yield from super().answer(paths)

    with Meddling(folder) as seen:
        seen.until(lambda: seen.names)
    assert seen.asked == ["a.jpg", "a.jpg"]
    assert seen.names == ["a.jpg"]


def test_a_folder_that_goes_and_comes_back_is_told_and_nothing_is_answered_twice(tmp_path, photo):
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(photo)
    with Watched(folder) as seen:
        seen.until(lambda: seen.names)
        folder.rename(tmp_path / "away")
        seen.until(lambda: not seen.states[-1].there)
        (tmp_path / "away" / "b.jpg").write_bytes(photo)
        (tmp_path / "away").rename(folder)
        seen.until(lambda: len(seen.names) == 2)
    assert seen.names == ["a.jpg", "b.jpg"]
    assert len(seen.warnings) == 1
    assert "is not there" in seen.warnings[0].title
    assert seen.states[-1].there


def test_a_folder_that_is_not_there_yet_is_waited_for(tmp_path, photo):
    folder = tmp_path / "inbox"
    with Watched(folder) as seen:
        seen.until(lambda: seen.warnings)
        folder.mkdir()
        (folder / "a.jpg").write_bytes(photo)
        seen.until(lambda: seen.names)


def test_a_drive_that_does_not_answer_is_told_and_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(waiting, "LATE_S", 0.05)
    monkeypatch.setattr(waiting, "PATIENCE_S", 0.05)
    hanging = threading.Event()
    monkeypatch.setattr(watching, "_look", lambda _: hanging.wait(30) or {})
    with Watched(tmp_path) as seen:
        seen.until(lambda: seen.warnings)
        start = time.monotonic()
        seen.control.request_stop()
        seen.thread.join(5)
        assert time.monotonic() - start < 2
    hanging.set()


def test_what_answering_raises_ends_it(tmp_path, photo):
    (tmp_path / "a.jpg").write_bytes(photo)

    def answer(paths):
        raise StudioError("It cannot be.")

    with pytest.raises(StudioError, match="It cannot be"):
        Watching(tmp_path, answer, Watch()).until_stopped(lambda _: False)


def test_links_to_folders_are_not_followed(tmp_path, photo):
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "circle").symlink_to(folder)
    (folder / "a.jpg").write_bytes(photo)
    with Watched(folder) as seen:
        seen.until(lambda: seen.names)
        seen.until(lambda: seen.states and seen.states[-1].answered == 1)
    assert seen.names == ["a.jpg"]


@pytest.mark.slow
def test_five_hundred_that_are_written_in_pieces(tmp_path, photo, monkeypatch):
    """E11: each once, at most three seconds after it is whole, no half picture, one broken."""
    monkeypatch.setattr(watching, "EVERY_S", 1.0)
    monkeypatch.setattr(watching, "GIVE_UP_S", 20.0)
    folder = tmp_path / "inbox"
    folder.mkdir()
    whole, answered = {}, {}

    class Timed(Watched):
        def hear(self, event):
            if isinstance(event, Partial) and isinstance(event.result, Prediction):
                answered.setdefault(event.result.path.name, []).append((time.monotonic(), event.result.error))
            super().hear(event)

    with Timed(folder) as seen:

        def write(numbers):
            for number in numbers:
                path = folder / f"{number}.jpg"
                content = photo[:300] if number == 77 else photo
                with path.open("wb") as file:
                    for start in range(0, len(content), 1 + len(content) // 5):
                        file.write(content[start : start + 1 + len(content) // 5])
                        file.flush()
                        whole[path.name] = time.monotonic()
                        time.sleep(0.02 + (2.5 if number % 100 == 50 else 0))

        writers = [threading.Thread(target=write, args=(range(first, 500, 4),)) for first in range(4)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        seen.until(lambda: len(seen.names) == 500, 60)
    assert sorted(map(len, answered.values())) == [1] * 500
    assert [name for name, [(_, error)] in answered.items() if error] == ["77.jpg"]
    late = {name: came - whole[name] for name, [(came, _)] in answered.items() if name != "77.jpg"}
    assert max(late.values()) < 3.0
    assert min(late.values()) > 0

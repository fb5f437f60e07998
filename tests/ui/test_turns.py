"""What may be seen a moment later comes in turns of its own: the window answers in between."""

import time

import pytest
from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from cnnstudio.ui.look import icons, theme
from cnnstudio.ui.look.style_sheet import style_sheet
from cnnstudio.ui.look.turns import soon
from cnnstudio.ui.train.live_plot import LivePlot
from tests.ui.conftest import make_window


@pytest.fixture
def beats(qapp):
    """How often the window's thread came to a timer of a millisecond."""
    seen, timer = [], QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: seen.append(time.perf_counter()))
    timer.start(1)
    yield seen
    timer.stop()


def test_pieces_come_in_their_order_and_a_timer_comes_in_between(qtbot, qapp, beats):
    done = []
    for number in range(4):

        def piece(number=number):
            until = time.perf_counter() + 0.005
            while time.perf_counter() < until:
                pass
            done.append((number, len(beats)))

        soon(qapp, piece)
    qtbot.waitUntil(lambda: len(done) == 4)
    assert [number for number, _ in done] == [0, 1, 2, 3]
    assert len({beat for _, beat in done}) == 4, "a beat between any two"


def test_what_is_seen_comes_before_what_is_not(qtbot, qapp):
    done = []
    soon(qapp, lambda: done.append("unseen"), seen=False)
    soon(qapp, lambda: done.append("seen"))
    qtbot.waitUntil(lambda: len(done) == 2)
    assert done == ["seen", "unseen"]


def test_whoever_is_gone_is_not_asked(qtbot, qapp):
    gone, done = QObject(), []
    soon(gone, lambda: done.append("gone"))
    soon(qapp, lambda: done.append("there"))
    gone.deleteLater()
    qapp.sendPostedEvents(gone, QEvent.Type.DeferredDelete.value)
    qtbot.waitUntil(lambda: bool(done))
    assert done == ["there"]


def test_two_plots_are_drawn_in_two_turns_and_then_rest(qtbot, beats, monkeypatch):
    plot, drawn = LivePlot(), []
    for panel in (plot.loss, plot.accuracy):
        draw = panel._take_image  # noqa: SLF001
        monkeypatch.setattr(
            panel, "_take_image", lambda draw=draw, panel=panel: (drawn.append((panel, len(beats))), draw())
        )
    qtbot.addWidget(plot)
    plot.resize(700, 300)
    plot.show()
    qtbot.waitExposed(plot)
    qtbot.waitUntil(lambda: {panel for panel, _ in drawn} == {plot.loss, plot.accuracy})
    assert len({beat for _, beat in drawn}) == len(drawn), "the window came to itself between any two"
    qtbot.waitUntil(lambda: plot.loss.is_drawn and plot.accuracy.is_drawn)
    qtbot.waitUntil(lambda: len(beats) > drawn[-1][1] + 20)  # nothing changes any more, so nothing is drawn
    before = len(drawn)
    plot.train_loss.extend([(1, 0.5), (2, 0.25)])
    qtbot.waitUntil(lambda: len(drawn) > before)


def test_icons_are_drawn_in_the_size_that_is_seen(qapp, monkeypatch):
    wanted = []
    draw = icons.pixmap
    monkeypatch.setattr(icons, "pixmap", lambda *about: (wanted.append(about), draw(*about))[1])
    made = icons.icon("close", "#123456")
    assert wanted == []
    for scale in (1.0, 1.5, 2.0):
        picture = made.pixmap(QSize(18, 18), scale)
        assert picture.size() == QSize(18, 18) * scale
        assert picture.devicePixelRatio() == pytest.approx(picture.width() / 18)
    assert [about[1:] for about in wanted] == [(18, "#123456", scale) for scale in (1.0, 1.5, 2.0)]
    disabled = made.pixmap(QSize(18, 18), 1.0, icons.QtGui.QIcon.Mode.Disabled)
    assert disabled.toImage() != made.pixmap(QSize(18, 18), 1.0).toImage()
    assert not icons.QtGui.QIcon(made).isNull()


@pytest.mark.pages("home", "export")
def test_another_theme_dresses_what_is_seen_now_and_the_rest_in_turns_of_their_own(window, qtbot):
    pages = window.home_page, window.export_page
    sheets = [style_sheet(colours) for colours in (theme.LIGHT, theme.DARK)]
    qtbot.waitUntil(lambda: all(page.styleSheet() == sheets[0] for page in pages))
    theme.set_scheme("dark")
    assert [page.styleSheet() for page in pages] == [sheets[1], sheets[0]]
    window.show_page("export")
    assert window.export_page.styleSheet() == sheets[1], "nobody sees old colours"
    theme.set_scheme("light")
    qtbot.waitUntil(lambda: all(page.styleSheet() == sheets[0] for page in pages))


def test_what_opens_over_the_window_is_dressed(qtbot, monkeypatch, studio):
    window = make_window(qtbot, monkeypatch, studio, ("export",))
    opened = QWidget(window, Qt.WindowType.Dialog)
    opened.resize(60, 40)
    opened.show()
    qtbot.waitExposed(opened)
    assert opened.styleSheet() == style_sheet(theme.current())
    theme.set_scheme("dark")
    assert opened.styleSheet() == style_sheet(theme.DARK)
    assert QColor(theme.DARK.window) == opened.palette().window().color()
    opened.close()

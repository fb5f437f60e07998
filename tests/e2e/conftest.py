"""The window on the real engine."""

import pytest

from tests.ui.conftest import let_go, make_window


@pytest.fixture
def window(request, qtbot, monkeypatch):
    """With the pages that a test is marked with, else with all."""
    marker = request.node.get_closest_marker("pages")
    window = make_window(qtbot, monkeypatch, pages=marker.args if marker else ())
    yield window
    let_go(window)
    window.studio.deleteLater()

import json

from cnnstudio.core.machine import remembered
from cnnstudio.core.paths import cache_folder


def test_it_is_measured_once():
    times = []
    for _ in range(3):
        assert remembered("speed", lambda: times.append(1) or 7, lambda value: value == 7) == 7
    assert len(times) == 1
    assert remembered("other", lambda: 8, lambda value: True) == 8


def test_a_damaged_file_or_a_value_that_does_not_fit_is_measured_anew():
    path = cache_folder() / "measured.json"
    for content in ("{", "[1]", json.dumps({"speed": "quick"})):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        assert remembered("speed", lambda: 5, lambda value: isinstance(value, int)) == 5
        assert json.loads(path.read_text())["speed"] == 5

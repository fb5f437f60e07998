"""A certificate as exports write it, for tests of what shows it."""

from dataclasses import replace

from cnnstudio.core import compare_answers
from cnnstudio.export.certificate import Accuracy, Certificate, Checked, Hits, Limit, Speed

_RIGHT = [True] * 280 + [False] * 61
_COMPARED = compare_answers(_RIGHT, _RIGHT, [-1] * 341)


def certificate(**others):
    """Of an export that answered 341 validation pictures as the app does."""
    checked = Checked(
        engine="torch",
        version="2.14.1",
        app_engine="openvino 2026.4.1",
        app_engine_of_one="torch 2.14.1",
        top1_same=341,
        tied=0,
        max_dp=3e-7,
        mean_dp=2e-8,
        worst="red/12.jpg",
        accuracy=Accuracy(
            split="validation", app=Hits(280, 341, 0.777, 0.858), export=Hits(280, 341, 0.777, 0.858),
            comparison=_COMPARED,
        ),
        speed=Speed(ms_one=21.4, pictures_per_s=46.0, load_s=1.8, threads=2),
        app_speed=Speed(ms_one=22.0, pictures_per_s=81.5, load_s=0.9, threads=2),
    )  # fmt: skip
    made = Certificate(
        format="bundle", verdict="pass", limit=Limit(), pictures=341, pictures_from={"validation": 341},
        bytes=3_100_000, checked=checked, made_by="CNN Studio 0.9", created="2026-11-26T20:00:00+00:00",
    )  # fmt: skip
    return replace(made, **others)

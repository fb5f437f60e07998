"""How a training went, in the words of the terminal."""

from types import SimpleNamespace

from cnnstudio.cli.outcome import outcome
from cnnstudio.core.events import StrengthTried


def test_the_best_strength_is_told_with_its_own_figures():
    """The run's score of training pictures is another one: its last layers have learned from validation, too."""
    tried = [
        StrengthTried(strength=strength, loss=loss, accuracy=right / 800, images=800, done=1, total=2, is_best=True)
        for strength, loss, right in ((10.0, 0.3, 700), (1.0, 0.2, 747))
    ]
    run = SimpleNamespace(
        record=SimpleNamespace(
            told_score=None,
            chosen="Chosen by cross-validation",
            caveats=(),
            scores={"train": SimpleNamespace(right=744)},
        ),
        history=lambda: SimpleNamespace(strengths=tuple(tried)),
        folder="run",
    )
    assert "of 2 strengths the best is 1, with 747 of 800 correct (93.4 %)" in outcome(run)

"""How a training went, in the words of the terminal."""

from cnnstudio.core import counted, told
from cnnstudio.runs import Run


def outcome(run: Run) -> str:
    """Its score, how its weights were chosen, and where it is."""
    shown = run.record.told_score
    sentence = told(shown) if shown else "There were no validation or test pictures to score it on."
    how = f"{run.record.chosen}."
    if strengths := run.history().strengths:
        best = min(strengths, key=lambda tried: tried.loss)
        how = (
            f"{run.record.chosen} on the training pictures: of {counted(len(strengths), 'strength')} the best is "
            f"{best.strength:.3g}"
        )
        if "train" in run.record.scores:  # not where earlier runs have learned from all of them
            how += (
                f", with {round(best.accuracy * best.images):,} of {best.images:,} correct "
                f"({100 * best.accuracy:.1f} %), each answered by a last layer that did not learn from it"
            )
        how += "."
    kept = [f"Its test score is kept for when you have chosen: cnnstudio runs show {run.folder}"]
    kept = kept if "test" in run.record.scores else []
    return "\n".join([sentence, *run.record.caveats, *kept, how, f"Run: {run.folder}"])

"""Two runs on the same pictures: those that both answered and neither learned from."""

from dataclasses import dataclass

from cnnstudio.core import ALONE, RunError, compare_answers
from cnnstudio.data.samples import DAMAGE, SAMPLES_FILE, read_samples
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.comparisons import RunComparison
from cnnstudio.runs import Answer, Run, note_test_look, open_run


@dataclass(frozen=True, slots=True)
class _Judged:
    """A run's answers that say something of new pictures, by what tells a picture from all others."""

    answers: dict[str, Answer]
    groups: dict[str, int]
    """Of those that belong with others."""


def compare_runs(job: specs.CompareRuns) -> RunComparison:
    """Compare their answers on the pictures that both have.

    Raises:
        RunError: a run was not scored, or they have no such picture in common.
    """
    runs = open_run(job.first), open_run(job.second)
    if job.first.resolve() == job.second.resolve():
        raise RunError("These are one and the same run.", remedy="Choose two runs.")
    names = _names(*runs)
    elsewhere = runs[0].record.dataset.resolve() != runs[1].record.dataset.resolve()
    first, second = (_judged(run, job.split, by_content=elsewhere) for run in runs)
    shared = [key for key in first.answers if key in second.answers]
    same = [key for key in shared if first.answers[key].true == second.answers[key].true]
    if not same:
        raise RunError(
            f"There is no {job.split} picture that both runs were judged by.",
            meaning="Their pictures were split in different ways, or are others, so nobody can tell which is better.",
            remedy="Train both with the same split, then compare them.",
        )
    right, of_other = (
        [each.answers[key].true == each.answers[key].predicted for key in same] for each in (first, second)
    )
    groups = first.groups or second.groups
    trained = any(each.answers[key].split == "train" for each in (first, second) for key in same)
    if job.split == "test":
        for run in runs:
            note_test_look(run.folder)
    return RunComparison(
        first=runs[0].folder,
        second=runs[1].folder,
        names=names,
        split=job.split,
        out_of_fold=trained,
        found=compare_answers(right, of_other, [groups.get(key, ALONE) for key in same]),
        left_out=(len(first.answers) - len(shared), len(second.answers) - len(shared)),
        relabelled=len(shared) - len(same),
        doubtful=tuple(name for name, run in zip(names, runs, strict=True) if run.record.is_doubtful),
    )


def _judged(run: Run, split: str, *, by_content: bool) -> _Judged:
    """Pictures of another folder are known again by their content, as far as the run has noted it.

    A run's scores leave out what it or an earlier one learned from, so every picture that has one counts.
    """
    fair = {split}
    if split == "validation" and _is_out_of_fold(run):
        fair.add("train")
    found = [answer for answer in run.predictions() if answer.split in fair]
    if not found:
        raise RunError(
            f"The run {run.record.name} has no answers of the {split} split.",
            meaning="A run has answers once it is finished, and of the splits that it had.",
            remedy="Resume it, or choose another run.",
        )
    known = _known(run)
    root = run.record.dataset.resolve()
    answers, groups = dict[str, Answer](), dict[str, int]()
    for answer in found:
        content, group = known.get(answer.path, ("", ALONE))
        key = (by_content and content) or str(root / answer.path)
        answers[key] = answer
        if group != ALONE:
            groups[key] = group
    return _Judged(answers, groups)


def _known(run: Run) -> dict[str, tuple[str, int]]:
    """Content and group of each picture, as far as the run has noted them."""
    try:
        rows = list(read_samples(run.folder / SAMPLES_FILE))
    except DAMAGE:
        return {}
    return {row.name: (row.content, row.group) for row in rows}


def _is_out_of_fold(run: Run) -> bool:
    """Whether training pictures were answered by a last layer that had not learned from them."""
    score = run.record.scores.get("train")
    return score is not None and score.origin == "out-of-fold"


def _names(first: Run, second: Run) -> tuple[str, str]:
    for one, other in (
        (first.record.name, second.record.name),
        (first.record.dated_name, second.record.dated_name),
    ):
        if one != other:
            return one, other
    return first.folder.name, second.folder.name

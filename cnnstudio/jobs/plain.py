"""Results and events as JSON values, in one vocabulary for every front end that hands them to programs. No torch.

Scripts rely on the keys: they may be added to, never renamed. Run folders keep events under their own names
(``core.codec``); a stream of them calls them as ``EVENT_NAMES`` has it. What is not listed here is told field by field.
"""

from collections.abc import Sequence
from functools import singledispatch
from pathlib import Path
from typing import Any

from cnnstudio.core import Problem, SplitScore, class_figures, codec, events
from cnnstudio.data import SPLITS, Dataset
from cnnstudio.data.practice.prepare import practice_folder
from cnnstudio.data.practice.sets import PracticeSet
from cnnstudio.inference.results import FeatureMaps, Prediction
from cnnstudio.jobs.specs.comparisons import RunComparison
from cnnstudio.jobs.specs.models import MirrorGain
from cnnstudio.networks import Catalogue, NetworkEntry
from cnnstudio.runs import Repeats, Run
from cnnstudio.understanding.auditions import Audition, Auditions
from cnnstudio.understanding.outcomes import Growth
from cnnstudio.understanding.stress.alarms import Shortcuts
from cnnstudio.understanding.stress.results import Stress
from cnnstudio.understanding.sure.promise import Promise

EVENT_NAMES: dict[type, str] = {
    events.RunStarted: "started",
    events.PhaseStarted: "phase",
    events.StepDone: "step",
    events.EpochDone: "epoch",
    events.StrengthTried: "strength",
    events.InsideSeen: "inside",
    events.EvaluationDone: "score",
    events.CheckpointSaved: "checkpoint",
    events.RunPaused: "paused",
    events.RunResumed: "resumed",
    events.RunStopped: "stopping",
    events.RunCompleted: "trained",
    events.Warned: "warning",
}
_WEIGHTS = ("name", "acc1", "acc5", "gflops", "file_size_mb", "input_size", "licence", "package", "local")


@singledispatch
def plain(result: Any) -> Any:
    """A job's result, or a part of it, as dicts, lists, strings, numbers and None."""
    return codec.to_plain(result)


@plain.register(list)
@plain.register(tuple)
def _several(results: Sequence[Any]) -> list[Any]:
    return [plain(result) for result in results]


@plain.register
def _prediction(prediction: Prediction) -> dict[str, Any]:
    told = {
        "path": str(prediction.path),
        "top": [{"label": score.label, "probability": score.probability} for score in prediction.top],
        "error": prediction.error,
    }
    return told if prediction.verdict is None else {**told, "verdict": prediction.verdict}


@plain.register
def _stress(found: Stress) -> dict[str, Any]:
    return {
        "split": found.split,
        "pictures": found.pictures,
        "curves": [
            {
                "change": curve.change,
                "steps": [
                    {
                        "strength": step.strength,
                        "correct": sum(step.correct),
                        "accuracy": found.share(step),
                        "interval": list(found.interval(step)),
                    }
                    for step in curve.steps
                ],
                "weakest": plain(found.weakest(curve.change, len(curve.steps) - 1)),
            }
            for curve in found.curves
        ],
    }


@plain.register
def _shortcuts(found: Shortcuts) -> list[dict[str, Any]]:
    return [
        {
            "class": look.name,
            "times_even_share": look.times,
            "place": look.place,
            "box": list(look.box),
            "alarm": look.is_alarm,
            "pictures": look.of,
            "recognised": look.before,
            "recognised_covered": look.after,
            "examples": list(look.proof),
        }
        for look in found.looks
    ]


@plain.register
def _maps(maps: FeatureMaps) -> dict[str, Any]:
    return {"layer": maps.layer, "shape": list(maps.shape), "channels": list(maps.channels)}


@plain.register
def _dataset(dataset: Dataset) -> dict[str, Any]:
    def names(paths: Sequence[Path]) -> list[str]:
        return [dataset.name_of(path) for path in paths]

    return {
        "classes": dataset.counts(),
        "images": len(dataset.samples),
        "split": dataset.split_source,
        "left_out": names([sample.path for sample in dataset.left_out]),
        "problems": [{"path": str(p.path), "kind": p.kind, "detail": p.detail} for p in dataset.problems],
        "findings": [
            {
                "kind": finding.kind,
                "count": finding.count,
                "classes": list(finding.classes),
                "groups": [names(group) for group in finding.groups],
                "spare": names(finding.spare),
                "note": finding.note,
                "merges": dict(finding.merges),
                "column": finding.column,
            }
            for finding in dataset.findings
        ],
    }


@plain.register
def _catalogue(catalogue: Catalogue) -> list[dict[str, Any]]:
    return [plain(network) for network in catalogue.networks]


@plain.register
def _network(network: NetworkEntry) -> dict[str, Any]:
    return {
        "name": network.name,
        "title": network.title,
        "family": network.family,
        "classic": network.classic,
        "parameters": network.parameters,
        "gflops": network.gflops,
        "input_size": network.input_size,
        "file": network.file or None,
        "weights": [{key: getattr(entry, key) for key in _WEIGHTS} for entry in network.weights],
    }


@plain.register
def _practice_set(each: PracticeSet) -> dict[str, Any]:
    folder = practice_folder(each)
    told = ("name", "title", "text", "pictures", "classes", "megabytes", "terms", "page")
    return {**{key: getattr(each, key) for key in told}, "folder": str(folder) if folder.is_dir() else None}


@plain.register
def _score(score: SplitScore) -> dict[str, Any]:
    """With what follows from its counts, and the interval of each class whether or not pictures belong together."""
    figures = class_figures(("",) * len(score.confusion), score.confusion, score.class_intervals)
    return {
        **codec.to_plain(score),
        "balanced_accuracy": score.balanced_accuracy,
        "majority_share": score.majority_share,
        "class_intervals": [list(figure.interval) for figure in figures],
    }


@plain.register
def _run(run: Run) -> dict[str, Any]:
    """How a training went; accuracies are those of its best epoch, each on so many pictures, 0 where there are none."""
    images = {split: score.images for split, score in run.record.scores.items()}
    accuracy = {split: score.accuracy for split, score in run.record.scores.items()}
    balanced = {split: score.balanced_accuracy for split, score in run.record.scores.items()}
    return {
        "run": str(run.folder),
        "epochs": run.record.epochs_done,
        "seconds": round(run.record.seconds, 3),
        "train_accuracy": accuracy.get("train"),
        "validation_accuracy": accuracy.get("validation"),
        "test_accuracy": accuracy.get("test"),
        "validation_balanced_accuracy": balanced.get("validation"),
        "test_balanced_accuracy": balanced.get("test"),
        **{f"{split}_images": images.get(split, 0) for split in SPLITS},
    }


@plain.register
def _mirror_gain(gain: MirrorGain) -> dict[str, Any]:
    """``only_first`` counts the pictures that are recognised with the mirror image only."""
    return {**codec.to_plain(gain.found), "clear": gain.found.is_clear, "times": gain.times, "sentence": gain.sentence}


@plain.register
def _repeats(repeats: Repeats) -> dict[str, Any]:
    """Mean and spread are those of the validation accuracies of the finished runs; null before there is one."""
    scores, together = repeats.scores, repeats.together
    return {
        "group": repeats.group,
        "kind": repeats.kind,
        "of": repeats.of,
        "done": len(repeats.done),
        "mean": repeats.mean if scores else None,
        "spread": repeats.spread if len(scores) > 1 else None,
        "validation": [{"accuracy": score.accuracy, "images": score.images} for score in scores],
        "together": dict(zip(("right", "images", "interval"), together, strict=True)) if together else None,
        "runs": [plain(run) for run in repeats.runs],
    }


@plain.register
def _comparison(comparison: RunComparison) -> dict[str, Any]:
    found = codec.to_plain(comparison.found)
    return {
        "first": str(comparison.first),
        "second": str(comparison.second),
        "split": comparison.split,
        "out_of_fold": comparison.out_of_fold,
        **found,
        "clear": comparison.found.is_clear,
        "left_out": list(comparison.left_out),
        "relabelled": comparison.relabelled,
        "doubtful": list(comparison.doubtful),
        "sentence": comparison.sentence,
    }


@plain.register
def _promise(found: Promise) -> dict[str, Any]:
    """``promised`` is the share of correct answers; all are null where it cannot be promised."""
    kept = found.threshold is not None
    return {
        "threshold": found.threshold,
        "promised": found.target if kept else None,
        "answers": found.answers if kept else None,
        "right": found.right if kept else None,
    }


@plain.register
def _growth(growth: Growth) -> dict[str, Any]:
    """Shares are correct with an eighth, a quarter, a half and all of the pictures; ``forecast`` with twice as many."""
    following = growth.next_class
    return {
        "network": growth.network,
        "overall": codec.to_plain(growth.overall),
        "classes": [codec.to_plain(curve) for curve in growth.by_gain],
        "next": following.name if following is not None else None,
        "sentence": growth.sentence,
    }


@plain.register
def _audition(audition: Audition) -> dict[str, Any]:
    return {
        "network": audition.network,
        "weights": audition.weights,
        "pictures": len(audition.right),
        "accuracy": audition.accuracy,
        "interval": list(audition.interval),
        "seconds_per_picture": audition.seconds,
    }


@plain.register
def _auditions(auditions: Auditions) -> dict[str, Any]:
    """``standing`` is best, close (too close to the best one to call), or behind."""
    best, choice = auditions.best, auditions.choice
    return {
        "networks": [{**plain(each), "standing": auditions.standings[each.network]} for each in auditions.results],
        "best": best.network if best else None,
        "choice": choice.network if choice else None,
        "waiting": auditions.waiting,
        "sentence": auditions.sentence,
    }


@plain.register
def _problem(problem: Problem) -> dict[str, Any]:
    told: dict[str, Any] = {"event": "error", "kind": problem.kind, "message": problem.sentence()}
    choices = [{"key": choice.key, "text": choice.text} for choice in problem.choices]
    more = {"details": problem.details, "choices": choices}
    return told | {name: value for name, value in more.items() if value}


def event_line(event: events.RunEvent) -> dict[str, Any]:
    """An event of a run, for a stream; ``event`` says which."""
    told = {"score": plain(event.score)} if isinstance(event, events.EvaluationDone) else {}
    return {**codec.event_to_plain(event), **told, "event": EVENT_NAMES[type(event)]}

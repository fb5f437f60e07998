"""Run folders: what happened, on disk, readable without this software. No torch."""

from cnnstudio.runs.answers import (
    ANSWERS_FILE, KEPT_FEATURES, Answers, answered_names, forget_answers, load_answers, softmax, write_answers,
)  # fmt: skip
from cnnstudio.runs.arrays import Kind, array_bytes, load_arrays, save_arrays
from cnnstudio.runs.create import create_run
from cnnstudio.runs.earlier import earlier_run, run_before
from cnnstudio.runs.history import EVENTS_FILE, METRICS_FILE, History, RunHistory, read_history
from cnnstudio.runs.lock import LOCK_FILE, hold_project, hold_run, project_of
from cnnstudio.runs.predictions import Answer, Cell, Predictions, read_predictions, shown_path, write_predictions
from cnnstudio.runs.record import Ancestry, Owner, Repeat, RepeatKind, RunRecord, RunState
from cnnstudio.runs.repeats import SPREAD_MEANING, Repeats, read_repeats, repeats_among
from cnnstudio.runs.store import (
    RECIPE_FILE, RECORD_FILE, Run, delete_run, list_runs, note_test_look, now, open_run, rename_run, runs_on,
)  # fmt: skip

__all__ = [
    "ANSWERS_FILE", "EVENTS_FILE", "KEPT_FEATURES", "LOCK_FILE", "METRICS_FILE", "RECIPE_FILE", "RECORD_FILE",
    "SPREAD_MEANING", "Ancestry", "Answer", "Answers", "Cell", "History", "Kind", "Owner", "Predictions", "Repeat",
    "RepeatKind", "Repeats", "Run", "RunHistory", "RunRecord", "RunState", "answered_names", "array_bytes",
    "create_run", "delete_run", "earlier_run", "forget_answers", "hold_project", "hold_run", "list_runs",
    "load_answers", "load_arrays", "note_test_look", "now", "open_run", "project_of", "read_history",
    "read_predictions", "read_repeats", "rename_run", "repeats_among", "run_before", "runs_on", "save_arrays",
    "shown_path", "softmax", "write_answers", "write_predictions",
]  # fmt: skip

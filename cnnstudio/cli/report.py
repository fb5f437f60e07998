"""How the command line speaks: results to standard output, everything else to standard error."""

import json as json_module
import math
import sys
from typing import Any, TextIO

from tqdm import tqdm

from cnnstudio.core import Problem, SplitScore, beside_sentence, counted, events, printable, right_sentence
from cnnstudio.jobs.plain import event_line, plain
from cnnstudio.networks import MODES, network_title, phase_words
from cnnstudio.runs.inside_words import inside_sentence


class Report:
    """Prints events for people, or as JSON lines for programs; of several processes only the first one speaks."""

    def __init__(self, *, json: bool, silent: bool = False) -> None:
        self.json = json
        self._out = None if silent else sys.stdout
        self._err = None if silent else sys.stderr
        self._bar: tqdm[Any] | None = None
        self._elements = 0
        self._completed = False
        """Whether a training is over, whose scores its result tells."""

    def result(self, text: str, outcome: Any) -> None:
        """The result of the command: text for people, or ``outcome`` as one JSON document."""
        self.close()
        if self._out is not None:
            print(_document(plain(outcome), self._out) if self.json else _sayable(text, self._out), file=self._out)

    def line(self, values: dict[str, Any]) -> None:
        """One JSON object on a line of its own."""
        self.close()
        if self._out is not None:
            print(_document(values, self._out), file=self._out, flush=True)

    def element(self, outcome: Any) -> None:
        """One more value of a JSON list that grows; ``end_list`` makes it a whole document, also after a stop."""
        self.close()
        if self._out is not None:
            start = ",\n" if self._elements else "["
            print(start + _document(plain(outcome), self._out), end="", file=self._out, flush=True)
        self._elements += 1

    def end_list(self) -> None:
        """No more elements."""
        if self._out is not None:
            print("]" if self._elements else "[]", file=self._out)
        self._elements = 0

    def flush(self) -> None:
        """Hand over everything that was printed as a result."""
        if self._out is not None:
            self._out.flush()

    def note(self, text: str) -> None:
        """Something for people, beside the result."""
        self.close()
        if self._err is not None:
            print(_sayable(text, self._err), file=self._err, flush=True)

    def problem(self, problem: Problem) -> None:
        """An error: one paragraph, or one JSON object."""
        if self.json:
            try:
                self.line(plain(problem))
            except BrokenPipeError:
                raise
            except OSError:  # its disk is full
                self.note(f"cnnstudio: {problem.sentence()}")
        else:
            self.note(f"cnnstudio: {problem.sentence()}")
            for choice in problem.choices:
                self.note(f"  cnnstudio scan --classes-from {choice.key} …  takes {choice.text}")

    def __call__(self, event: events.Event) -> None:
        """Show an event as it comes."""
        if isinstance(event, events.Progressed):
            self._progress(event.text, event.done, event.total)
        elif self.json:
            if isinstance(event, events.RUN_EVENTS):
                self.line(event_line(event))
        else:
            self._tell(event)

    def beside(self, event: events.Event) -> None:
        """As a call, for a command whose result is one document: what there is to note goes beside it."""
        if isinstance(event, events.Warned):
            self._tell(event)
        else:
            self(event)

    def close(self) -> None:
        """Finish the progress bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _tell(self, event: events.Event) -> None:
        if isinstance(event, events.RunStarted):
            self._completed = False
            what = f"{network_title(event.network)} on {counted(event.train_images, 'picture')}"
            self.note(f"{what}, {event.device}. Run: {event.run}")
        elif isinstance(event, events.PhaseStarted):
            words = phase_words(event.name)
            learning = f"{words} ({event.trainable_parameters:,} weights, {event.precision})"
            self.note(learning if event.trainable_parameters else words)
            if event.name in MODES and MODES[event.name].on != "features":
                self.note("Scores of single epochs are estimates; the final ones are exact.")
        elif isinstance(event, events.StepDone):
            self._progress(f"epoch {event.epoch}, loss {event.loss:.3f}", event.step, event.steps)
        elif isinstance(event, events.EpochDone):
            self._epoch(event)
        elif isinstance(event, events.StrengthTried | events.InsideSeen):
            self.note(_line(event))
        elif isinstance(event, events.RunCompleted):
            self._completed = True
        elif isinstance(event, events.EvaluationDone) and not self._completed:
            self._score(event.score)
        elif isinstance(event, events.Warned):
            self.note(f"Note: {event.problem.sentence()}")

    def _score(self, score: SplitScore) -> None:
        self.note(right_sentence(score))
        self.note(beside_sentence(score))

    def _epoch(self, event: events.EpochDone) -> None:
        if event.epochs > 20 and event.epoch % 10 and event.epoch != event.epochs:
            return
        text = f"epoch {event.epoch}/{event.epochs}: train {event.train_accuracy:.1%}"
        if event.validation_accuracy is not None:
            text += f", validation {event.validation_accuracy:.1%} of {event.validation_images}"
        if event.validation_balanced_accuracy is not None:
            text += f" (balanced {event.validation_balanced_accuracy:.1%})"
        self.note(text)

    def _progress(self, text: str, done: int, total: int) -> None:
        if self._err is None or not self._err.isatty():
            return
        if self._bar is None or self._bar.total != total:
            self.close()
            self._bar = tqdm(total=total, file=self._err, leave=False, mininterval=0.1)
        self._bar.set_description_str(text, refresh=False)
        self._bar.update(max(0, done - self._bar.n))


def _line(event: events.StrengthTried | events.InsideSeen) -> str:
    if isinstance(event, events.InsideSeen):
        return inside_sentence(event)
    pictures = counted(event.images, "picture")
    score = f"error {event.loss:.3f}, {event.accuracy:.1%} of {pictures} that it did not learn from"
    return f"strength {event.strength:.3g}: {score}"


def _sayable(text: str, stream: TextIO) -> str:
    """What the stream's encoding lacks, file names that are no text at all, and what terminals obey, are escaped."""
    encoding = stream.encoding or "utf-8"
    return printable(text).encode(encoding, errors="backslashreplace").decode(encoding)


def _document(values: Any, stream: TextIO) -> str:
    """The same for JSON, which has escapes of its own, and no word for what is not a number."""
    try:
        text = json_module.dumps(values, ensure_ascii=False, allow_nan=False)
    except ValueError:
        values = _with_null(values)
        text = json_module.dumps(values, ensure_ascii=False)
    return text if text == _sayable(text, stream) else json_module.dumps(values)


def _with_null(values: Any) -> Any:
    if isinstance(values, dict):
        return {key: _with_null(value) for key, value in values.items()}
    if isinstance(values, list | tuple):
        return [_with_null(value) for value in values]
    return None if isinstance(values, float) and not math.isfinite(values) else values

"""*Overlooking a skirt is ten times as bad*: what is recognised then, and which false alarms come with it."""

from functools import partial

from PySide6 import QtWidgets

from cnnstudio.core import counted, isolated
from cnnstudio.jobs.specs import CountOverlooked
from cnnstudio.jobs.specs.sure import HowSure
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.how_sure.promise_card import judged
from cnnstudio.ui.results.how_sure.strip import Strip
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, combo, fill, label, slider
from cnnstudio.understanding.sure.cost import Overlooked

_MOST_TIMES, _FIRST = 20, 10


class CostCard(Card):
    """A class, and how much worse it is to overlook it than to make any other error."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("When overlooking a class is worse")
        self._studio = studio
        self._found: HowSure | None = None
        self.classes = combo("cost_class", "Class that must not be overlooked", width=160)
        self.classes.activated.connect(lambda _: self._count())
        self.times = slider("cost_times", "How many times as bad as any other error", 1, _MOST_TIMES, _FIRST)
        self.times.setSingleStep(1)
        self.times.setFixedWidth(theme.scaled(220))
        self.times.valueChanged.connect(lambda _: self._count())
        self.value = label("", name="cost_value")
        self.sentence = label("", wrap=True, name="cost_sentence")
        self.found = Strip(studio, "cost_found", "Recognised")
        self.alarms = Strip(studio, "cost_alarms", "False alarms")
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(label("Overlooking"))
        row.addWidget(self.classes)
        row.addWidget(label("is"))
        row.addWidget(self.times)
        row.addWidget(self.value)
        row.addStretch(1)
        self.body.addLayout(row)
        for widget in (self.sentence, self.found, self.alarms):
            self.body.addWidget(widget)

    def show_found(self, found: HowSure | None) -> None:
        """Begin with the class that is recognised worst."""
        self._found = found
        if found is None:
            return
        fill(self.classes, [(name, label) for label, name in enumerate(found.classes)])
        labels, right = found.evidence.labels, found.evidence.right
        shares = [(right[labels == each].mean(), each) for each in range(len(found.classes)) if (labels == each).any()]
        self.classes.setCurrentIndex(min(shares)[1])
        self._count()

    def release(self) -> None:
        """Wait for pictures being read."""
        for strip in (self.found, self.alarms):
            strip.release()

    def _count(self) -> None:
        times = self.times.value()
        self.value.setText(f"{times} × as bad as any other error" if times > 1 else "as bad as any other error")
        if (found := self._found) is None or self.classes.currentIndex() < 0:
            return
        job = CountOverlooked(evidence=found.evidence, label=self.classes.currentIndex(), times=times)
        self._studio.submit(job, done=partial(self._take, found))

    def _take(self, found: HowSure, counts: Overlooked) -> None:
        if found is not self._found or counts.label != self.classes.currentIndex():
            return
        if counts.times != self.times.value():
            return
        name, evidence = isolated(found.classes[counts.label]), found.evidence
        said, own = evidence.probabilities.argmax(1), evidence.labels == counts.label
        before, before_alarms = int((own & (said == counts.label)).sum()), int((~own & (said == counts.label)).sum())
        own_pictures = counted(counts.pictures, "picture")
        self.sentence.setText(
            f"{len(counts.found)} of {own_pictures} of {name} recognised ({before} without this), "
            f"{counted(len(counts.alarms), 'false alarm')} ({before_alarms} without this)."
        )
        self.found.rename(f"{name}, recognised")
        self.found.show_answers(judged(found, counts.found, counts.label), len(counts.found), found.root)
        self.alarms.rename(f"Called {name} by mistake")
        self.alarms.show_answers(judged(found, counts.alarms, counts.label), len(counts.alarms), found.root)

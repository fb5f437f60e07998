"""How pictures are divided into train, validation and test."""

from collections import Counter
from collections.abc import Sequence

from PySide6 import QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, counted, isolated
from cnnstudio.data import Dataset, SplitSpec
from cnnstudio.jobs import specs
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import button, label, number, set_kind
from cnnstudio.ui.widgets.dialog_frame import body_and_foot, give_room

_WIDTH = 130


class SplitDialog(QtWidgets.QDialog):
    """Edits a draft; ``spec`` is the outcome."""

    def __init__(self, dataset: Dataset, studio: Studio, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("split_dialog")
        self.setWindowTitle("Split the pictures")
        self._dataset, before = dataset, dataset.spec
        self._studio = studio
        self._matching: JobMonitor[tuple[str | None, ...]] | None = None
        self.validation = _number("split_validation", "Validation", 0, 45, round(100 * before.validation), " %")
        self.test = _number("split_test", "Test", 0, 45, round(100 * before.test), " %")
        self.seed = _number("split_seed", "Seed", 0, 2**31 - 1, before.seed)
        self.pattern = QtWidgets.QLineEdit(before.group_pattern)
        self.pattern.setObjectName("split_pattern")
        self.pattern.setAccessibleName("Keep together by file name")
        self.pattern.setPlaceholderText(r"Such as (patient\d+) or ^(.*)_frame")
        self.copies = QtWidgets.QCheckBox("Keep pictures that look the same together")
        self.copies.setObjectName("split_copies")
        self.copies.setChecked(before.copies_together)
        self.groups = QtWidgets.QCheckBox("Keep groups together, as the table says")
        self.groups.setObjectName("split_groups")
        self.groups.setChecked(before.groups_together)
        self.groups.setVisible(bool(dataset.group_column))
        self.folds = _number("split_folds", "Folds", 0, 20, before.folds)
        self.folds.setSpecialValueText("off")
        self.fold = _number("split_fold", "Number of the fold to validate on", 1, 20, before.fold + 1)
        self.found = label("", "caption", kind="muted", wrap=True, name="split_found")
        form = QtWidgets.QFormLayout()
        form.setVerticalSpacing(theme.S)
        form.setRowWrapPolicy(QtWidgets.QFormLayout.RowWrapPolicy.WrapLongRows)
        form.addRow("Validation", self.validation)
        form.addRow("Test", self.test)
        form.addRow("Seed", self.seed)
        form.addRow("Keep together by file name", self.pattern)
        form.addRow("", self.found)
        form.addRow("", self.copies)
        if dataset.group_column:
            form.addRow("", self.groups)
            column_words = f"Pictures are of one group where they have the same {isolated(dataset.group_column)}."
            form.addRow("", label(column_words, "caption", kind="muted", wrap=True))
            self.groups.setAccessibleDescription(column_words)
        folds = QtWidgets.QHBoxLayout()
        folds.setSpacing(theme.S)
        folds.addWidget(self.folds)
        folds.addWidget(label("validate on number", kind="muted"))
        folds.addWidget(self.fold)
        folds.addStretch(1)
        form.addRow("Cross-validation folds", folds)
        self.ok = button("Split again", "split_apply", self.accept, kind="primary")
        column, buttons = body_and_foot(self)
        column.addWidget(
            label(
                "Every picture is assigned again, also those you moved by hand. Accuracies of earlier runs "
                "were measured on the old test pictures and cannot be compared with new ones.",
                kind="muted",
                wrap=True,
            )
        )
        column.addLayout(form)
        column.addStretch(1)
        buttons.addStretch(1)
        buttons.addWidget(button("Cancel", "split_cancel", self.reject))
        buttons.addWidget(self.ok)
        give_room(self, 560, 440)
        self.pattern.textChanged.connect(lambda _: self._look())
        for box in (self.validation, self.test, self.folds, self.fold):
            box.valueChanged.connect(lambda _: self._look())
        for box in (self.test, self.folds):  # the folders say it
            box.setEnabled(dataset.split_source == "stratified")
        self._look()

    def spec(self) -> SplitSpec:
        """What the form says.

        Raises:
            ValueError: it cannot be, in plain words.
        """
        folds = self.folds.value()
        return SplitSpec(
            validation=self.validation.value() / 100,
            test=self.test.value() / 100,
            seed=self.seed.value(),
            group_pattern=self.pattern.text(),
            copies_together=self.copies.isChecked(),
            groups_together=self.groups.isChecked(),
            folds=folds,
            fold=self.fold.value() - 1 if folds else 0,
        )

    def _look(self) -> None:
        """Say at once what the pattern finds, or why the form cannot work."""
        self.fold.setEnabled(self.folds.value() > 0)
        if self._matching is not None:
            self._matching.stop()
            self._matching = None
        try:
            spec = self.spec()
        except ValueError as error:
            self._say(str(error), "bad")
            self.ok.setEnabled(False)
            return
        self.ok.setEnabled(True)
        if not spec.group_pattern:
            self._say(
                "A regular expression: files whose match is the same stay together. Leave it empty if every "
                "picture stands for itself.",
                "muted",
            )
            return
        names = tuple(self._dataset.name_of(sample.path) for sample in self._dataset.samples)
        self._say("Looking at the file names…", "muted")
        self._matching = matching = self._studio.submit(specs.MatchNames(names=names, pattern=spec.group_pattern))
        matching.finished.connect(lambda found: self._tell(found) if matching is self._matching else None)
        matching.failed.connect(lambda problem: self._refuse(problem) if matching is self._matching else None)

    @override
    def done(self, result: int) -> None:
        """What the pattern finds is no longer of interest."""
        if self._matching is not None:
            self._matching.stop()
            self._matching = None
        super().done(result)

    def _refuse(self, problem: Problem) -> None:
        self._say(problem.title, "bad")
        self.ok.setEnabled(False)

    def _tell(self, found: Sequence[str | None]) -> None:
        sizes = Counter(name for name in found if name is not None)
        outside = len(found) - sum(sizes.values())
        self._say(
            (
                f"{counted(len(sizes), 'group')}, such as {', '.join(list(sizes)[:3])}; in none: "
                f"{counted(outside, 'picture')}."
            )
            if sizes
            else "No file name matches.",
            "muted" if sizes else "bad",
        )

    def _say(self, text: str, kind: str) -> None:
        self.found.setText(text)
        set_kind(self.found, kind)


def _number(name: str, accessible: str, low: int, high: int, value: int, suffix: str = "") -> QtWidgets.QSpinBox:
    box = number(name, accessible, low, high, value, suffix=suffix)
    box.setMaximumWidth(theme.scaled(_WIDTH))
    return box

"""What to train, how long, on which device; the rest folded away under "Advanced"."""

from dataclasses import dataclass
from typing import Any, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.data.spec import AugmentSpec
from cnnstudio.training.device_choice import DeviceInfo
from cnnstudio.training.recipe import DEFAULT_EPOCHS, MAX_SEED, Device, Mode, Optimizer, Recipe, Schedule
from cnnstudio.ui import theme
from cnnstudio.ui.widgets.buttons import button
from cnnstudio.ui.widgets.text import label


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to train, in plain words."""

    mode: Mode
    title: str
    text: str


CHOICES = (
    Choice("head", "Last layer", "Quickest: seconds. Keeps everything the network knows and learns only your classes."),
    Choice("last-stage", "Last stage too", "Minutes. Adapts the last layers as well; good when pictures look unusual."),
    Choice(
        "all", "Everything", "Slowest and often best. Adapts the whole network, gently; worth it with many pictures."
    ),
    Choice("scratch", "From scratch", "Without pretrained weights. Needs many pictures, or very simple ones."),
)


class RecipeForm(QWidget):
    """Edits a draft; ``apply_to`` makes a recipe of it."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("recipe_form")
        self._touched_epochs = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(label("What to train", "heading"))
        column.addLayout(self._modes())
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        self.epochs = _spin("epochs", "How long: epochs", 1, 10_000)
        self.epochs.valueChanged.connect(self._epochs_touched)
        self.device = _combo("device", "Device", (("Automatic", "auto"), ("CPU", "cpu")))
        row.addWidget(label("How long", "heading"))
        row.addWidget(self.epochs)
        row.addWidget(label("epochs (each sees every picture once)", kind="muted"))
        row.addStretch(1)
        row.addWidget(label("Device", "heading"))
        row.addWidget(self.device)
        column.addLayout(row)
        self.toggle = button("Advanced", "advanced_toggle", self._toggle, kind="ghost", icon_name="chevron-right")
        self.toggle.setCheckable(True)
        column.addWidget(self.toggle, 0, Qt.AlignmentFlag.AlignLeft)
        self.advanced = self._advanced()
        self.advanced.hide()
        column.addWidget(self.advanced)
        self.select_mode("head")

    @property
    def mode(self) -> Mode:
        """What is chosen."""
        return CHOICES[self._group.checkedId()].mode

    def select_mode(self, mode: Mode) -> None:
        """Choose what to train; the number of epochs follows until the user sets it."""
        index = [choice.mode for choice in CHOICES].index(mode)
        self.mode_buttons[index].setChecked(True)
        self._mode_changed()

    def show_devices(self, devices: tuple[DeviceInfo, ...]) -> None:
        """Offer the devices that work."""
        chosen = self.device.currentData()
        self.device.clear()
        working = [device for device in devices if not device.note]
        self.device.addItem(f"Automatic ({working[0].title})" if working else "Automatic", "auto")
        for device in working:
            self.device.addItem(device.title, device.kind)
        self.device.setCurrentIndex(max(0, self.device.findData(chosen)))

    def apply_to(self, dataset: str, network: str, weights: str, start_from: str = "") -> Recipe:
        """The recipe that the form describes.

        Raises:
            RecipeError: a combination that cannot work, in plain words.
        """
        mode = self.mode
        return Recipe(
            dataset=dataset,
            network=network,
            weights="none" if mode == "scratch" else weights,
            mode=mode,
            start_from=start_from,
            epochs=self.epochs.value(),
            batch_size=self.batch_size.value(),
            learning_rate=self.learning_rate.value(),
            weight_decay=self.weight_decay.value(),
            optimizer=cast("Optimizer", self.optimizer.currentData()),
            schedule=cast("Schedule", self.schedule.currentData()),
            label_smoothing=self.label_smoothing.value(),
            patience=self.patience.value(),
            input_size=self.input_size.value(),
            augment=AugmentSpec(
                flip=self.flip.isChecked(),
                crop=self.crop.value(),
                rotate_degrees=self.rotate.value(),
                colour=self.colour.value(),
            ),
            device=cast("Device", self.device.currentData() or "auto"),
            seed=self.seed.value(),
        )

    # Layout ---------------------------------------------------------------------------------------------------

    def _modes(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(theme.S)
        self._group = QButtonGroup(self)
        self.mode_buttons: list[QPushButton] = []
        for index, choice in enumerate(CHOICES):
            entry = _choice_button(choice)
            self._group.addButton(entry, index)
            self.mode_buttons.append(entry)
            grid.addWidget(entry, 0, index)
            grid.setColumnStretch(index, 1)
        self._group.idClicked.connect(lambda _: self._mode_changed())
        return grid

    def _advanced(self) -> QWidget:
        defaults = Recipe(dataset="", network="")
        self.batch_size = _spin("batch_size", "Batch size", 0, 4096, automatic=True)
        self.learning_rate = _decimal("learning_rate", "Learning rate", 10.0, 5, 0.0005, automatic=True)
        self.optimizer = _combo("optimizer", "Optimiser", (("AdamW", "adamw"), ("Adam", "adam"), ("SGD", "sgd")))
        self.schedule = _combo(
            "schedule", "Learning rate over time",
            (("Falls smoothly", "cosine"), ("Rises, then falls", "one-cycle"), ("Constant", "constant")),
        )  # fmt: skip
        self.weight_decay = _decimal("weight_decay", "Weight decay", 10.0, 4, 0.01, value=defaults.weight_decay)
        self.label_smoothing = _decimal("label_smoothing", "Label smoothing", 0.9, 2, 0.05)
        self.patience = _spin("patience", "Stop early after", 0, 1000, special="never")
        self.input_size = _spin("input_size", "Picture size", 0, 1024, automatic=True)
        self.seed = _spin("seed", "Seed", 0, min(MAX_SEED, 2**31 - 1))
        augment = defaults.augment
        self.flip = QCheckBox("Mirror left and right")
        self.flip.setObjectName("augment_flip")
        self.flip.setAccessibleName("Mirror left and right")
        self.flip.setChecked(augment.flip)
        self.crop = _decimal("augment_crop", "Cut out parts", 0.95, 2, 0.05, value=augment.crop)
        self.rotate = _decimal("augment_rotate", "Turn by up to (degrees)", 180, 0, 5, value=augment.rotate_degrees)
        self.colour = _decimal("augment_colour", "Change colours", 0.9, 2, 0.05, value=augment.colour)
        learning = QFormLayout()
        for title, widget, text in (
            ("Batch size", self.batch_size, "Pictures per step. Larger is steadier and needs more memory."),
            (
                "Learning rate",
                self.learning_rate,
                "How far each step goes. Too high and it forgets, too low and it crawls.",
            ),
            ("Learning rate over time", self.schedule, "Falling smoothly is almost always right."),
            ("Optimiser", self.optimizer, "The rule that turns errors into steps."),
            ("Weight decay", self.weight_decay, "Keeps weights small, against learning by heart."),
            (
                "Label smoothing",
                self.label_smoothing,
                "Makes the network less sure of itself; helps with wrong labels.",
            ),
            ("Stop early after", self.patience, "Epochs without progress on validation pictures."),
        ):
            learning.addRow(title, _explained(widget, text))
        pictures = QFormLayout()
        for title, part, text in (
            ("", self.flip, "Not for text or left/right differences."),
            ("Cut out parts", self.crop, "0 shows the whole picture every time."),
            ("Turn by up to", self.rotate, "Degrees. High when your things have no up or down."),
            ("Change colours", self.colour, "0 when colour tells the classes apart."),
            ("Picture size", self.input_size, "Side in pixels. Smaller is quicker and sees less."),
            ("Seed", self.seed, "The same seed gives the same run."),
        ):
            pictures.addRow(title, _explained(part, text))
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(theme.S, 0, 0, 0)
        row.setSpacing(theme.L)
        for heading, form in (("Learning", learning), ("Changing the pictures while training", pictures)):
            half = QVBoxLayout()
            half.addWidget(label(heading, "heading"))
            half.addLayout(form)
            half.addStretch(1)
            row.addLayout(half, 1)
        return box

    def _mode_changed(self) -> None:
        if not self._touched_epochs:
            self.epochs.blockSignals(True)
            self.epochs.setValue(DEFAULT_EPOCHS[self.mode])
            self.epochs.blockSignals(False)
        self.changed.emit()

    def _epochs_touched(self) -> None:
        self._touched_epochs = True

    def _toggle(self) -> None:
        self.advanced.setVisible(self.toggle.isChecked())


def _choice_button(choice: Choice) -> QPushButton:
    entry = button("", f"mode_{choice.mode}", kind="choice")
    entry.setAccessibleName(f"{choice.title}: {choice.text}")
    entry.setCheckable(True)
    column = QVBoxLayout(entry)
    column.setContentsMargins(theme.M, theme.S + 4, theme.M, theme.S)
    column.addWidget(label(choice.title, "heading"))
    column.addWidget(label(choice.text, "caption", kind="muted", wrap=True))
    column.addStretch(1)
    return entry


def _spin(name: str, accessible: str, low: int, high: int, *, automatic: bool = False, special: str = "") -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    return _prepared(box, name, accessible, "automatic" if automatic else special)


def _decimal(
    name: str, accessible: str, high: float, decimals: int, step: float, *, value: float = 0.0, automatic: bool = False
) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setDecimals(decimals)
    box.setRange(0.0, high)
    box.setSingleStep(step)
    box.setValue(value)
    return _prepared(box, name, accessible, "automatic" if automatic else "")


def _prepared(box: Any, name: str, accessible: str, special: str) -> Any:
    box.setObjectName(name)
    box.setAccessibleName(accessible)
    box.setMinimumWidth(110)
    if special:
        box.setSpecialValueText(special)
    return box


def _combo(name: str, accessible: str, items: tuple[tuple[str, str], ...]) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(accessible)
    for text, value in items:
        box.addItem(text, value)
    return box


def _explained(widget: QWidget, text: str) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, theme.XS)
    column.setSpacing(1)
    column.addWidget(widget)
    column.addWidget(label(text, "caption", kind="muted", wrap=True))
    widget.setToolTip(text)
    return box

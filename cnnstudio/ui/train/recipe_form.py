"""What to train, how long, on which device; the rest folded away under "Advanced"."""

from typing import cast

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import DeviceInfo
from cnnstudio.data import AugmentSpec
from cnnstudio.networks import DEFAULT_MODE, MODES, Mode
from cnnstudio.training.recipe import Device, Recipe
from cnnstudio.ui.look import theme
from cnnstudio.ui.train.option_form import OptionForm
from cnnstudio.ui.train.options import NOT_SOLVED, fields_from
from cnnstudio.ui.train.rate_finder import RateFinder
from cnnstudio.ui.widgets import button, combo, fill, label, number, tint


class RecipeForm(QtWidgets.QWidget):
    """Edits a draft; ``apply_to`` makes a recipe of it."""

    changed = QtCore.Signal()
    open_requested = QtCore.Signal()
    save_requested = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("recipe_form")
        self._touched_epochs = False
        self._before_scratch: str | None = None
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(label("What to train", "heading"))
        column.addLayout(self._modes())
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        self.epochs = number("epochs", "How long: epochs", 1, 10_000)
        self.epochs.setMinimumWidth(110)
        self.epochs.valueChanged.connect(self._epochs_touched)
        self.device = combo("device", "Device", (("Automatic", "auto"), ("CPU", "cpu")))
        how_long = QtWidgets.QWidget()
        length = QtWidgets.QHBoxLayout(how_long)
        length.setContentsMargins(0, 0, 0, 0)
        length.setSpacing(theme.M)
        length.addWidget(label("How long", "heading"))
        length.addWidget(self.epochs)
        length.addWidget(label("epochs (each sees every picture once)", kind="muted"))
        self._how_long = how_long
        self._at_once = label(
            "Chosen by cross-validation, without epochs. Once judged on validation pictures, it learns from them, too.",
            kind="muted",
            wrap=True,
            name="solved_text",
        )
        row.addWidget(how_long)
        row.addWidget(self._at_once, 1)
        row.addStretch()
        row.addWidget(label("Device", "heading"))
        row.addWidget(self.device)
        column.addLayout(row)
        self.toggle = button("Advanced", "advanced_toggle", self._toggle, kind="ghost", icon_name="chevron-right")
        self.toggle.setCheckable(True)
        column.addWidget(self.toggle, 0, QtCore.Qt.AlignmentFlag.AlignLeft)
        self.options = OptionForm()
        self.options.changed.connect(self._suit)
        self.options.changed.connect(self.changed)
        self.rate_finder = RateFinder(lambda rate: self.options.show_value("learning_rate", rate))
        self.advanced = self._advanced()
        self.advanced.hide()
        column.addWidget(self.advanced)
        self.select_mode(DEFAULT_MODE)

    @property
    def mode(self) -> str:
        """What is chosen."""
        return self._offered[self._group.checkedId()].name

    @property
    def solves_head(self) -> bool:
        """Whether the last layer alone is learned, and solved for: without epochs."""
        return MODES[self.mode].on == "features" and self.options.value("head_solver") != "epochs"

    def select_mode(self, mode: str) -> None:
        """Choose what to train; the number of epochs follows until the user sets it."""
        self.mode_buttons[self._offered.index(MODES[mode])].setChecked(True)
        self._mode_changed()

    def allow_only_scratch(self, reason: str) -> None:
        """Leave only training from scratch, and say why; an empty reason allows everything again."""
        if reason and MODES[self.mode].pretrained:
            self._before_scratch = self.mode
            self.select_mode(next(mode.name for mode in self._offered if not mode.pretrained))
        elif not reason and self._before_scratch is not None:
            self.select_mode(self._before_scratch)
        if not reason:
            self._before_scratch = None
        for mode, entry in zip(self._offered, self.mode_buttons, strict=True):
            entry.setEnabled(not (reason and mode.pretrained))
            entry.setToolTip(reason if mode.pretrained else "")

    def show_devices(self, devices: tuple[DeviceInfo, ...]) -> None:
        """Offer the devices that work."""
        working = [device for device in devices if not device.note]
        automatic = f"Automatic: {working[0].title}" if working else "Automatic"
        fill(self.device, [(automatic, "auto"), *((device.title, device.kind) for device in working)])

    def apply_to(self, dataset: str, network: str, weights: str, start_from: str = "") -> Recipe:
        """The recipe that the form describes.

        Raises:
            RecipeError: a combination that cannot work, in plain words.
        """
        mode = self.mode
        return Recipe(
            dataset=dataset,
            network=network,
            weights=weights if MODES[mode].pretrained else "none",
            mode=mode,
            start_from=start_from,
            epochs=0 if self.solves_head else self.epochs.value(),
            device=cast("Device", self.device.currentData() or "auto"),
            **fields_from(self.options.values()),
        )

    def show_recipe(self, recipe: Recipe) -> None:
        """Set everything as in a recipe, such as one from a file or of an earlier run.

        What is the default of its mode and optimiser stays automatic, so that it follows when these are changed.
        """
        recipe = recipe.reopened()
        self.select_mode(recipe.mode)
        self.epochs.setValue(recipe.epochs or recipe.how.epochs)
        self.device.setCurrentIndex(max(0, self.device.findData(recipe.device)))
        self.options.show_values(recipe)
        if self.options.changes():
            self.toggle.setChecked(True)
            self._toggle()

    def weigh_classes(self) -> None:
        """Let small classes count more, as it was wanted on the data page."""
        self.options.show_value("balance", "weights")

    def show_changes(self, changes: AugmentSpec) -> None:
        """Take how pictures are changed, as it was chosen on the data page."""
        for name in AugmentSpec.__dataclass_fields__:
            self.options.show_value(f"augment.{name}", getattr(changes, name))

    @property
    def input_size(self) -> int:
        """Side in pixels; 0 is automatic."""
        return int(self.options.values()["input_size"])

    # Layout ---------------------------------------------------------------------------------------------------

    def _modes(self) -> QtWidgets.QGridLayout:
        grid = QtWidgets.QGridLayout()
        grid.setSpacing(theme.S)
        self._group = QtWidgets.QButtonGroup(self)
        self._offered = tuple(MODES.values())
        self.mode_buttons: list[QtWidgets.QPushButton] = []
        for index, mode in enumerate(self._offered):
            entry = _mode_button(mode)
            self._group.addButton(entry, index)
            self.mode_buttons.append(entry)
            grid.addWidget(entry, 0, index)
            grid.setColumnStretch(index, 1)
        self._group.idClicked.connect(lambda _: self._mode_changed())
        return grid

    def _advanced(self) -> QtWidgets.QWidget:
        box = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(self.rate_finder)
        column.addWidget(self.options)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        for entry in (
            button("Back to the defaults", "reset_recipe", self._reset),
            button("Open recipe…", "open_recipe", self.open_requested.emit, icon_name="open-folder"),
            button("Save recipe…", "save_recipe", self.save_requested.emit, icon_name="download"),
        ):
            row.addWidget(entry)
        row.addStretch(1)
        column.addLayout(row)
        return box

    def _reset(self) -> None:
        self.options.show_values(Recipe(dataset="", network=""))

    def _mode_changed(self) -> None:
        if not self._touched_epochs:
            with QtCore.QSignalBlocker(self.epochs):
                self.epochs.setValue(MODES[self.mode].epochs)
        self._suit()
        self.changed.emit()

    def _epochs_touched(self) -> None:
        self._touched_epochs = True
        self.changed.emit()

    def _toggle(self) -> None:
        self.advanced.setVisible(self.toggle.isChecked())
        tint(self.toggle, "chevron-down" if self.toggle.isChecked() else "chevron-right")

    def _suit(self) -> None:
        """Show only what the mode can follow."""
        mode, solved = MODES[self.mode], self.solves_head
        self._how_long.setVisible(not solved)
        self._at_once.setVisible(solved)
        self.rate_finder.setVisible(not solved)
        self.options.suit(mode)
        unused = NOT_SOLVED if solved else frozenset[str]()
        self.options.hide_unused(unused if mode.on == "features" else unused | {"head_solver"})
        changes = self.options.changes()
        self.toggle.setText(f"Advanced ({changes} changed)" if changes else "Advanced")


def _mode_button(mode: Mode) -> QtWidgets.QPushButton:
    entry = button("", f"mode_{mode.name}", kind="choice")
    entry.setAccessibleName(f"{mode.title}: {mode.text}")
    entry.setCheckable(True)
    column = QtWidgets.QVBoxLayout(entry)
    column.setContentsMargins(theme.M, theme.S + 4, theme.M, theme.S)
    column.addWidget(label(mode.title, "heading"))
    column.addWidget(label(mode.text, "caption", kind="muted", wrap=True))
    column.addStretch(1)
    return entry

"""What to train, how long, on which device; the rest is in a drawer, "Advanced"."""

from typing import cast

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import DeviceInfo, counted
from cnnstudio.data import AugmentSpec
from cnnstudio.networks import DEFAULT_MODE, MODES
from cnnstudio.training.recipe import Device, Recipe
from cnnstudio.ui.look import theme
from cnnstudio.ui.train.advanced import Advanced
from cnnstudio.ui.train.mode_cards import ModeCards
from cnnstudio.ui.train.options import NOT_SOLVED, fields_from
from cnnstudio.ui.widgets import button, combo, fill, label, number

_VARIED = 2
"""Stored variations of a picture: as it is, and varied."""


class RecipeForm(QtWidgets.QWidget):
    """Edits a draft; ``apply_to`` makes a recipe of it."""

    changed = QtCore.Signal()
    advanced_wanted = QtCore.Signal(bool)
    """To see the advanced settings, or to see them no longer."""
    open_requested = QtCore.Signal()
    save_requested = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("recipe_form")
        self._touched_epochs = False
        self._before_scratch: str | None = None
        self.modes = ModeCards()
        self.mode_buttons = self.modes.buttons
        self.epochs = number("epochs", "How long: epochs", 1, 10_000)
        self.epochs.setMinimumWidth(theme.scaled(110))
        self.device = combo("device", "Device", (("Automatic", "auto"), ("CPU", "cpu")))
        self.advanced = Advanced(self, self.open_requested.emit, self.save_requested.emit)
        self.options, self.rate_finder = self.advanced.options, self.advanced.rate_finder
        self.toggle = button("Advanced", "advanced_toggle", self._toggle, kind="ghost", icon_name="chevron-right")
        self.toggle.setCheckable(True)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(label("What to train", "heading"))
        column.addWidget(self.modes)
        column.addLayout(self._below())
        self.modes.chosen.connect(self._mode_changed)
        self.epochs.valueChanged.connect(self._epochs_touched)
        self.options.changed.connect(self._suit)
        self.options.changed.connect(self.changed)
        self.select_mode(DEFAULT_MODE)

    @property
    def mode(self) -> str:
        """What is chosen."""
        return self.modes.mode

    @property
    def solves_head(self) -> bool:
        """Whether the last layer alone is learned, and solved for: without epochs."""
        return self._solves(self.mode)

    @property
    def summary(self) -> str:
        """What is set, in one line."""
        how = "by cross-validation" if self.solves_head else counted(self.epochs.value(), "epoch")
        changes = self.options.changes()
        advanced = [counted(changes, "advanced setting changed", "advanced settings changed")] if changes else []
        return " · ".join([MODES[self.mode].title, how, *advanced])

    def select_mode(self, mode: str) -> None:
        """Choose what to train; the number of epochs follows until the user sets it."""
        self.modes.choose(mode)
        self._mode_changed()

    def allow_only_scratch(self, reason: str) -> None:
        """Leave only training from scratch, and say why; an empty reason allows everything again."""
        if reason and MODES[self.mode].pretrained:
            self._before_scratch = self.mode
            self.select_mode(next(mode.name for mode in MODES.values() if not mode.pretrained))
        elif not reason and self._before_scratch is not None:
            self.select_mode(self._before_scratch)
        if not reason:
            self._before_scratch = None
        self.modes.allow(pretrained=not reason, reason=reason)

    def show_devices(self, devices: tuple[DeviceInfo, ...]) -> None:
        """Offer the devices that work."""
        working = [device for device in devices if not device.note]
        automatic = f"Automatic: {working[0].title}" if working else "Automatic"
        fill(self.device, [(automatic, "auto"), *((device.title, device.kind) for device in working)])

    def apply_to(self, dataset: str, network: str, weights: str, start_from: str = "", mode: str = "") -> Recipe:
        """The recipe that the form describes.

        Args:
            dataset: folder of pictures.
            network: its name.
            weights: see ``Recipe``.
            start_from: run to continue.
            mode: another than the chosen one, to know what that would take.

        Raises:
            RecipeError: a combination that cannot work, in plain words.
        """
        mode = mode or self.mode
        epochs = self.epochs.value() if mode == self.mode or self._touched_epochs else MODES[mode].epochs
        return Recipe(
            dataset=dataset,
            network=network,
            weights=weights if MODES[mode].pretrained else "none",
            mode=mode,
            start_from=start_from,
            epochs=0 if self._solves(mode) else epochs,
            device=cast("Device", self.device.currentData() or "auto"),
            **fields_from(self.options.values(self._unused(mode))),
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

    def weigh_classes(self) -> None:
        """Let small classes count more, as it was wanted on the data page."""
        self.options.show_value("balance", "weights")

    def show_changes(self, changes: AugmentSpec) -> None:
        """Take how pictures are changed, as it was chosen on the data page."""
        for name in AugmentSpec.__dataclass_fields__:
            self.options.show_value(f"augment.{name}", getattr(changes, name))

    def learn_changes(self, changes: AugmentSpec) -> None:
        """The same, and let frozen layers see varied pictures, too, which they do not where one variation is kept."""
        self.show_changes(changes)
        if self.options.value("views") < _VARIED:
            self.options.show_value("views", _VARIED)

    @property
    def input_size(self) -> int:
        """Side in pixels; 0 is automatic."""
        return int(self.options.values()["input_size"])

    # Layout ---------------------------------------------------------------------------------------------------

    def _below(self) -> QtWidgets.QHBoxLayout:
        self._how_long = QtWidgets.QWidget()
        length = QtWidgets.QHBoxLayout(self._how_long)
        length.setContentsMargins(0, 0, 0, 0)
        length.setSpacing(theme.S)
        length.addWidget(label("How long", "heading"))
        length.addWidget(self.epochs)
        length.addWidget(label("epochs (each sees every picture once)", kind="muted"))
        self._at_once = label(
            "Chosen by cross-validation, without epochs. Once judged on validation pictures, it learns from them, too.",
            kind="muted",
            wrap=True,
            name="solved_text",
        )
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self._how_long)
        row.addWidget(self._at_once, 1)
        row.addStretch()
        row.addWidget(label("Device", "heading"))
        row.addWidget(self.device)
        return row

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
        self.advanced_wanted.emit(self.toggle.isChecked())

    def _solves(self, mode: str) -> bool:
        return MODES[mode].on == "features" and self.options.value("head_solver") != "epochs"

    def _unused(self, mode: str) -> frozenset[str]:
        """Settings that say nothing in a mode."""
        unused = NOT_SOLVED if self._solves(mode) else frozenset[str]()
        return unused if MODES[mode].on == "features" else unused | {"head_solver"}

    def _suit(self) -> None:
        """Show only what the mode can follow."""
        solved = self.solves_head
        self._how_long.setVisible(not solved)
        self._at_once.setVisible(solved)
        self.rate_finder.setVisible(not solved)
        self.options.suit(MODES[self.mode])
        self.options.hide_unused(self._unused(self.mode))
        self.advanced.tell_changes()
        changes = self.options.changes()
        self.toggle.setText(f"Advanced ({changes} changed)" if changes else "Advanced")

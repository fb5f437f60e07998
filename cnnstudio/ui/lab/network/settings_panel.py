"""The settings of the block that is chosen, with what the field advises."""

from functools import partial

from PySide6 import QtCore, QtWidgets

from cnnstudio.networks.blocks.table import KINDS
from cnnstudio.networks.blocks.values import Setting, Value
from cnnstudio.ui.lab.network.editing import Editor
from cnnstudio.ui.lab.network.words import CHOICES, SPECIAL, block_title
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import combo, in_line, label

Control = QtWidgets.QCheckBox | QtWidgets.QComboBox | QtWidgets.QSpinBox | QtWidgets.QDoubleSpinBox


class SettingsPanel(QtWidgets.QWidget):
    """Fields are made for another kind of block, and filled for another block of the same kind."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self.setObjectName("lab_settings")
        self._editor = editor
        self._place = -1
        self._kind = ""
        self.controls: dict[str, Control] = {}
        self.title = label("", "heading", wrap=True, name="lab_settings_title")
        self.text = label("", "caption", kind="muted", wrap=True, name="lab_settings_text")
        self.advice = label("", "caption", wrap=True, name="lab_settings_advice")
        self._form = QtWidgets.QFormLayout()
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(theme.S)
        self._form.setVerticalSpacing(theme.XS)
        self._form.setRowWrapPolicy(QtWidgets.QFormLayout.RowWrapPolicy.WrapLongRows)
        self._form.setFieldGrowthPolicy(QtWidgets.QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        content = QtWidgets.QWidget()
        content.setProperty("kind", "column")
        column = QtWidgets.QVBoxLayout(content)
        column.setContentsMargins(0, 0, theme.S, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addLayout(self._form)
        column.addWidget(self.advice)
        column.addStretch(1)
        area = QtWidgets.QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)
        outer = QtWidgets.QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        editor.changed.connect(self._refresh)
        self.show_block(-1)

    def show_block(self, place: int) -> None:
        """The settings of the block with this number; -1 for none."""
        self._place = place
        self._refresh()

    def focus_first(self) -> None:
        """The keyboard to the first field."""
        first = next(iter(self.controls.values()), None)
        if first is not None:
            first.setFocus(QtCore.Qt.FocusReason.OtherFocusReason)

    def _refresh(self) -> None:
        blocks = self._editor.plan.blocks
        if not 0 <= self._place < len(blocks):
            self._make("")
            self.title.setText("No block is selected")
            self.text.setText("Select one in the list to change it, or add one from the blocks.")
            self.advice.hide()
            return
        block = blocks[self._place]
        kind = KINDS[block.kind]
        self._make(block.kind)
        self.title.setText(f"{self._place + 1}  {block_title(block)}")
        self.text.setText(kind.text)
        self.advice.setText(f"Advice: {kind.advice}")
        self.advice.setVisible(bool(kind.advice))
        for setting in kind.settings:
            _fill(self.controls[setting.name], setting, block.values[setting.name])

    def _make(self, kind: str) -> None:
        """Fields for a kind of block."""
        if kind == self._kind:
            return
        self._kind = kind
        while self._form.rowCount():
            self._form.removeRow(0)
        self.controls = {}
        for setting in KINDS[kind].settings if kind else ():
            control = _control(setting)
            self.controls[setting.name] = control
            if isinstance(control, QtWidgets.QCheckBox):
                control.toggled.connect(partial(self._take, setting.name))
                self._form.addRow(control)
                continue
            if isinstance(control, QtWidgets.QComboBox):
                control.currentIndexChanged.connect(
                    lambda _, name=setting.name, box=control: self._take(name, box.currentData())
                )
            else:
                control.valueChanged.connect(partial(self._take, setting.name))
            caption = label(setting.label)
            caption.setBuddy(control)
            caption.setToolTip(setting.text)
            caption.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Expanding)
            self._form.addRow(caption, control)

    def _take(self, name: str, value: Value) -> None:
        if 0 <= self._place < len(self._editor.plan.blocks):
            self._editor.set(self._place, name, value)


def _control(setting: Setting) -> Control:
    made: Control
    if isinstance(setting.default, bool):
        made = QtWidgets.QCheckBox(setting.label)
    elif setting.choices:
        made = combo("", setting.label, [(CHOICES.get(choice, choice), choice) for choice in setting.choices])
    elif isinstance(setting.default, float):
        made = in_line(QtWidgets.QDoubleSpinBox())
        made.setDecimals(2)
        made.setSingleStep(0.05)
        made.setRange(setting.low, setting.high)
        made.setKeyboardTracking(False)
    else:
        made = in_line(QtWidgets.QSpinBox())
        made.setRange(min(int(setting.low), setting.special) if setting.word else int(setting.low), int(setting.high))
        made.setKeyboardTracking(False)
        made.setGroupSeparatorShown(False)
        if setting.word:
            made.setSpecialValueText(SPECIAL.get(setting.word, setting.word))
    made.setObjectName(f"lab_setting_{setting.name}")
    made.setAccessibleName(setting.label)
    made.setAccessibleDescription(setting.text)
    made.setToolTip(setting.text)
    return made


def _fill(control: Control, setting: Setting, value: Value) -> None:
    with QtCore.QSignalBlocker(control):
        if isinstance(control, QtWidgets.QCheckBox):
            control.setChecked(bool(value))
        elif isinstance(control, QtWidgets.QComboBox):
            control.setCurrentIndex(max(0, control.findData(value)))
        elif isinstance(control, QtWidgets.QSpinBox):
            control.setSingleStep(_step(setting, int(value)))
            control.setValue(int(value))
        else:
            control.setValue(float(value))


def _step(setting: Setting, value: int) -> int:
    """Channels go in eighths of what they are, since powers of two are usual; all else one by one."""
    return max(1, value // 8) if setting.name in ("channels", "outputs") and value >= 16 else 1

"""What the drawer of advanced settings holds: a search, the way back to the defaults, the settings, recipe files."""

from collections.abc import Callable

from PySide6 import QtWidgets

from cnnstudio.training.recipe import Recipe
from cnnstudio.ui.look import theme
from cnnstudio.ui.train.option_form import OptionForm
from cnnstudio.ui.train.rate_finder import RateFinder
from cnnstudio.ui.widgets import Drawer, button, label


class Advanced(QtWidgets.QWidget):
    """The form decides which of its parts a mode can follow; it is seen once a drawer has taken it in."""

    def __init__(
        self, form: QtWidgets.QWidget, open_recipe: Callable[[], object], save_recipe: Callable[[], object]
    ) -> None:
        super().__init__(form)
        self.hide()
        self.options = OptionForm()
        self.rate_finder = RateFinder(lambda rate: self.options.show_value("learning_rate", rate))
        self.search = QtWidgets.QLineEdit()
        self.search.setObjectName("option_search")
        self.search.setAccessibleName("Search settings")
        self.search.setPlaceholderText("Search, such as rate or colour")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _: self._search())
        self.reset = button("Back to the defaults", "reset_recipe", self._reset)
        self.nothing = label("No setting speaks of this.", kind="muted", name="no_option")
        self.nothing.hide()
        files = QtWidgets.QHBoxLayout()
        files.setSpacing(theme.S)
        files.addWidget(button("Open recipe…", "open_recipe", open_recipe, icon_name="open-folder"))
        files.addWidget(button("Save recipe…", "save_recipe", save_recipe, icon_name="download"))
        files.addStretch(1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        for part in (self.nothing, self.options, self.rate_finder):
            column.addWidget(part)
        column.addLayout(files)
        column.addStretch(1)

    def fill(self, drawer: Drawer) -> None:
        """Be what it holds."""
        head = QtWidgets.QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(self.search, 1)
        head.addWidget(self.reset)
        drawer.top.addLayout(head)
        drawer.body.addWidget(self)
        self.show()

    def tell_changes(self) -> None:
        """What is as it always is needs no way back."""
        self.reset.setEnabled(bool(self.options.changes()))

    def _search(self) -> None:
        self.nothing.setVisible(not self.options.search(self.search.text()))

    def _reset(self) -> None:
        self.options.show_values(Recipe(dataset="", network=""))

"""Recipes as files: saved, opened, and taken from earlier runs."""

from collections.abc import Callable
from pathlib import Path

from PySide6 import QtWidgets

from cnnstudio.core import Problem
from cnnstudio.jobs.specs import OpenRecipe, SaveRecipe
from cnnstudio.jobs.specs.runs import OpenedRecipe
from cnnstudio.training.recipe import Recipe
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets.file_dialogs import ask_file, ask_new_file

_FILES = "Recipes (*.toml)"


class RecipeFiles:
    """Asks for a place and hands over what is there; problems are told by the page."""

    def __init__(
        self,
        studio: Studio,
        page: QtWidgets.QWidget,
        take: Callable[[OpenedRecipe], object],
        tell: Callable[[Problem], object],
    ) -> None:
        self._studio, self._page, self._take, self._tell = studio, page, take, tell

    def save(self, recipe: Recipe | None) -> None:
        """Ask where, and write it there."""
        path = ask_new_file(self._page, "Save recipe", "recipe.toml", _FILES)
        if recipe is not None and path is not None:
            self._studio.submit(SaveRecipe(recipe=recipe, file=path), failed=self._tell)

    def choose(self) -> None:
        """Ask which, and open it."""
        path = ask_file(self._page, "Open recipe", _FILES)
        if path is not None:
            self.use(path)

    def use(self, path: Path) -> None:
        """Take the settings; the pictures stay those of the open folder."""
        self._studio.submit(OpenRecipe(file=path), done=self._take, failed=self._tell)

"""What is special about a recipe, in a few words."""

from typing import Any

from cnnstudio.core import RecipeError, counted
from cnnstudio.networks import DEFAULT_MODE, mode_words
from cnnstudio.training.recipe import Recipe
from cnnstudio.ui.train.options import OPTIONS


def recipe_words(plain: dict[str, Any]) -> str:
    """Mode, epochs, and every advanced setting that differs from the mode's default.

    Args:
        plain: a recipe as a run records it.
    """
    mode = str(plain.get("mode", DEFAULT_MODE))
    words = [mode_words(mode), counted(int(plain.get("epochs", 0)), "epoch")]
    try:
        defaults = Recipe(dataset="", network="", mode=mode, weights="auto").resolved()
    except RecipeError:  # a run by a newer version
        return ", ".join(words)
    for path, option in OPTIONS.items():
        value, usual = _at(plain, path), defaults
        for name in path.split("."):
            usual = getattr(usual, name)
        if value not in (None, usual):
            shown = next((text for text, choice in option.choices if choice == value), value)
            words.append(
                f"{option.title.lower()} {shown:g}" if isinstance(shown, float) else _pair(option.title, shown)
            )
    return ", ".join(words)


def _pair(title: str, value: object) -> str:
    if isinstance(value, bool):
        return title.lower() if value else f"not: {title.lower()}"
    return f"{title.lower()} {str(value).lower()}"


def _at(plain: Any, path: str) -> Any:
    for name in path.split("."):
        plain = plain.get(name) if isinstance(plain, dict) else None
    return plain

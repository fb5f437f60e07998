"""Folders whose names are no UTF-8 are trained on, gone on with and exported like any other."""

import os

import pytest

from cnnstudio.training.recipe import Recipe, load_recipe


@pytest.mark.skipif(os.name == "nt", reason="names are no bytes there")
def test_a_recipe_keeps_the_bytes_of_a_folder(tmp_path):
    folder = os.fsdecode(b"/home/caf\xe9/-photos\n")
    Recipe(dataset=folder, network="lenet5").save(tmp_path / "recipe.toml")
    assert load_recipe(tmp_path / "recipe.toml").dataset == folder

"""What bundles are built from is what pyproject.toml allows, each package with its hashes."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement

from tests.packaging.test_contents import PACKAGING

LOCK = (PACKAGING / "requirements-bundle.txt").read_text(encoding="utf-8")
LEFT_OUT = {"torch", "torchvision", "pillow-heif"}
"""The first two come from another index, pi-heif stands in for the third."""


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def asked():
    """Requirements of the program and of the parts that a bundle has."""
    about = tomllib.loads((PACKAGING.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = about["optional-dependencies"]
    return [Requirement(each) for each in (*about["dependencies"], *extras["camera"], *extras["more-weights"])]


def locked():
    """Of each package its versions, of which one fits a computer: where it is for, and how many hashes it has."""
    found = {}
    for entry in re.split(r"\n(?=\S)", LOCK):
        requirement = Requirement(re.split(r" \\?\n|\n", entry)[0].rstrip(" \\"))
        found.setdefault(plain(requirement.name), []).append((requirement, entry.count("--hash=sha256:")))
    return found


def fits(requirement, python):
    marker = requirement.marker
    return marker is None or marker.evaluate({"python_version": python, "python_full_version": f"{python}.1"})


@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_every_requirement_is_locked_to_a_version_that_it_allows(python):
    found = locked()
    for requirement in asked():
        versions = [kept for kept, _ in found[plain(requirement.name)] if fits(kept, python)]
        if plain(requirement.name) in LEFT_OUT or not fits(requirement, python):
            continue
        (version,) = versions[0].specifier
        assert requirement.specifier.contains(version.version), f"{versions[0]}, but pyproject.toml: {requirement}"


def test_every_package_has_hashes():
    assert [name for name, each in locked().items() if not all(hashes for _, hashes in each)] == []

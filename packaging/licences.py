"""Find an owner and a licence for every file of a bundle, and write both down; refuse what may not be passed on.

    python packaging/licences.py BUNDLE CONTENTS

``BUNDLE`` is the folder that PyInstaller made, ``CONTENTS`` the list of its files and where they came from, which the
spec writes. Into the bundle go ``THIRD_PARTY.txt`` and ``cnnstudio.cdx.json`` (CycloneDX) beside the program, and the
list that *Help → Licences* shows. Ends with 1 and a line for each file or part that has no owner, no text, or a licence
that is unknown or not accepted in ``licences.toml``.
"""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from functools import cache
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path
from typing import Any

from cnnstudio.core import codec
from cnnstudio.jobs.licensing import LISTED, licence_of, part_of
from cnnstudio.jobs.specs.licences import Licences, Part

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
_WORD = re.compile(r"\(|\)|\bAND\b|\bOR\b")
_TEXT_OF = {
    "Apache-2.0": "Apache-2.0.txt",
    "GPL-3.0-or-later WITH GCC-exception-3.1": "GCC-exception-3.1.txt",
    "LGPL-2.1-or-later": "LGPL-2.1.txt",
    "LGPL-3.0-only": "LGPL-3.0.txt",
    "LGPL-3.0-or-later": "LGPL-3.0.txt",
    "MPL-2.0": "MPL-2.0.txt",
}
"""Texts that the licence wants passed on, where a package does not bring them itself."""
_AND_GPL = ("LGPL-3.0.txt", "GCC-exception-3.1.txt")
"""They are additions to the GPL, version 3."""


@dataclass
class Found:
    """A part, and the files that are of it."""

    part: Part
    purl: str
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Rules:
    """``licences.toml``."""

    accepted: frozenset[str]
    called: Mapping[str, str]
    packages: Mapping[str, Mapping[str, str]]
    inside: tuple[Mapping[str, Any], ...]
    debian: Mapping[str, str]
    libraries: tuple[Mapping[str, Any], ...]

    @classmethod
    def read(cls) -> "Rules":
        """From the file beside this one."""
        said = tomllib.loads((HERE / "licences.toml").read_text(encoding="utf-8"))
        return cls(
            accepted=frozenset(said["accepted"]),
            called=said["called"],
            packages=said["packages"],
            inside=tuple(said["inside"]),
            debian=said["debian"],
            libraries=tuple(said["libraries"]),
        )

    def accepts(self, expression: str) -> bool:
        """Whether an SPDX expression allows it: every licence joined by AND, one of those joined by OR."""
        words = [word.strip() for word in re.split(r"(\(|\)|\bAND\b|\bOR\b)", expression) if word.strip()]
        try:
            told, rest = self._any(words)
        except IndexError:
            return False
        return told and not rest

    def _any(self, words: list[str]) -> tuple[bool, list[str]]:
        told, rest = self._all(words)
        while rest and rest[0] == "OR":
            more, rest = self._all(rest[1:])
            told = told or more
        return told, rest

    def _all(self, words: list[str]) -> tuple[bool, list[str]]:
        told, rest = self._one(words)
        while rest and rest[0] == "AND":
            more, rest = self._one(rest[1:])
            told = told and more
        return told, rest

    def _one(self, words: list[str]) -> tuple[bool, list[str]]:
        if words[0] == "(":
            told, rest = self._any(words[1:])
            return told and rest[0] == ")", rest[1:]
        return words[0] in self.accepted, words[1:]


class Owners:
    """Whose a file is."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._packages = dict(_files_of_packages())
        self._described: dict[str, Found] = {}
        self.found: dict[str, Found] = {}
        self.unknown: list[str] = []

    def take(self, place: str, source: str, kind: str) -> None:
        """Note a file of the bundle under its owner.

        Args:
            place: in the bundle, or a module's name.
            source: the file that it is made of.
            kind: PyInstaller's word for it.
        """
        if kind == "SYMLINK":
            return  # what it leads to has an owner
        found = self._inside(place) or self._package(source) or self._other(place, source, kind)
        if found is None:
            self.unknown.append(f"{place} has no owner; it came from {source}")
        else:
            self.found.setdefault(found.purl, found).files.append(place)

    def _inside(self, place: str) -> Found | None:
        for rule in self._rules.inside:
            if _fits(place, rule["files"]):
                version = rule["version"] if "version" in rule else distribution(rule["version_of"]).version
                return _found(_part(rule, version), f"pkg:generic/{rule['name'].replace('+', '%2B')}@{version}")
        return None

    def _package(self, source: str) -> Found | None:
        package = self._packages.get(os.path.realpath(source))
        return None if package is None else self._of_package(package)

    def _of_package(self, package: Distribution) -> Found:
        name = _plain(package.name)
        if name not in self._described:
            self._described[name] = self._describe(package, name)
        return self._described[name]

    def _describe(self, package: Distribution, name: str) -> Found:
        part = part_of(package)
        rule = self._rules.packages.get(name, {})
        said = rule.get("licence") or licence_of(package)
        licence = self._rules.called.get(said, said)
        note = rule.get("note", "")
        return _found(replace(part, licence=licence, note=note), f"pkg:pypi/{name}@{package.version}")

    def _other(self, place: str, source: str, kind: str) -> Found | None:
        path = Path(os.path.realpath(source))
        if kind == "EXECUTABLE" or "PyInstaller" in path.parts:
            return self._of_package(distribution("pyinstaller"))
        if path.is_relative_to(ROOT) and path.name != "base_library.zip":
            return self._of_package(distribution("cnnstudio"))
        if (
            path.name == "base_library.zip"
            or path.is_relative_to(Path(sys.base_prefix).resolve())
            or source in {"", "-"}
        ):
            return _found(_python(), f"pkg:generic/cpython@{sysconfig.get_config_var('py_version')}")
        for rule in self._rules.libraries:
            if fnmatch_any(path.name.lower(), rule["files"]):
                return _found(_part(rule, ""), f"pkg:generic/{_plain(rule['name'].replace(' ', '-'))}")
        return self._debian(path) if sys.platform == "linux" else None

    def _debian(self, path: Path) -> Found | None:
        name, version = _debian_package(path)
        if not name:
            return None
        copyright_of = Path("/usr/share/doc") / name / "copyright"
        text = copyright_of.read_text(encoding="utf-8", errors="replace") if copyright_of.is_file() else ""
        licence = self._rules.debian.get(name, "")
        source = f"https://packages.debian.org/source/{name}"
        return _found(
            Part(name=name, version=version, licence=licence, source=source, text=text),
            f"pkg:deb/debian/{name}@{version}",
        )


def problems_of(found: Iterable[Found], rules: Rules) -> Iterator[str]:
    """What keeps the bundle from being passed on."""
    for each in found:
        part, files = each.part, f"{len(each.files)} files, such as {each.files[0]}"
        if not part.licence:
            yield f"{part.name} ({files}) has no licence that is known; say in licences.toml which"
        elif not rules.accepts(part.licence):
            yield f'{part.name} ({files}) has the licence "{part.licence}", which licences.toml does not accept'
        if not part.text.strip():
            yield f"{part.name} ({files}) has no text of its licence"


def with_texts(part: Part) -> Part:
    """With the texts that its licence wants passed on and that it does not bring."""
    wanted = [name for licence, name in _TEXT_OF.items() if licence in re.split(r"\s+(?:AND|OR)\s+|[()]", part.licence)]
    brought = " ".join(part.text.split())
    texts = [part.text] if part.text else []
    for name in wanted:
        for file in (name, "GPL-3.0.txt") if name in _AND_GPL else (name,):
            text = (HERE / "licence_texts" / file).read_text(encoding="utf-8")
            if " ".join(text.split())[200:600] not in brought:
                texts.append(text)
    return replace(part, text="\n\n".join(texts))


def main(bundle: Path, contents: Path) -> int:
    """Write the lists into the bundle; 1 where it may not be passed on."""
    from bill import bill_of

    rules = Rules.read()
    owners = Owners(rules)
    for place, source, kind in json.loads(contents.read_text(encoding="utf-8")):
        owners.take(place, source, kind)
    found = sorted(owners.found.values(), key=lambda each: each.part.name.lower())
    for each in found:
        each.part = with_texts(each.part)
    problems = [*owners.unknown, *problems_of(found, rules)]
    for problem in problems:
        print(f"licences: {problem}.", file=sys.stderr)
    if problems:
        return 1
    licences = Licences(parts=tuple(each.part for each in found), bundled=True)
    inside = bundle / "_internal" if (bundle / "_internal").is_dir() else bundle
    listed = inside.joinpath("resources", *LISTED)
    listed.parent.mkdir(parents=True, exist_ok=True)
    codec.save_json(listed, licences)
    (bundle / "THIRD_PARTY.txt").write_text(licences.text, encoding="utf-8")
    (bundle / "cnnstudio.cdx.json").write_text(bill_of(found), encoding="utf-8")
    files = sum(len(each.files) for each in found)
    print(f"licences: {files} files of {len(found)} parts, each with an owner, a licence and a text")
    return 0


def fnmatch_any(name: str, patterns: Iterable[str]) -> bool:
    """Whether one of them fits."""
    return any(fnmatch(name, pattern) for pattern in patterns)


def _fits(place: str, patterns: Iterable[str]) -> bool:
    plain = place.replace("\\", "/")
    return fnmatch_any(plain, patterns) or fnmatch_any(f"/{plain}", patterns)


def _files_of_packages() -> Iterator[tuple[str, Distribution]]:
    for package in distributions():
        home = os.path.realpath(str(package.locate_file("")))
        for file in package.files or ():
            yield os.path.normpath(os.path.join(home, file)), package  # noqa: PTH118 - a hundred thousand of them


def _found(part: Part, purl: str) -> Found:
    return Found(part=part, purl=purl)


def _part(rule: Mapping[str, Any], version: str) -> Part:
    text = (HERE / rule["text"]).read_text(encoding="utf-8") if "text" in rule else ""
    note = " ".join(rule.get("note", "").split())
    return Part(
        name=rule["name"], version=version, licence=rule["licence"], source=rule["source"], note=note, text=text
    )


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def _python() -> Part:
    text = next(
        (
            path.read_text(encoding="utf-8")
            for folder in (sysconfig.get_path("stdlib"), sys.base_prefix)
            for path in (Path(folder) / "LICENSE.txt", Path(folder) / "LICENSE")
            if path.is_file()
        ),
        "",
    )
    version = str(sysconfig.get_config_var("py_version"))
    return Part(name="Python", version=version, licence="Python-2.0.1", source="https://www.python.org/", text=text)


@cache
def _debian_package(path: Path) -> tuple[str, str]:
    """Name and version of the package that a file of the system is of."""
    for place in (str(path), str(path).removeprefix("/usr")):
        said = subprocess.run(["dpkg-query", "--search", place], capture_output=True, text=True, check=False)
        if said.returncode == 0:
            name = said.stdout.partition(":")[0].strip()
            version = subprocess.run(
                ["dpkg-query", "--show", "--showformat", "${Version}\n", name],
                capture_output=True,
                text=True,
                check=False,
            ).stdout
            return name, version.partition("\n")[0].strip()
    return "", ""


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))

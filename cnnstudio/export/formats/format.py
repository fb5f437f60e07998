"""What an export format is: how it is called, written, and asked again. Torch is imported when something is written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from cnnstudio.core import ExportMismatch, Watch
from cnnstudio.export.certificate import Certificate, Limit

if TYPE_CHECKING:
    from cnnstudio.inference.session import Session

FOR_HEIC = "pillow-heif"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """What a person may ask of an export beyond its format; see ``Format.knows``."""

    half: bool = False
    """Weights stored in half the size, computed with in full."""
    crops: bool = False
    """A second file that takes pictures which are cropped already."""

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names of those that are on."""
        return tuple(name for name in ("half", "crops") if getattr(self, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is exported, and how."""

    session: Session
    options: ExportOptions
    attempt: int = 0
    """How often it was written already, and answered too differently; see ``Format.tries``."""


class Answerer(Protocol):
    """An export that was opened as its receiver opens it: nothing but its folder is known to it."""

    engine: str
    """That computes, such as ``onnxruntime``."""
    version: str
    threads: int
    """It may compute with."""

    def answer(self, picture: Path) -> np.ndarray:
        """Class probabilities (classes,) of a picture's file, by the export's own reading, resizing and network.

        Raises:
            PackageMissing: of ``data.heif``; it takes a package more to read this one.
            Exception: of any type; the export cannot answer, which is a mismatch.
        """


AS_IT_IS = ExportOptions()


class Format(ABC):
    """A way to leave the house."""

    name: ClassVar[str]
    """On the command line and in requests."""
    title: ClassVar[str]
    text: ClassVar[str]
    """What it holds and whom it is for, in a sentence or two."""
    needs: ClassVar[tuple[str, ...]] = ()
    """Packages that its receiver needs; HEIC pictures need ``FOR_HEIC`` as well."""
    extra: ClassVar[str] = ""
    """The extra of ours that making it needs; empty for most."""
    knows: ClassVar[frozenset[str]] = frozenset()
    """The fields of ``ExportOptions`` that it obeys."""
    files: ClassVar[tuple[str, ...]] = ()
    """Patterns of the paths that it may write: only such are ever replaced. Narrow ones: what matches and has the
    digest that a certificate names is taken for ours."""

    tries: ClassVar[int] = 1
    """How often it may be written, more carefully each time, before what is beyond its limit is refused."""

    def missing(self) -> str:
        """Why it cannot be made on this computer, in a sentence; empty where it can. Takes milliseconds."""
        return ""

    def unverified(self) -> str:
        """Why nothing on this computer can run it, in a sentence; empty where something can."""
        return ""

    def limit(self, options: ExportOptions) -> Limit:
        """How far its answers may be from the app's."""
        return Limit()

    def notes(self, options: ExportOptions) -> tuple[str, ...]:
        """What else its certificate says, in sentences."""
        return ()

    @abstractmethod
    def write(self, source: Source, folder: Path, watch: Watch) -> str:
        """Write everything that a receiver needs into ``folder``, which is new and lies aside.

        A ``README.txt`` is wanted; what the certificate says is added to it. Returns the code that uses the export, to
        be copied.

        Raises:
            StorageError: it cannot be written.
            NetworkError: this network cannot be written like this; says why.
            StopRequested: a stop was asked for; heard within two seconds.
        """

    @abstractmethod
    def answers(self, folder: Path) -> Answerer:
        """Open what ``write`` wrote, from its folder alone; in a child process, where it may import anything."""

    def examine(self, source: Source, folder: Path, pictures: Sequence[Path], watch: Watch) -> None:  # noqa: B027
        """Check more than answers.

        Args:
            source: what it was made of.
            folder: of the export.
            pictures: a few of the user's that can be read.
            watch: asked for a stop.

        Raises:
            ExportMismatch: something in it is not as it should be.
        """

    def refused(self, error: ExportMismatch) -> ExportMismatch:
        """What to say when it is not put in place; ``error`` in the words for all formats."""
        return error

    def certified(self, folder: Path, certificate: Certificate) -> Certificate:
        """Told that it passed, before the digests of its files are taken: what carries its certificate gets it here.

        Returns the certificate, with what else there is to say of how it was made.

        Raises:
            StorageError: it cannot be written.
        """
        return certificate

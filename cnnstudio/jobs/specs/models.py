"""Jobs about something that predicts: a run, a bundle, or a network with its weights."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from PIL import Image

from cnnstudio.core import Comparison, FolderScore, Watch, cache_folder, counted, paths, printable
from cnnstudio.data import FileProblem, Split
from cnnstudio.data.collect import dropped_paths, pictures_in
from cnnstudio.data.reading import is_picture
from cnnstudio.export.formats import AS_IT_IS, FORMATS, ExportOptions, ExportReport
from cnnstudio.inference.results import FeatureMaps, ModelInfo, Prediction, write_table
from cnnstudio.jobs.job import Job, Lane, Streaming
from cnnstudio.networks import ModelRef
from cnnstudio.networks.bundle_file import BUNDLE_SUFFIX
from cnnstudio.runs import Predictions, read_predictions

_AT_ONCE = 2000
"""Found pictures that are handed over together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluate(Job[FolderScore]):
    """Score a model on a folder of pictures, or one split of it."""

    lane: ClassVar[Lane] = "predicting"
    model: ModelRef
    folder: Path
    split: Split | Literal["all"] | None = None
    """None: the pictures for testing where the folder has such, else all that the model was not trained with."""

    def handle(self, watch: Watch) -> FolderScore:
        """Raises DatasetError when there are no such pictures, or some are of classes that the model does not know."""
        from cnnstudio.jobs.evaluating import evaluate

        return evaluate(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPredictions(Job[Predictions]):
    """What a run said of each picture it was scored on; remembered, but the first time takes 0.1 s for 60,000."""

    lane: ClassVar[Lane] = "files"
    latest_wins: ClassVar[bool] = True
    run: Path

    def handle(self, watch: Watch) -> Predictions:
        """Empty where it was not scored."""
        watch.check()
        return read_predictions(self.run)


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeModel(Job[ModelInfo]):
    """Load a model and list its layers."""

    lane: ClassVar[Lane] = "viewing"
    latest_wins: ClassVar[bool] = True
    model: ModelRef

    def handle(self, watch: Watch) -> ModelInfo:
        """Raises StudioError when the model cannot be loaded."""
        from cnnstudio.inference.feature_maps import describe
        from cnnstudio.jobs.handlers import open_ref

        watch.check()
        return describe(open_ref(self.model, watch))


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorGain:
    """What averaging over the mirror image does, measured on the validation pictures of a run."""

    found: Comparison
    """With the mirror image, the first, and without."""
    times: float
    """So many times as long takes predicting, reading included."""
    weights: str
    """SHA-256 of the run's weights then."""

    @property
    def sentence(self) -> str:
        """For people."""
        low, high = (100 * value for value in self.found.interval)
        where = counted(self.found.pictures, "validation picture")
        clear = "" if self.found.is_clear else ": no clear difference"
        return (
            f"With the mirror image, {100 * self.found.difference:+.1f} points ({low:+.1f} to {high:+.1f}) on {where} "
            f"of this run{clear}. Predicting takes longer by a factor of {self.times:.1f}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureMirror(Job[MirrorGain]):
    """Measure that for a run; remembered beside it. The test pictures are not looked at."""

    lane: ClassVar[Lane] = "measuring"
    latest_wins: ClassVar[bool] = True
    run: Path

    def handle(self, watch: Watch) -> MirrorGain:
        """Raises RunError where there are no validation pictures."""
        from cnnstudio.jobs.mirroring import measure_mirror

        return measure_mirror(self, watch)


@dataclass(frozen=True, slots=True)
class Found:
    """The pictures that predictions come for, and what else was in the folders."""

    pictures: tuple[Path, ...]
    skipped: tuple[FileProblem, ...] = ()
    complete: bool = False
    """No more will be found in what was opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predict(Streaming[tuple[Prediction, ...], Prediction | Found]):
    """Top-k for pictures, each answer handed over as it comes; in the order of ``images``. A stop keeps what came."""

    lane: ClassVar[Lane] = "predicting"
    model: ModelRef
    images: tuple[Path, ...]
    """Pictures, or folders of them; what is Found in folders is handed over first."""
    opened: tuple[Path, ...] = ()
    """What else was opened, whatever it is; its pictures are Found, some at a time, and come before ``images``."""
    dropped: bytes = b""
    """As ``opened``, as a list of URIs that nobody has looked at yet."""
    top: int = 5

    def handle(self, watch: Watch) -> tuple[Prediction, ...]:
        """A picture that cannot be read is an answer with an error; raises StoppedWith the answers so far."""
        from cnnstudio.jobs.handlers import predict_all

        skipped: list[FileProblem] = []
        opened = pictures_in((*self.opened, *dropped_paths(self.dropped)), watch.control, skipped)
        for start in range(0, len(opened), _AT_ONCE):
            some = tuple(opened[start : start + _AT_ONCE])
            for path in some:
                hash(path)  # kept in it: the window's thread is to have no work with a hundred thousand
            watch.check()
            watch.partial(Found(some))
        if self.opened or self.dropped:
            watch.partial(Found((), tuple(skipped), complete=True))
            skipped = []
        pictures = tuple(pictures_in(self.images, watch.control, skipped))
        if pictures != self.images or skipped or not all(is_picture(path.name) for path in pictures):
            watch.partial(Found(pictures, tuple(skipped)))
        return predict_all(replace(self, images=(*opened, *pictures)), watch)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PredictFrame(Job[Prediction]):
    """Top-k for a picture of a camera; its answer has no path."""

    lane: ClassVar[Lane] = "predicting"  # where estimates of a training do not make it wait
    latest_wins: ClassVar[bool] = True
    model: ModelRef
    pixels: np.ndarray
    """H×W×3 uint8."""
    top: int = 5

    def handle(self, watch: Watch) -> Prediction:
        """Raises StudioError when the model cannot be loaded."""
        from cnnstudio.jobs.handlers import predict_picture

        watch.check()
        return predict_picture(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveAnswers(Job[Path]):
    """Write answers as a table for spreadsheets; gives the file."""

    lane: ClassVar[Lane] = "files"
    file: Path
    answers: tuple[Prediction, ...]

    def handle(self, watch: Watch) -> Path:
        """Raises StorageError when it cannot be written."""
        write_table(self.file, self.answers)
        return self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPasted(Job[Path]):
    """Keep a copied picture as a file, so that it can be predicted like any other; gives the file."""

    lane: ClassVar[Lane] = "files"
    pixels: np.ndarray
    """H×W×3 uint8, or H×W×4 with opacity."""

    def handle(self, watch: Watch) -> Path:
        """Raises OSError when the cache cannot be written."""
        folder = cache_folder() / "pasted"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"pasted-{secrets.token_hex(4)}.png"
        Image.fromarray(self.pixels).save(file, compress_level=1)
        return file


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowMaps(Job[FeatureMaps]):
    """Feature maps of one picture at one layer."""

    lane: ClassVar[Lane] = "viewing"
    latest_wins: ClassVar[bool] = True
    model: ModelRef
    image: Path
    layer: str
    max_tiles: int = 64

    def handle(self, watch: Watch) -> FeatureMaps:
        """Raises NetworkError for a layer that is not there, ImageError for a picture that cannot be read."""
        from cnnstudio.inference.feature_maps import feature_maps
        from cnnstudio.jobs.handlers import open_ref

        watch.check()
        return feature_maps(open_ref(self.model, watch), self.image, self.layer, self.max_tiles)


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """What there is to say before an export."""

    weights_bytes: int
    """Of the file that holds nearly all of it, whatever the format; 0 where that is not known yet."""
    place: Path
    """Where exports go unless a person says otherwise."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Why a format cannot be made on this computer, by its name; without those that can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtExport(Job[ExportFacts]):
    """How large an export of a run will be, where it is to go, and what cannot be made here."""

    lane: ClassVar[Lane] = "files"
    latest_wins: ClassVar[bool] = True
    run: Path

    def handle(self, watch: Watch) -> ExportFacts:
        """Only looks."""
        watch.check()
        sizes = [file.stat().st_size for file in (self.run / "bundle").glob("*.safetensors")]
        missing = {name: why for name, kind in FORMATS.items() if (why := kind.missing())}
        return ExportFacts(sum(sizes), paths.documents_folder() / "CNN Studio", missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindExported(Job[tuple[Path, ...]]):
    """The pictures of a run that a certificate names, such as the one that differs most."""

    lane: ClassVar[Lane] = "asking"
    run: Path
    name: str
    """A file's name, perhaps with its folder; several pictures may have it."""

    def handle(self, watch: Watch) -> tuple[Path, ...]:
        """Empty where there is none any more."""
        from cnnstudio.jobs.handlers import own_pictures

        watch.check()
        wanted = self.name.split("/")
        pictures = own_pictures(ModelRef(source=str(self.run)))
        return tuple(each.path for each in pictures if [*map(printable, each.path.parts[-len(wanted) :])] == wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportModel(Job[ExportReport]):
    """Write a model for use elsewhere, open it again and compare it with the app."""

    model: ModelRef
    format: str
    """One of export.formats.FORMATS."""
    out: Path
    """The folder to make; for a bundle also a file that ends in ``.cnnbundle``."""
    options: ExportOptions = AS_IT_IS
    check_images: tuple[Path, ...] = ()
    """Pictures for the comparison; where there are none, those that the run was validated with."""

    def handle(self, watch: Watch) -> ExportReport:
        """Raises ExportMismatch when it does not give the same answers, NetworkError, StorageError."""
        from cnnstudio.export.bundle_file import export_bundle_file
        from cnnstudio.export.package import export_model
        from cnnstudio.export.proving import Picture
        from cnnstudio.jobs.handlers import open_ref, own_pictures

        pictures = tuple(map(Picture, self.check_images)) or own_pictures(self.model)
        session = open_ref(self.model, watch)
        if self.out.suffix == BUNDLE_SUFFIX and self.format == "bundle":
            return export_bundle_file(session, self.out, pictures, watch)
        return export_model(session, self.format, self.out, pictures, watch, self.options)

"""What a network's earlier trainings have seen, followed through all of them.

A run notes what it learned from and chose by (``samples.csv``) and, where it continues another, what that one and all
before it did (``ancestors.csv``); a bundle carries both (``trained-with.csv``). So earlier runs may be deleted. Of runs
that noted less, it is put together from what is left.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cnnstudio.core import Control, FormatError, RunError
from cnnstudio.data.contents import contents_of
from cnnstudio.data.samples import DAMAGE, SAMPLES_FILE, SampleRow, read_samples
from cnnstudio.data.used import ANCESTORS_FILE, USED_FILE, Used, UsedPicture, read_used
from cnnstudio.networks import MODES
from cnnstudio.networks.bundle import is_bundle
from cnnstudio.runs import RECORD_FILE, RunRecord, open_run

_EXPORT_NOTES = ("certificate.json", "verification.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """Follows trainings back to their beginning."""

    control: Control = field(default_factory=Control)
    pictures: Path | None = None
    """Where the pictures are now, in case that an earlier run's folder of them was moved or renamed."""
    passed: tuple[Path, ...] = ()

    def used_by(self, place: Path, *, delivered: bool) -> Used:
        """What was used by the network in a run folder or a bundle.

        Args:
            place: the folder.
            delivered: the network that predicts; else the one that another run continues, whose last layer has not
                learned from validation pictures.
        """
        if (place / RECORD_FILE).is_file():
            return self._of_run(place, delivered=delivered)
        if (place / USED_FILE).is_file():
            return _read(place / USED_FILE)
        if is_bundle(place) and (place.parent / RECORD_FILE).is_file():
            return self._of_run(place.parent, delivered=True)
        return Used(unknown=place.name)

    def used_by_weights(self, file: Path) -> Used:
        """What was used by a file of weights, where it lies in a folder of ours; nothing is asked of others."""
        folder = file.absolute().parent
        if (folder.parent / RECORD_FILE).is_file() and folder.name in ("bundle", "checkpoints"):
            return self._of_run(folder.parent, delivered=True)
        ours = (folder / USED_FILE, folder / "card.json", *(folder / name for name in _EXPORT_NOTES))
        return self.used_by(folder, delivered=True) if any(each.is_file() for each in ours) else Used()

    def before(self, recipe: dict[str, Any], folder: Path | None = None) -> Used:
        """What the network had used that a recipe starts from.

        Args:
            recipe: as runs record it.
            folder: of the run that recorded it, beside which others may have been moved.
        """
        if start := str(recipe.get("start_from", "")):
            place = Path(start)
            beside = folder.absolute().parent / place.name if folder else place
            found = next((each for each in (place, beside) if each.is_dir()), None)
            if found is None or found.resolve() in self.passed:
                return Used(unknown=place.name)
            return self.used_by(found, delivered=False)
        weights = str(recipe.get("weights", "auto"))
        return self.used_by_weights(Path(weights)).below_head if Path(weights).is_file() else Used()

    def before_run(self, folder: Path, record: RunRecord) -> Used:
        """What the network that a run began with had used: as it noted that, else followed from its recipe."""
        if not (folder / ANCESTORS_FILE).is_file():
            return replace(self, passed=(*self.passed, folder.resolve())).before(record.recipe, folder)
        before = _read(folder / ANCESTORS_FILE)
        if record.ancestry and not before.unknown:
            before = replace(before, unknown=record.ancestry.unknown)
        return before

    def _of_run(self, folder: Path, *, delivered: bool) -> Used:
        try:
            record = open_run(folder).record
        except (FormatError, RunError):
            return Used(unknown=folder.name)
        mode = MODES.get(str(record.recipe.get("mode")))
        only_head = mode is not None and mode.on == "features"
        solved = only_head and record.recipe.get("head_solver") == "regression"
        refit = delivered and (solved or record.refit_head)
        before = self.before_run(folder, record)
        own = self._of_samples(folder, record.dataset, refit=refit)
        score = record.scores.get("validation")  # which allows for earlier choices by the same pictures
        own = replace(own, compared=score.chosen_among if score else 1)
        return own | before if only_head else own.by_network | before.by_network

    def _of_samples(self, folder: Path, root: Path, *, refit: bool) -> Used:
        """What a run learned from and chose by; a last layer that was fitted again has learned from both."""
        try:
            rows = [row for row in read_samples(folder / SAMPLES_FILE) if row.split != "test"]
        except DAMAGE:
            return Used(unknown=folder.name)
        contents, root = self._contents(rows, root)
        return Used(
            pictures=tuple(
                UsedPicture(
                    path=str(root / row.name),
                    content=content,
                    use="learned" if refit or row.split == "train" else "chosen-by",
                    part="head",
                    run=folder.name,
                )
                for row, content in zip(rows, contents, strict=True)
            ),
            unknown="" if all(contents) else folder.name,
        )

    def _contents(self, rows: list[SampleRow], root: Path) -> tuple[list[str], Path]:
        """As recorded, else as the files are now, where they are; and where that is."""
        if not all(row.content for row in rows):
            if not root.is_dir() and self.pictures is not None:
                root = self.pictures
            found = contents_of(root, [row.name for row in rows], self.control)
            rows = [row._replace(content=row.content or own) for row, own in zip(rows, found, strict=True)]
        return [row.content for row in rows], root.resolve()


def _read(file: Path) -> Used:
    try:
        return read_used(file)
    except DAMAGE:
        return Used(unknown=file.parent.name)

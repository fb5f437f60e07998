"""What the tables in a folder say of its pictures, where they say more than the folders."""

from dataclasses import dataclass, field, replace

from cnnstudio.core import Control
from cnnstudio.data.dataset import FileProblem, Split
from cnnstudio.data.layouts.folder import Folder, pictures_in
from cnnstudio.data.layouts.tables.together import LabelTable, is_table, read_tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Pictures with what tables say of them, in columns with one entry for each."""

    names: list[str] = field(default_factory=list)
    """Relative to the dataset's folder, with forward slashes; none where the folders say more."""
    classes: list[str] = field(default_factory=list)
    splits: list[Split | None] = field(default_factory=list)
    problems: list[FileProblem] = field(default_factory=list)
    """Where there are names: everything that is to be said of the folder. Else: of its tables."""
    has_splits: bool = False


def told_by_tables(folder: Folder, control: Control, *, little_will_do: bool) -> Told:
    """What tables of labels say, where they say more than the folders.

    Args:
        folder: that holds them.
        control: asked for a stop.
        little_will_do: the folders say nothing.

    Raises:
        StopRequested: a stop was asked for.
    """
    files = [folder.path / name for name in folder.files if is_table(name)]
    if not files:
        return Told()
    problems: list[FileProblem] = []
    names = list(pictures_in(replace(folder, start=""), problems, control, above=folder.path))
    table = read_tables(files, names)
    if table is None or not (little_will_do or table.is_complete):
        return Told()
    as_folders = _says_as_folders(table)
    if as_folders and not (little_will_do or table.has_splits):
        return Told()
    tables = {file.name for file in files}
    problems = [problem for problem in problems if problem.path.name not in tables]
    problems += [FileProblem(path=file, kind="outside-classes", detail=words) for file, words in table.complaints]
    return Told(
        names=[folder.start + row.name for row in table.rows],
        classes=[row.name.partition("/")[0] if as_folders else row.label for row in table.rows],
        splits=[row.split for row in table.rows],
        problems=problems,
        has_splits=table.has_splits,
    )


def _says_as_folders(table: LabelTable) -> bool:
    """Whether each folder has a label of its own; then its name says more than a number might."""
    pairs = {(row.name.partition("/")[0], row.label) for row in table.rows}
    return len(pairs) == len({place for place, _ in pairs}) == len({label for _, label in pairs})

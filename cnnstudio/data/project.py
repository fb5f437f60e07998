"""Open a folder of pictures, or an archive of one, as its project has it."""

from dataclasses import replace
from pathlib import Path

from cnnstudio.core import Watch
from cnnstudio.data.archives.kinds import DAMAGE
from cnnstudio.data.archives.packed import opened_root, root_of
from cnnstudio.data.curation import (
    ASK_AGAIN,
    DrawnSplit,
    load_curation,
    load_drawn,
    put_aside,
    save_curation,
    save_drawn,
)
from cnnstudio.data.dataset import SPLITS, Dataset, SplitSpec
from cnnstudio.data.scan import scan_folder


def open_dataset(
    root: Path,
    split: SplitSpec | None = None,
    *,
    redraw: bool = False,
    classes_from: str = "",
    fewest_classes: int = 2,
    watch: Watch | None = None,
) -> Dataset:
    """Scan a folder as the project has it: decisions applied, and the split as it was drawn the first time.

    Args:
        root: a folder, or an archive or a folder of archives, which are unpacked once.
        split: shares, seed and groups; None is how the project has it.
        redraw: a person wants ``split`` from now on, so everything is drawn anew.
        classes_from: the key of the choice that a person made where ``ClassesUnclear`` asked; remembered, or
            ``ASK_AGAIN``.
        fewest_classes: that there must be: two to learn, one to be scored on.
        watch: asked for a stop between files, and told how many are done.

    Raises:
        DatasetError: as ``scan_folder``.
        StopRequested: a stop was asked for.
    """
    watch = watch or Watch()
    root = opened_root(root, watch)
    curation = load_curation(root)
    if classes_from and curation.classes_from != classes_from:
        curation = replace(curation, classes_from="" if classes_from == ASK_AGAIN else classes_from)
        save_curation(root, curation)
    drawn = load_drawn(root)
    if redraw and split is not None:
        curation, drawn = replace(curation, splits={}), _drawn_anew(drawn, split)
    split = split or drawn.spec
    as_drawn = drawn.spec == split or not drawn.names
    placed = drawn.by_name() if as_drawn else {}
    decided = curation if as_drawn else replace(curation, splits={})
    dataset = scan_folder(root, split, decided, placed, watch, fewest_classes)
    if redraw:  # only now, so that a stop or an error changes nothing, and with what was decided meanwhile
        watch.check()
        save_curation(root, replace(load_curation(root), splits={}))
    if as_drawn:
        _keep_split(dataset, replace(drawn, spec=split), anew=redraw)
    return replace(dataset, problems=(*dataset.problems, *put_aside(root)))


def split_of(root: Path) -> SplitSpec:
    """How the pictures of a folder or an archive are divided, as a person wanted it or by default."""
    try:
        return load_drawn(root_of(root)).spec
    except (OSError, *DAMAGE):
        return SplitSpec()


def _drawn_anew(drawn: DrawnSplit, spec: SplitSpec) -> DrawnSplit:
    """Nothing stays; only another fold of the same division has the same test pictures."""
    same_parts = spec.folds and replace(drawn.spec, fold=0) == replace(spec, fold=0)
    return DrawnSplit(spec=spec, names={"test": drawn.names.get("test", ())} if same_parts else {})


def _keep_split(dataset: Dataset, drawn: DrawnSplit, *, anew: bool) -> None:
    """Write down where new pictures were drawn to; without that they would be drawn the same way again."""
    before = drawn.by_name()
    names = {split: list(drawn.names.get(split, ())) for split in SPLITS}
    samples = dataset.samples if dataset.split_source != "folders" else ()
    added = [(name, sample.split) for sample in samples if (name := dataset.name_of(sample.path)) not in before]
    for name, split in added:
        names[split].append(name)
    if added or anew:
        save_drawn(dataset.root, replace(drawn, names={split: tuple(own) for split, own in names.items()}))

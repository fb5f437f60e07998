"""What is proven of an export, before and after, as sentences for people."""

from cnnstudio.core import counted
from cnnstudio.export.certificate import MOST_PICTURES, Accuracy, Certificate, Hits, Limit, Speed
from cnnstudio.export.certificate_words import pictures_in_words
from cnnstudio.export.formats import ExportOptions, Format


def what_is_checked(kind: Format, options: ExportOptions) -> str:
    """What will be proven before anything is put in place."""
    if why_not := kind.unverified():
        return f"Converted, not checked here. {why_not}"
    return (
        f"Opened again as it will be there, and asked about your validation pictures, {MOST_PICTURES} at most, from "
        f"their files. {_promise(kind.limit(options))} Else nothing is written."
    )


def headline(certificate: Certificate) -> str:
    """The one sentence that counts."""
    found = certificate.checked
    if found is None:
        return "Converted, not checked here"
    where = pictures_in_words(certificate)
    if found.top1_same == certificate.pictures - found.unread:
        return f"The same answer as here on all {where}"
    return f"The same answer as here on {found.top1_same:,} of {where}"


def difference_in_words(difference: float) -> str:
    """Of a probability, in points of a percent as people see them."""
    points = 100 * difference
    return "less than 0.001 points" if points < 0.001 else f"{points:.2g} points"


def accuracy_in_words(accuracy: Accuracy) -> tuple[str, str]:
    """A figure, and what it is to be compared with.

    Pictures that it has learned from promise nothing, so their share is no figure to be seen first.
    """
    app, export = accuracy.app, accuracy.export
    same = app.right == export.right
    if accuracy.split == "train":
        learned = f"of {counted(export.pictures, 'picture')} that it has learned from"
        if same:
            return "as here", f"{_share(export)} {learned}"
        return _share(export), f"here {_share(app)}; {learned}"
    here = "as here" if same else f"here {_share(app)}"
    return _share(export), f"{here}; {100 * export.low:.1f} to {100 * export.high:.1f} % on new pictures"


def speed_in_words(speed: Speed) -> str:
    """Of one picture."""
    return f"{speed.ms_one:,.0f} ms" if speed.ms_one >= 10 else f"{speed.ms_one:.1f} ms"


def _share(hits: Hits) -> str:
    """Such as ``86.5 %``."""
    return f"{100 * hits.right / hits.pictures:.1f} %" if hits.pictures else ""


def _promise(limit: Limit) -> str:
    if limit.max_dp is not None and limit.same == 1:
        return f"Every answer has to be the same, and every probability within {limit.max_dp:g}."
    told = f"{100 * limit.same:.0f} % of the answers have to be the same"
    if limit.max_dp is not None:
        return f"{told}, and every probability within {limit.max_dp:g}."
    if limit.points is not None:
        return f"{told}, and no more than {counted(round(limit.points), 'point')} of accuracy may be lost."
    return f"{told}."

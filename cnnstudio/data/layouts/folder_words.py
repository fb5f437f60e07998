"""What the names of folders say: which part of a dataset they hold, and whether they could be the name of a class.

Names alone decide nothing: a folder called Train beside Bus and Car is a class, and one called masks beside faces may
be. What lies in and beside a folder is asked as well, in ``recognise``.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from cnnstudio.data.dataset import SPLIT_NAMES, Split

_BORDER = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_]+|\d+")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SPLIT_WORDS: dict[str, Split] = SPLIT_NAMES | dict.fromkeys(
    ("trn", "trainval", "trainings", "entrainement", "apprentissage", "entrenamiento", "addestramento", "treino",
     "treinamento"),
    "train",
) | dict.fromkeys(
    ("validate", "validating", "evaluation", "validierung", "validierungs", "validacion", "validacao", "validazione",
     "validatie"), "validation",
) | dict.fromkeys(("tst", "holdout", "prueba", "pruebas", "teste"), "test")  # fmt: skip
"""In lower case and without accents."""
_HOLDS_PICTURES = _set(
    "image images img imgs picture pictures pic pics photo photos photograph photographs foto fotos bild bilder imagen "
    "imagenes immagini imagens frame frames jpg jpeg jpegs jpgs png pngs tif tiff bmp raw rgb crop crops cropped "
    "resized data dataset datasets daten datos donnees file files sample samples input inputs original originals "
    "download downloads"
)
_ALSO_CLASSES = _set(
    "raw photo picture foto bild imagen rgb original originals crop cropped resized sample input file frame png jpg "
    "jpeg tif tiff bmp"
)
"""Of these, what people also sort pictures by: photo and drawing, original and forged, raw and cooked."""
_FILLS = _HOLDS_PICTURES | _set("set sets subset split splits folder dir seg cls my the of for and final")
"""Words that say nothing about what is on pictures."""
_ANNOTATES = _set(
    "annotation annotations annot annots mask masks label labels labeltxt trimap trimaps depth depths heatmap heatmaps "
    "segmentation segmentations segmentationclass segmentationobject groundtruth gt truth contour contours bbox bboxes "
    "boxes xml xmls saliency matte mattes maske masken annotationen etiquettes"
)
_REPEATS = _set("thumb thumbs thumbnail thumbnails preview previews vorschau")
"""Smaller copies."""
_MACHINERY = frozenset({"venv", "virtualenv", "node_modules", "site-packages", "__pycache__"})
_QUALIFIES = frozenset(("ground", "class", "object", "instance", "semantic", "binary", "pixel"))
_COUNTS = _set(
    "batch part parts folder dir new untitled dcim canon nikon cam camera kamera day tag week woche month session "
    "run fold roll visit version v year jahr neuer ordner jan feb mar apr may jun jul aug sep oct nov dec"
)
"""With a number, these say when or by whom pictures were taken."""
_INDIVIDUALS = _set(
    "patient subject person participant proband specimen individual site plot location well plate slide series study "
    "scene clip video sequence seq exemplar"
)
"""With a number, these say of whom; a folder of them may be classes, but those below classes are none."""
_NOT_ANSWERED = _set("pred preds predict prediction predictions unlabelled unlabeled inference submission unsorted")
_BESIDE = _set(
    "doc docs documentation src assets screenshot screenshots examples demo results output outputs figures figs logs "
    "static resources notebooks script scripts code tmp temp runs checkpoints utils sample samples env lib bin build "
    "dist usr var opt desktop documents dokumente downloads music musik videos movies library appdata applications"
)
"""What else lies in the folder of a project, or in a home that was opened by accident."""


@lru_cache(maxsize=1 << 14)
def split_of(name: str) -> Split | None:
    """Which split a folder's, a table's or a column's name means; None where it says something else, or more.

    Such as train, Training_Set, Train_Photos, seg_train, train2017, trainset, Validierungsdaten, test1; but neither
    training shoes nor tests nor Valencia. Alone it is no proof: see ``splits_among``.
    """
    words = _words(name.replace("hold_out", "holdout").replace("hold-out", "holdout"))
    said = {split for word in words if (split := _split_word(word))}
    if len(said) != 1 and said != {"train", "validation"}:  # trainval
        return None
    if any(not (_split_word(word) or word in _FILLS or word.isdigit()) for word in words):
        return None
    return said.pop() if len(said) == 1 else "train"


def splits_among(names: Iterable[str]) -> dict[str, Split]:
    """The folders beside each other that are called as splits, also as ``asl_train`` and ``asl_test`` are."""
    names = list(names)
    found = {name: split for name in names if (split := split_of(name))}
    families: dict[tuple[str, ...], dict[str, Split]] = defaultdict(dict)
    for name in set(names) - found.keys():
        words = _words(name)
        for position in {0, len(words) - 1} if words else ():
            if split := _split_word(words[position]):
                families[words[:position] + words[position + 1 :]][name] = split
    for family, own in families.items():
        if len(set(own.values())) > 1 and "train" in own.values() and not _ANNOTATES.intersection(family):
            found |= own
    return found


def holds_pictures(name: str) -> bool:
    """Whether a folder is called as what holds pictures of any kind: images, JPEGImages, Photos, img_data."""
    words = _words(name)
    known = all(word in _FILLS or _is_composed(word) or word.isdigit() for word in words)
    return known and not all(map(str.isdigit, words))


def only_holds_pictures(name: str) -> bool:
    """The same for names that no class has."""
    return holds_pictures(name) and not _ALSO_CLASSES.issuperset(_words(name))


def annotates(name: str) -> bool:
    """Whether a folder is called as what describes parts of pictures: masks, train_masks, Annotations, labels."""
    words = _words(name)
    others = (word for word in words if word not in _ANNOTATES)
    plain = all(word in _FILLS | _QUALIFIES or _split_word(word) or word.isdigit() for word in others)
    return plain and any(word in _ANNOTATES for word in words)


def goes_with_others(name: str) -> bool:
    """Whether a folder is called as one that holds a file for each picture beside it: masks, labels, thumbnails."""
    return annotates(name) or bool(_REPEATS.issuperset(words := _words(name)) and words)


def is_machinery(name: str) -> bool:
    """Whether a folder belongs to a program, whatever lies in it."""
    return name.lower() in _MACHINERY


def counts_up(name: str, *, individuals: bool = False) -> bool:
    """Whether a folder is called by a number, a date, a camera or a part: 2023, 05 May, day 3, batch-1, 100CANON.

    Args:
        name: of the folder.
        individuals: also by a number of whom or what is on the pictures, such as patient 3.
    """
    words = _words(name)
    usual = _COUNTS | _FILLS | _INDIVIDUALS if individuals else _COUNTS | _FILLS
    return any(map(str.isdigit, words)) and all(word.isdigit() or word in usual for word in words)


def is_number(name: str) -> bool:
    """A number that is no year or date: classes are called so, as in MNIST."""
    return name.isdigit() and not (len(name) == 8 or (len(name) == 4 and name[:2] in ("19", "20")))


def has_no_answers(name: str) -> bool:
    """Whether a folder is called as one whose pictures nobody has sorted."""
    return bool(_NOT_ANSWERED.intersection(_words(name)))


def is_beside(name: str) -> bool:
    """Whether a folder is called as what lies beside the data of a project: src, docs, results."""
    words = _words(name)
    return any(word in _BESIDE for word in words) and all(
        word in _BESIDE or word in _FILLS or word.isdigit() for word in words
    )


def same_name(first: str, second: str) -> bool:
    """Whether two names differ in nothing but case, accents' spelling and what separates words."""
    return _words(first) == _words(second)


@lru_cache(maxsize=1 << 14)
def _words(name: str) -> tuple[str, ...]:
    """The words and numbers in a name, in lower case and without accents: ``TrainPhotos2`` is train, photos, 2."""
    if not name.isascii():
        name = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return tuple(_WORD.findall(_BORDER.sub(" ", name).casefold()))


@lru_cache(maxsize=1 << 14)
def _split_word(word: str) -> Split | None:
    """Also such as trainset, testdata, trainingsbilder."""
    if split := _SPLIT_WORDS.get(word):
        return split
    ends = (end for end in range(3, len(word) - 2) if word[end:] in _FILLS)
    return next((split for end in ends if (split := _SPLIT_WORDS.get(word[:end]))), None)


def _is_composed(word: str) -> bool:
    """Such as jpegimages, imageset."""
    return any(word[:end] in _HOLDS_PICTURES and word[end:] in _FILLS for end in range(3, len(word) - 2))

"""What the names of folders say: which part of a dataset they hold, and whether they could be the name of a class.

Names alone decide nothing: a folder called Train beside Bus and Car is a class, and one called masks beside faces may
be. What lies in and beside a folder is asked as well, in ``recognise``.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import lru_cache

from cnnstudio.data.dataset import SPLIT_NAMES, Split

_BORDER = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_]+|\d+")


def _plain(name: str) -> str:
    """Without accents."""
    if name.isascii():
        return name
    letters = (letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", "".join(letters))


def _set(words: str) -> frozenset[str]:
    return frozenset(_plain(words).split())


_SAID: dict[Split, str] = {
    "train": "trn trainval trainings entraînement apprentissage entrenamiento addestramento treino treinamento trening "
    "träning treni eğitim обучение тренировка 训练 訓練 学習 훈련 학습 تدريب אימון "
    "trénovací tanító koulutus træning навчання antrenare latih",
    "validation": "validate validating evaluation validierung validierungs validación validação validazione convalida "
    "validatie walidacja validering doğrulama проверка валидация 验证 驗證 検証 검증 تحقق "
    "validační validálás validointi валідація validare validasi",
    "test": "tst holdout prueba pruebas teste prova essai prüfung prøve тест тестирование 测试 測試 テスト 테스트 시험 "
    "اختبار בדיקה testovací teszt testi testare uji",
}
_SPLIT_WORDS: dict[str, Split] = SPLIT_NAMES | {word: split for split, said in _SAID.items() for word in _set(said)}
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
_FILLS = _HOLDS_PICTURES | _set(
    "set sets subset split splits folder dir seg cls my the of for and final master main 集 数据 数据集 數據 图片 图像 "
    "圖片 用 データ 用データ 画像 セット 데이터 이미지 세트"
)
"""Words that say nothing about what is on pictures."""
_ANNOTATES = _set(
    "annotation annotations annot annots mask masks msk msks label labels labeltxt trimap trimaps depth depths heatmap "
    "heatmaps segmentation segmentations segmentationclass segmentationobject groundtruth gt truth contour contours "
    "bbox bboxes xml xmls saliency matte mattes maske masken annotationen etiquettes"
)
_REPEATS = _set("thumb thumbs thumbnail thumbnails preview previews vorschau resized")
"""Smaller copies."""
_MACHINERY = frozenset({"venv", "virtualenv", "node_modules", "site-packages", "__pycache__"})
_LIBRARIES = (".lrdata", ".lrlibrary", ".photoslibrary", ".photolibrary", ".aplibrary", ".cocatalog", ".app")
"""Folders in which programs keep pictures, and smaller copies of them."""
_QUALIFIES = frozenset(("ground", "class", "object", "instance", "semantic", "binary", "pixel"))
_COUNTS = _set(
    "batch part parts folder dir new untitled dcim canon nikon cam camera kamera day tag week woche month session "
    "run fold roll visit version v year jahr neuer ordner jan feb mar apr may jun jul aug sep oct nov dec dji from von "
    "de aus"
)
"""With a number, these say when or by whom pictures were taken."""
_OF_CAMERAS = re.compile(r"[1-9]\d\d[A-Z\d_]{5}|\d{6}_[_a-z]")
"""As cameras and telephones call their folders: 100APPLE, 101_PANA, 202401__."""
_PARTS = _set("part parts batch chunk teil partie parte")
_WELL = re.compile(r"[A-P](0[1-9]|1\d|2[0-4])")
"""Of a plate, such as B07."""
_INDIVIDUALS = _set(
    "patient subject person participant proband specimen individual site plot location well plate slide series study "
    "scene clip video sequence seq exemplar"
)
"""With a number, these say of whom; a folder of them may be classes, but those below classes are none."""
_NOT_ANSWERED = _set("pred preds predict prediction predictions unlabelled unlabeled inference submission unsorted")
_BESIDE = _set(
    "doc docs documentation src assets screenshot screenshots examples demo results output outputs figures figs logs "
    "static resources notebooks script scripts code tmp temp runs checkpoints utils sample samples env lib bin build "
    "dist usr var opt desktop documents dokumente downloads videos movies appdata applications "
    "models weights app apps web website webapp frontend backend api config configs"
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


def splits_among(names: Iterable[str], holders: Collection[str] = ()) -> dict[str, Split]:
    """The folders beside each other that are called as splits, also as ``asl_train`` and ``asl_test`` are.

    Args:
        names: of all folders.
        holders: of those that hold folders: they may be splits, too, as pets is beside pets-test, and train_mini
            beside val.
    """
    names = list(names)
    found = {name: split for name in names if (split := split_of(name))}
    families = _families(name for name in names if name not in found)
    by_words = {_telling(_words(name)): name for name in holders if name not in found}
    for family, own in families.items():
        if "train" not in own.values() and (base := by_words.get(_telling(family))) and base not in own:
            own[base] = "train"
        if len(set(own.values())) > 1 and "train" in own.values() and not _ANNOTATES.intersection(family):
            found |= own
    said = set(found.values())
    for name in holders if said else ():
        if name not in found and (split := _roughly_split(name)) and split not in said:
            found[name] = split
    return found


def classes_and_splits(names: Collection[str]) -> dict[str, tuple[str, Split]]:
    """Class and split of folders such as cats_train, dogs_train, cats_test and dogs_test; empty for any others."""
    families = _families(names)
    covered = {name: (family, split) for family, own in families.items() for name, split in own.items()}
    whole = all(len(set(own.values())) > 1 and "train" in own.values() for own in families.values())
    usual = all(family and not (_ANNOTATES | _FILLS).issuperset(family) for family in families)
    if len(families) < 2 or len(covered) < len(names) or not whole or not usual:
        return {}
    labels = {name: " ".join(word for word in _spelt(name) if not _split_word(word.casefold())) for name in names}
    return {name: (labels[name], split) for name, (_, split) in covered.items()}


def _families(names: Iterable[str]) -> dict[tuple[str, ...], dict[str, Split]]:
    """Names with one word that says a split, by their other words."""
    families: dict[tuple[str, ...], dict[str, Split]] = defaultdict(dict)
    for name in names:
        words = _words(name)
        said = [(position, split) for position, word in enumerate(words) if (split := _split_word(word))]
        if len(said) == 1:
            position, split = said[0]
            families[words[:position] + words[position + 1 :]][name] = split
    return families


def _telling(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _FILLS)


def _roughly_split(name: str) -> Split | None:
    """Also where other words are around: train_mini, val-clean; but neither test_results nor steam_trains."""
    words = _words(name)
    ends = (word for word in (*words[:1], *words[-1:]) if _BESIDE.isdisjoint(words) and _NOT_ANSWERED.isdisjoint(words))
    return next((split for word in ends if (split := _split_word(word))), None) if not annotates(name) else None


def holds_pictures(name: str) -> bool:
    """Whether a folder is called as what holds pictures of any kind: images, JPEGImages, Photos, img_data."""
    words = _words(name)
    says = any(word in _HOLDS_PICTURES or _is_composed(word) for word in words)
    return says and all(word in _FILLS or _is_composed(word) or word.isdigit() for word in words)


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


def with_opposites(names: Collection[str]) -> set[str]:
    """Those beside which another says the same and more, as mask and no mask do: they are classes."""
    words = {name: set(_words(name)) for name in names if annotates(name)}
    return {
        name for name, own in words.items() if any(own < set(_words(other)) for other in names if other not in words)
    }


def is_machinery(name: str) -> bool:
    """Whether a folder belongs to a program, whatever lies in it."""
    return name.lower() in _MACHINERY or name.lower().endswith(_LIBRARIES)


def is_dataset(name: str) -> bool:
    """Whether a name says of something that it is a dataset or a part of one: simpsons_dataset, rps-testset."""
    return any(
        word in ("dataset", "datasets") or (_split_word(word) and word not in _SPLIT_WORDS) for word in _words(name)
    )


def counts_up(name: str, *, individuals: bool = False) -> bool:
    """Whether a folder is called by a number, a date, a camera or a part: 2023, 05 May, day 3, batch-1, 100CANON.

    Args:
        name: of the folder.
        individuals: also by a number of whom or what is on the pictures, such as patient 3.
    """
    words = _words(name)
    if _OF_CAMERAS.fullmatch(name) or (individuals and _WELL.fullmatch(name)):
        return True
    if len(words) > 1 and words[-2] in _PARTS and words[-1].isdigit():
        return True
    usual = _COUNTS | _FILLS | _INDIVIDUALS if individuals else _COUNTS | _FILLS
    return any(map(str.isdigit, words)) and all(word.isdigit() or word in usual for word in words)


def is_number(name: str) -> bool:
    """A number, or two, that is no year or date: classes are called so, as 7, 50 % and ages of 25-32."""
    words = _words(name)
    dates = (len(word) in (4, 8) and word[:2] in ("19", "20") for word in words)
    return 0 < len(words) < 3 and all(map(str.isdigit, words)) and not (any(dates) or _OF_CAMERAS.fullmatch(name))


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
    return tuple(word.casefold() for word in _spelt(name))


def _spelt(name: str) -> list[str]:
    """The same in the case they have."""
    return _WORD.findall(_BORDER.sub(" ", _plain(name)))


@lru_cache(maxsize=1 << 14)
def _split_word(word: str) -> Split | None:
    """Also such as trainset, testdata, trainingsbilder."""
    if split := _SPLIT_WORDS.get(word):
        return split
    shortest = 3 if word.isascii() else 1
    ends = (end for end in range(shortest, len(word) - shortest + 1) if word[end:] in _FILLS)
    return next((split for end in ends if (split := _SPLIT_WORDS.get(word[:end]))), None)


def _is_composed(word: str) -> bool:
    """Such as jpegimages, imageset."""
    return any(word[:end] in _HOLDS_PICTURES and word[end:] in _FILLS for end in range(3, len(word) - 2))

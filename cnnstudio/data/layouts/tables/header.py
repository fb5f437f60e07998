"""What columns are called, in the languages that people keep tables in."""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

Role = Literal["file", "label", "split", "training", "group", "box", "measure"]

_WORDS: dict[Role, str] = {
    "file": """
        file filename image imagename imagepath imagefile imageid img imgname imgpath imgid picture photo path filepath
        relpath fullpath id idcode name stem uri url imageurl sampleid uuid key basename source_file
        datei dateiname bild bildname bilddatei bildpfad foto fotoname aufnahme pfad
        fichier nomfichier nomdufichier chemin photographie archivo nombrearchivo nombredearchivo imagen ruta fotografia
        arquivo ficheiro imagem caminho nomearquivo immagine nomefile percorso bestand bestandsnaam afbeelding
        plik nazwapliku obraz zdjecie soubor nazevsouboru obrazek fil filnavn filnamn bilde billede bilder filsti
        tiedosto kuva dosya dosyaadi resim goruntu fajl kep
        файл имяфайла изображение фото картинка 文件 文件名 图片 图像 图片名 画像 ファイル ファイル名 画像名
        파일 파일명 이미지
        ملف صورة αρχειο εικονα
    """,
    "label": """
        label labels classname class labelname category categoryname target species speciesname scientificname breed
        diagnosis dx disease variety cultivar genus family classes classlabel truelabel groundtruth truth gt answer
        klasse klassenname etikett kategorie diagnose spezies art artname rasse sorte befund gattung bezeichnung
        clase etiqueta categoria especie raza diagnostico variedad enfermedad classe etiquette espece nomclasse race
        diagnostic maladie variete categorie rotulo doenca etichetta specie razza diagnosi malattia
        klas soort ras ziekte klasa kategoria etykieta gatunek odmiana trida druh kategori klass etikett sort
        luokka laji sinif etiket tur osztaly cimke
        класс метка категория вид порода диагноз 类别 标签 类 种类 分类 クラス
        ラベル 種類 カテゴリ 클래스 라벨 종류 분류
        فئة تصنيف κατηγορια κλαση
        labelid classid categoryid labelnum classnum classnumber labelindex classindex classidx labelidx categoryindex
        cls y
        tag type typ tipo grade kind sortof finding findinglabels findings level quality condition status
    """,
    "split": """
        split set subset partition usage phase fold_name datasplit dataset_split aufteilung teilmenge teil ensemble
        conjunto particion particao insieme podzial выборка разбиение
    """,
    "training": "istrain istraining train training istrainingimage traintest",
    "group": """
        patient lesion subject case scene sequence seq video clip plant tree individual animal participant person
        specimen slide series study session track burst event plot group location site camera station vehicle
        product item object instance batch probe proband studyinstance studyinstanceuid seriesinstanceuid
        patientin pflanze baum tier szene gruppe laesion fall standort sequenz person objekt kamera
        paciente lesion caso escena planta individuo grupo sujet scene plante individu groupe paziente lesione soggetto
        pianta gruppo pacjent pacient patienten potilas пациент группа 患者 病人 组
    """,
    "box": """
        xmin ymin xmax ymax x1 y1 x2 y2 bbox bboxes boundingbox bndbox boxes rle encodedpixels segmentation polygon
        regionshapeattributes regionattributes shapes regions roix1 roiy1 roix2 roiy2 bboxx bboxy bboxx1 bboxy1 bboxx2
        bboxy2 maskrle predictionstring keypoints objects annotations coordinates bboxxmin xcenter ycenter
    """,
    "measure": """
        age alter edad eta sex gender geschlecht width height breite hoehe size area weight length lat lon lng latitude
        longitude altitude depth x y z w h date time year month day hour datum zeit jahr fecha data annee timestamp
        photographer author fotograf license licence rights source quelle url dataset comment comments note notes
        kommentar bemerkung description beschreibung index no nr num number count fold confidence score probability
        price temperature format mode channels md5 sha1 filesize exposure iso dxtype dx_type camera device
        """,
}
_ANSWERS = frozenset(
    {"probability", "probabilities", "prob", "predicted", "prediction", "predictedlabel", "predictedclass"}
)
_GROUP_ENDINGS = ("id", "ids", "nr", "no", "num", "number", "name", "code", "uid", "index", "nummer", "key", "kennung")
_LABEL_ENDINGS = (
    "label",
    "labels",
    "class",
    "category",
    "species",
    "diagnosis",
    "klasse",
    "kategorie",
    "categorie",
    "clase",
)
"""Of names such as “fine_label” and “masterCategory”."""


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A column's name without case, accents, blanks and signs."""
    letters = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    return re.sub(r"[\W_]+", "", "".join(letter for letter in letters if not unicodedata.combining(letter)))


_RANKS: dict[Role, dict[str, int]] = {
    role: {plain(word): rank for rank, word in reversed(list(enumerate(words.split())))}
    for role, words in _WORDS.items()
}


def rank(name: str, role: Role) -> int | None:
    """How usual a name is for a role, 0 for the most usual; None where it is not."""
    word = plain(name)
    ranks = _RANKS[role]
    if word not in ranks and role == "label" and word.endswith(_LABEL_ENDINGS):
        return len(ranks)
    if word not in ranks and role == "group":
        word = next((word.removesuffix(end) for end in _GROUP_ENDINGS if word.removesuffix(end) in ranks), word)
    return ranks.get(word)


def is_called(name: str, role: Role) -> bool:
    """Whether a name is usual for a role."""
    return rank(name, role) is not None


def is_answer(name: str) -> bool:
    """Whether a column is called like what a network answers, which is no label."""
    return plain(name) in _ANSWERS


def has_boxes(header: list[str]) -> bool:
    """Whether columns are called like the corners or outlines of objects."""
    words = set(map(plain, header))
    corners = {"xmin", "x1", "left", "bboxx", "bboxx1", "roix1", "bboxxmin"} & words
    others = {"ymin", "y1", "top", "bboxy", "bboxy1", "roiy1", "bboxymin"} & words
    sides = {"x", "y"} <= words and ({"w", "h"} <= words or {"width", "height"} <= words)
    single = words & (_RANKS["box"].keys() - {"x1", "y1", "x2", "y2", "xmin", "ymin", "xmax", "ymax"})
    return bool((corners and others) or sides or single)

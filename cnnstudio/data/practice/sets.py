"""The practice datasets: facts, addresses and checksums as torchvision has them, sizes and terms as published.

CIFAR comes in its binary version, because torchvision's is a pickle, which could run code.
"""

from dataclasses import dataclass
from functools import partial

from cnnstudio.data.practice import convert
from cnnstudio.data.practice.convert import Convert

_VGG = "https://www.robots.ox.ac.uk/~vgg/data"
_GTSRB = "https://sid.erda.dk/public/archives/daaeac0d7ce1152aea9b61d9f1e19370"
_IDX = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file to download."""

    url: str
    md5: str

    @property
    def file_name(self) -> str:
        """Under which it is kept while it is needed."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeSet:
    """One dataset."""

    name: str
    """For the command line and the folder."""
    title: str
    text: str
    """One sentence: what is in the pictures, and what it is good for."""
    pictures: int
    classes: int
    pixels: str
    """Size of the pictures, such as ``32 × 32 px``."""
    megabytes: int
    """To download."""
    terms: str
    """Licence or terms of use, as far as its makers state them."""
    page: str
    """Where its makers describe it."""
    sources: tuple[Source, ...]
    convert: Convert
    """Turns the downloaded files into pictures with split and class."""


def _idx(base: str, *md5: str) -> tuple[Source, ...]:
    return tuple(Source(url=base + name, md5=digest) for name, digest in zip(_IDX, md5, strict=True))


SETS: tuple[PracticeSet, ...] = (
    PracticeSet(
        name="mnist", title="MNIST", text="Handwritten digits, the classic first task.",
        pictures=70_000, classes=10, pixels="28 × 28 px, grey", megabytes=12, terms="CC BY-SA 3.0",
        page="http://yann.lecun.com/exdb/mnist/",
        sources=_idx(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c",
        ),
        convert=partial(convert.idx, classes=tuple("0123456789")),
    ),
    PracticeSet(
        name="fashion-mnist", title="Fashion-MNIST", text="Clothes from a shop, as hard as MNIST is easy.",
        pictures=70_000, classes=10, pixels="28 × 28 px, grey", megabytes=31, terms="MIT",
        page="https://github.com/zalandoresearch/fashion-mnist",
        sources=_idx(
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79", "bb300cfdad3c16e7a12a480ee83cd310",
        ),
        convert=partial(
            convert.idx,
            classes=("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
                     "Ankle boot"),
        ),
    ),
    PracticeSet(
        name="kmnist", title="Kuzushiji-MNIST", text="Old Japanese characters, each written in many ways.",
        pictures=70_000, classes=10, pixels="28 × 28 px, grey", megabytes=21, terms="CC BY-SA 4.0",
        page="https://github.com/rois-codh/kmnist",
        sources=_idx(
            "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
            "bdb82020997e1d708af4cf47b453dcf7", "e144d726b3acfaa3e44228e80efcd344",
            "5c965bf0a639b31b8f53240b1b52f4d7", "7320c461ea6c1c855c0b718fb2a4b134",
        ),
        convert=partial(convert.idx, classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")),
    ),
    PracticeSet(
        name="eurosat", title="EuroSAT", text="Satellite pictures of land: fields, forest, rivers, towns.",
        pictures=27_000, classes=10, pixels="64 × 64 px", megabytes=94, terms="MIT",
        page="https://github.com/phelber/eurosat",
        sources=(
            Source(
                url="https://huggingface.co/datasets/torchgeo/eurosat/resolve/"
                "c877bcd43f099cd0196738f714544e355477f3fd/EuroSAT.zip",
                md5="c8fa014336c82ac7804f0398fcb19387",
            ),
        ),
        convert=convert.class_folders,
    ),
    PracticeSet(
        name="imagenette", title="Imagenette", text="Ten easy classes of ImageNet as photographs, such as churches "
        "and golf balls.",
        pictures=13_394, classes=10, pixels="160 px and more", megabytes=99, terms="research and teaching (ImageNet)",
        page="https://github.com/fastai/imagenette",
        sources=(
            Source(
                url="https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-160.tgz",
                md5="e793b78cc4c9e9a4ccc0c1155377a412",
            ),
        ),
        convert=convert.imagenette,
    ),
    PracticeSet(
        name="cifar10", title="CIFAR-10", text="Tiny photographs of animals and vehicles, the classic test of "
        "networks.",
        pictures=60_000, classes=10, pixels="32 × 32 px", megabytes=170, terms="none stated; cite Krizhevsky 2009",
        page="https://www.cs.toronto.edu/~kriz/cifar.html",
        sources=(
            Source(
                url="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", md5="c32a1d4ab5d03f1284b67883e8d87530"
            ),
        ),
        convert=convert.cifar10,
    ),
    PracticeSet(
        name="cifar100", title="CIFAR-100", text="As CIFAR-10, with a hundred classes and 600 pictures each.",
        pictures=60_000, classes=100, pixels="32 × 32 px", megabytes=169, terms="none stated; cite Krizhevsky 2009",
        page="https://www.cs.toronto.edu/~kriz/cifar.html",
        sources=(
            Source(
                url="https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz", md5="03b5dce01913d631647c71ecec9e9cb8"
            ),
        ),
        convert=convert.cifar100,
    ),
    PracticeSet(
        name="svhn", title="Street View House Numbers", text="Digits cut from photographs of house numbers.",
        pictures=99_289, classes=10, pixels="32 × 32 px", megabytes=246, terms="non-commercial use",
        page="http://ufldl.stanford.edu/housenumbers/",
        sources=(
            Source(
                url="http://ufldl.stanford.edu/housenumbers/train_32x32.mat", md5="e26dedcc434d2e4c54c9b2d4a06d8373"
            ),
            Source(
                url="http://ufldl.stanford.edu/housenumbers/test_32x32.mat", md5="eb5a983be6a315427106f1b164d9cef3"
            ),
        ),
        convert=convert.svhn,
    ),
    PracticeSet(
        name="gtsrb", title="German Traffic Signs", text="Traffic signs as a car sees them, many of them dark or "
        "blurred.",
        pictures=39_270, classes=43, pixels="15 to 250 px", megabytes=277, terms="CC0",
        page="https://benchmark.ini.rub.de/",
        sources=(
            Source(url=f"{_GTSRB}/GTSRB-Training_fixed.zip", md5="513f3c79a4c5141765e10e952eaa2478"),
            Source(url=f"{_GTSRB}/GTSRB_Final_Test_Images.zip", md5="c7e4e6327067d32654124b0fe9e82185"),
            Source(url=f"{_GTSRB}/GTSRB_Final_Test_GT.zip", md5="fe31e9c9270bbcd7b84b7f21a9d9d9e5"),
        ),
        convert=convert.gtsrb,
    ),
    PracticeSet(
        name="flowers102", title="Oxford Flowers", text="Flowers in 102 kinds, with ten pictures each to learn from.",
        pictures=8_189, classes=102, pixels="500 px and more", megabytes=345, terms="none stated; cite Nilsback 2008",
        page=f"{_VGG}/flowers/102/",
        sources=(
            Source(url=f"{_VGG}/flowers/102/102flowers.tgz", md5="52808999861908f626f3c1f4e79d11fa"),
            Source(url=f"{_VGG}/flowers/102/imagelabels.mat", md5="e0620be6f572b9609742df49c70aed4d"),
            Source(url=f"{_VGG}/flowers/102/setid.mat", md5="a5357ecc9cb78c4bef273ce3793fc85c"),
        ),
        convert=convert.flowers,
    ),
    PracticeSet(
        name="dtd", title="Describable Textures", text="Textures by the word people use: striped, dotted, woven.",
        pictures=5_640, classes=47, pixels="300 to 640 px", megabytes=625, terms="research use",
        page=f"{_VGG}/dtd/",
        sources=(Source(url=f"{_VGG}/dtd/download/dtd-r1.0.1.tar.gz", md5="fff73e5086ae6bdbea199a49dfb8a4c1"),),
        convert=convert.textures,
    ),
    PracticeSet(
        name="pets", title="Oxford-IIIT Pets", text="Cats and dogs of 37 breeds, as people photograph them.",
        pictures=7_349, classes=37, pixels="about 400 px", megabytes=811, terms="CC BY-SA 4.0",
        page=f"{_VGG}/pets/",
        sources=(
            Source(url=f"{_VGG}/pets/data/images.tar.gz", md5="5c4f3ee8e5d25df40f4fd59a7f44e54c"),
            Source(url=f"{_VGG}/pets/data/annotations.tar.gz", md5="95a8c909bbe2e81eed6a22bccdf3f68f"),
        ),
        convert=convert.pets,
    ),
    PracticeSet(
        name="caltech256", title="Caltech-256", text="Objects of 257 kinds, from harmonicas to hot air balloons.",
        pictures=30_607, classes=257, pixels="about 300 px", megabytes=1_183, terms="CC BY 4.0",
        page="https://data.caltech.edu/records/nyy15-4j048",
        sources=(
            Source(
                url="https://data.caltech.edu/records/nyy15-4j048/files/256_ObjectCategories.tar",
                md5="67b4f42ca05d46448c6bb8ecd2220f6d",
            ),
        ),
        convert=convert.class_folders,
    ),
    PracticeSet(
        name="food101", title="Food-101", text="A hundred and one dishes, photographed in restaurants.",
        pictures=101_000, classes=101, pixels="512 px", megabytes=4_996, terms="none stated; scientific use",
        page="https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/",
        sources=(
            Source(url="http://data.vision.ee.ethz.ch/cvl/food-101.tar.gz", md5="85eeb15f3717b99a5da872d97d918f87"),
        ),
        convert=convert.food,
    ),
)  # fmt: skip


def practice_set(name: str) -> PracticeSet | None:
    """The set of that name."""
    return next((each for each in SETS if each.name == name), None)

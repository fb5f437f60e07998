"""What the engine would say of a folder's pictures and of a network trained on them, for any number of classes."""

from pathlib import Path

import numpy as np

from cnnstudio.core import ALONE, JobFinished, wilson_interval
from cnnstudio.data import Dataset
from cnnstudio.inference.results import ClassScore, FeatureMaps, ModelInfo, Prediction
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.stress import Changed, Tests
from cnnstudio.jobs.specs.sure import TARGETS, HowSure
from cnnstudio.networks import LayerInfo
from cnnstudio.networks.refusal import Refusal
from cnnstudio.runs import Answer
from cnnstudio.understanding.auditions import Audition, Auditions
from cnnstudio.understanding.inside.values import BeforeAfter, Crop, CropPictures, Excited, FirstFilters, Ranking
from cnnstudio.understanding.outcomes import Curve, Doubt, Doubts, Growth, PictureMap
from cnnstudio.understanding.stress.alarms import Look, Shortcuts
from cnnstudio.understanding.stress.changes import CHANGES
from cnnstudio.understanding.stress.results import Curve as StressCurve
from cnnstudio.understanding.stress.results import Step, Stress
from cnnstudio.understanding.sure.evidence import Evidence
from cnnstudio.understanding.sure.promise import promise
from cnnstudio.understanding.sure.reliability import reliability
from cnnstudio.understanding.why.values import Alike, Explanation, Neighbours, Occlusion
from cnnstudio.understanding.why.values import Evidence as Places

PIXELS = np.random.default_rng(3).integers(0, 255, (48, 48, 3), np.uint8)
LAYERS = (
    LayerInfo(name="conv1", kind="Conv2d", shape=(16, 16, 16), depth=0, is_stage=False),
    LayerInfo(name="features.stage3.block2", kind="InvertedResidual", shape=(32, 8, 8), depth=0, is_stage=True),
    LayerInfo(name="features.top", kind="Sequential", shape=(1280, 7, 7), depth=0, is_stage=True),
)
_CHANNELS = 24
_TWO = (0.71, 0.22)


class MadeAnswers:
    """Every third picture is taken for the next class; the percentages are about honest."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset, self.classes, self.root = dataset, dataset.classes, dataset.root
        self.names = tuple(sample.path.relative_to(self.root).as_posix() for sample in dataset.samples)
        self.labels = np.array([sample.label for sample in dataset.samples])
        self.said = (self.labels + (np.arange(len(self.labels)) % 3 == 1)) % len(self.classes)
        self.splits = np.array([sample.split for sample in dataset.samples])

    def by_job(self) -> dict[type, object]:
        """For a ScriptedRunner."""
        classes = self.classes
        maps = self.maps()
        filters = np.repeat(PIXELS[None, :3, :3], 32, 0)
        top = tuple(ClassScore(name, share) for name, share in zip(classes, _TWO, strict=False))
        return {
            specs.LookHowSure: self.how_sure,
            specs.CountOverlooked: lambda job: job.handle(_Nobody()),
            specs.LayOutPictures: [JobFinished(result=self.map())],
            specs.ReadTests: Tests(
                stress=self.stress(), shortcuts=self.shortcuts(), pictures=(self.root / self.names[0],)
            ),
            specs.ChangePicture: Changed(pixels=PIXELS, top=top),
            specs.FindDoubts: self.doubts(),
            specs.ForecastGrowth: self.growth(),
            specs.AuditionNetworks: [JobFinished(result=auditions())],
            specs.DescribeModel: ModelInfo(
                title="Gamma", network="gamma", classes=classes, layers=LAYERS, suggested_layer="features.top"
            ),
            specs.ShowMaps: maps,
            specs.RankChannels: self.ranking(),
            specs.RankBeside: self.ranking(),
            specs.FindExciting: exciting(),
            specs.ShowCrops: crops,
            specs.ShowFilters: FirstFilters(layer="conv1", pictures=filters, before=filters),
            specs.CompareBefore: BeforeAfter(
                before=maps, after=maps, changes=(0.5,) * _CHANNELS, untouched=False, origin="Gamma, gamma.pth"
            ),
            specs.Predict: lambda job: tuple(
                Prediction(path=path, top=top, milliseconds=12, verdict="between", nearest=self.root / self.names[0])
                for path in job.images
            ),
            specs.ExplainAnswer: self.explanation,
            specs.FindAlike: self.neighbours(),
            specs.CoverSquares: Occlusion(
                classes=(0, 1), drops=np.ones((2, 7, 7), np.float32), falls=np.full((2, 7, 7), 0.25, np.float32)
            ),
        }

    def rows(self) -> list[Answer]:
        """For the run's own table."""
        return [
            Answer(name, str(split), self.classes[label], self.classes[said], 0.8)
            for name, split, label, said in zip(self.names, self.splits, self.labels, self.said, strict=True)
        ]

    def how_sure(self, job: specs.LookHowSure) -> HowSure:
        """By all pictures, with a refusal."""
        count, classes = len(self.names), len(self.classes)
        sure = np.where(self.said == self.labels, np.linspace(0.4, 0.99, count), np.linspace(0.3, 0.7, count))
        probabilities = np.repeat(((1 - sure) / max(1, classes - 1))[:, None], classes, 1)
        probabilities[np.arange(count), self.said] = sure
        groups = np.full(count, ALONE)
        usual = np.linspace(0, 1, 60, dtype=np.float32)
        return HowSure(
            run=job.run, classes=self.classes, names=self.names, root=self.root, temperature=1.3, more=10 * count,
            evidence=Evidence(
                places=np.arange(count), probabilities=probabilities, labels=self.labels, groups=groups,
                out_of_fold=False,
            ),
            promises=tuple(promise(probabilities, self.labels, groups, target) for target in TARGETS),
            reliability=reliability(probabilities, self.labels),
            refusal=Refusal(
                features=np.eye(3, dtype=np.float16), places=np.arange(3), near=usual, clear=usual, threshold=0.05,
                careful=0.05,
            ),
        )  # fmt: skip

    def map(self) -> PictureMap:
        """A round cloud."""
        places = np.random.default_rng(5).normal(size=(len(self.names), 2)).astype(np.float32)
        return PictureMap(
            root=self.root, classes=self.classes, names=self.names, labels=self.labels, answers=self.said,
            sure=np.full(len(self.names), 0.8, np.float32), splits=self.splits,
            held_out=np.ones(len(self.names), bool), places=places,
        )  # fmt: skip

    def stress(self) -> Stress:
        """Each strength loses a fifth of the first class."""
        own = (9,) * len(self.classes)
        curves = tuple(
            StressCurve(
                change=change.name,
                steps=tuple(
                    Step(strength=strength, correct=(9 - 2 * place, *own[1:]))
                    for place, strength in enumerate(change.strengths)
                ),
            )
            for change in CHANGES
        )
        return Stress(classes=self.classes, split="validation", of=own, wanted=sum(own), curves=curves)

    def shortcuts(self) -> Shortcuts:
        """An alarm for the class with the longest name."""
        name = max(self.classes, key=len)
        look = Look(
            name=name, times=9.1, share=0.2, place="top left corner", box=(0.0, 0.0, 0.2, 0.2), pictures=24,
            before=20, after=8, of=24, proof=self.names[:3],
        )  # fmt: skip
        return Shortcuts(classes=self.classes, split="validation", looks=(look,))

    def doubts(self) -> Doubts:
        """A few pictures whose class is far from likely."""
        label, answer = self.classes[0], self.classes[-1]
        found = tuple(
            Doubt(
                name=name, label=label, answer=answer, p_label=0.001, p_answer=0.9, split="train",
                like_label=self.names[:3], like_answer=self.names[-3:],
            )
            for name in self.names[:5]
        )  # fmt: skip
        return Doubts(
            root=self.root, doubts=found, pictures=len(self.names), unanswered=0, tests=10, network="efficientnet_lite0"
        )

    def growth(self) -> Growth:
        """A forecast of each class, but for every third, which has too few pictures."""
        curves = tuple(
            Curve(
                name=name, pictures=120, shares=(0.4, 0.5, 0.6, 0.7), interval=(0.6, 0.8),
                forecast=None if number % 3 == 2 else (0.71, 0.8), why="few" if number % 3 == 2 else "",
            )
            for number, name in enumerate(self.classes)
        )  # fmt: skip
        overall = Curve(name="", pictures=1200, shares=(0.4, 0.5, 0.6, 0.7), interval=(0.6, 0.8), forecast=(0.71, 0.8))
        return Growth(root=self.root, network="efficientnet_lite0", overall=overall, classes=curves)

    def maps(self) -> FeatureMaps:
        """Of the last layer."""
        tiles = np.random.default_rng(4).integers(0, 255, (_CHANNELS, 7, 7), np.uint8)
        return FeatureMaps(
            layer="features.top", shape=(1280, 7, 7), tiles=tiles, channels=tuple(range(1000, 1000 + _CHANNELS)),
            low=(-0.3,) * _CHANNELS, high=(4.1,) * _CHANNELS, total_channels=1280, input_image=PIXELS,
        )  # fmt: skip

    def ranking(self) -> Ranking:
        """The first for, the second against."""
        contributions = np.zeros(1280, np.float32)
        contributions[1000 : 1000 + _CHANNELS] = np.linspace(0.7, -0.2, _CHANNELS)
        top = tuple(ClassScore(name, 0.9 / (number + 1)) for number, name in enumerate(self.classes[:5]))
        return Ranking(
            label=self.classes[0], contributions=contributions, strengths=contributions**2, maps=self.maps(), top=top
        )

    def explanation(self, job: specs.ExplainAnswer) -> Explanation:
        """For the first class and the last."""
        maps = np.random.default_rng(6).normal(size=(2, 7, 7)).astype(np.float32)
        probabilities = np.full(len(self.classes), 0.05)
        probabilities[0] = 0.7
        return Explanation(
            path=job.image, labels=self.classes, pixels=PIXELS,
            evidence=Places(
                layer="features.top", classes=(0, len(self.classes) - 1), maps=maps, logits=np.array([2.0, 1.0]),
                rest=np.array([0.5, 0.2]), exact=True, probabilities=probabilities,
            ),
        )  # fmt: skip

    def neighbours(self) -> Neighbours:
        """Three of one class, one of another."""
        alike = tuple(
            Alike(path=self.root / name, label=self.classes[-1], similarity=0.9, same=False) for name in self.names[:4]
        )
        return Neighbours(alike=alike, among=len(self.names), learned=True)


def exciting() -> Excited:
    """Three layers of eight channels."""
    own = tuple((Crop(path=Path("a.png"), box=(0, 0, 4, 4), activation=1.0),) for _ in range(8))
    layers = tuple(layer.name for layer in LAYERS)
    return Excited(
        layers=layers, pictures=30, crops=dict.fromkeys(layers, own), random=dict.fromkeys(layers, own[0]),
        silent=dict.fromkeys(layers, (7,)),
    )  # fmt: skip


def crops(job: specs.ShowCrops) -> tuple[CropPictures, ...]:
    """Nine of each channel."""
    nine = (PIXELS[:12, :12],) * 9
    return tuple(
        CropPictures(
            layer=job.layer, channel=channel, side=12, exciting=nine, random=nine, paths=(Path("a.png"),) * 9,
            silent=channel == 7,
        )
        for channel in job.channels
    )  # fmt: skip


def auditions() -> Auditions:
    """Three networks, one of which has a long title."""
    titles = {"alpha18": 350, "gamma": 354, "EfficientNet V2 M with a long title": 200}
    names = [f"{number}.png" for number in range(400)]
    return Auditions(
        results=tuple(
            Audition(
                network=title, title=title.capitalize(), weights="w.pth",
                right={name: number < right for number, name in enumerate(names)},
                groups=dict.fromkeys(names, ALONE), interval=wilson_interval(right, 400),
                seconds=0.01 * (place + 1),
            )
            for place, (title, right) in enumerate(titles.items())
        )
    )  # fmt: skip


class _Nobody:
    def check(self) -> None:
        """Nobody stops it."""

"""The table of what is done to pictures, from as they are to far worse than anybody's. No torch.

What happens to a picture in a camera or a messenger happens before it is cropped: it is resized as the network wants
it, changed, and then cropped. Only going closer needs the pixels of the whole picture.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from cnnstudio.data import AugmentSpec, PreprocessSpec
from cnnstudio.data.reading import changing, resize_and_crop

Apply = Callable[[Image.Image, float, np.random.Generator], Image.Image]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One way in which pictures get worse. A strength of 0 leaves them as they are, to the bit."""

    name: str
    """In files and commands."""
    title: str
    strengths: tuple[float, ...]
    """That are tested, from 0 up."""
    told: Callable[[float], str]
    """A strength above 0 in words, such as "a blur of 2 px"."""
    tick: Callable[[float], str]
    """The same below an axis."""
    apply: Apply
    train: Callable[[AugmentSpec, float], AugmentSpec]
    """How a training has to vary pictures to learn a strength."""
    whole: bool = False
    """Whether it needs the picture in its own size."""

    def seen(self, image: Image.Image, spec: PreprocessSpec, strength: float, seed: int = 0) -> np.ndarray:
        """What the network sees of a changed picture, crop×crop×3 uint8."""
        if strength <= 0:
            return resize_and_crop(image, spec)
        rng = np.random.default_rng(seed)
        if self.whole:
            return resize_and_crop(self.apply(image, strength, rng), spec)
        return resize_and_crop(image, spec, lambda resized: self.apply(resized, strength, rng))


CHANGES = (
    Change(
        name="brightness",
        title="Darker",
        strengths=(0, 0.25, 0.5, 0.65, 0.75),
        told=lambda strength: f"{100 * (1 - strength):.0f} % of the light",
        tick=lambda strength: f"{100 * (1 - strength):.0f} %",
        apply=lambda image, strength, _: changing.darkened(image, 1 - strength),
        train=lambda spec, strength: replace(spec, colour=max(spec.colour, strength)),
    ),
    Change(
        name="blur",
        title="Blurred",
        strengths=(0, 0.5, 1, 2, 4),
        told=lambda strength: f"a blur of {strength:.2g} px",
        tick=lambda strength: f"{strength:.2g} px",
        apply=lambda image, strength, _: changing.blurred(image, strength),
        train=lambda spec, strength: replace(spec, blur=max(spec.blur, strength)),
    ),
    Change(
        name="rotation",
        title="Turned",
        strengths=(0, 10, 20, 45, 90),
        told=lambda strength: f"turned by {strength:.0f}°",
        tick=lambda strength: f"{strength:.0f}°",
        apply=lambda image, strength, _: changing.turned(image, strength),
        train=lambda spec, strength: replace(spec, rotate_degrees=max(spec.rotate_degrees, strength)),
    ),
    Change(
        name="jpeg",
        title="Compressed",
        strengths=(0, 0.5, 0.7, 0.85, 0.93),
        told=lambda strength: f"a JPEG quality of {100 * (1 - strength):.0f}",
        tick=lambda strength: f"{100 * (1 - strength):.0f}",
        apply=lambda image, strength, _: changing.compressed(image, 100 * (1 - strength)),
        train=lambda spec, strength: replace(spec, compression=max(spec.compression, strength)),
    ),
    Change(
        name="zoom",
        title="Closer",
        strengths=(0, 0.25, 0.5, 1, 1.5),
        told=lambda strength: f"{1 + strength:.2g} × closer",
        tick=lambda strength: f"{1 + strength:.3g} ×",
        apply=lambda image, strength, _: changing.closer(image, 1 + strength),
        train=lambda spec, strength: replace(spec, crop=max(spec.crop, round(1 - 1 / (1 + strength) ** 2, 2))),
        whole=True,
    ),
    Change(
        name="noise",
        title="Noisy",
        strengths=(0, 10, 20, 40, 60),
        told=lambda strength: f"noise of {strength:.0f} levels",
        tick=lambda strength: f"{strength:.0f}",
        apply=changing.noisy,
        train=lambda spec, strength: replace(spec, noise=max(spec.noise, strength)),
    ),
    Change(
        name="size",
        title="Smaller",
        strengths=(0, 0.5, 0.75, 0.875, 0.9375),
        told=lambda strength: f"{1 / (1 - strength):.2g} × fewer pixels a side",
        tick=lambda strength: f"1/{1 / (1 - strength):.0f}",
        apply=lambda image, strength, _: changing.smaller(image, strength),
        train=lambda spec, strength: replace(spec, shrink=max(spec.shrink, strength)),
    ),
)
BY_NAME = {change.name: change for change in CHANGES}


def strength_at(change: Change, share: float) -> float:
    """The strength at a place of a slider, from 0 to 1; tested ones lie at equal distances."""
    places = np.linspace(0, 1, len(change.strengths))
    return float(np.interp(share, places, change.strengths))

"""Changes that happen to pictures outside of a training, too: worse light, blur, noise, a smaller copy.

Lengths are in pixels of a picture as large as the network sees it, so that they mean the same for every camera.
"""

import io

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

FILL = (124, 116, 104)
"""Where a turned picture has no pixels: the mean of ImageNet."""
_SMALLEST = 4


def darkened(image: Image.Image, gain: float) -> Image.Image:
    """Every value times ``gain``, from 1 down to 0."""
    return ImageEnhance.Brightness(image).enhance(gain)


def blurred(image: Image.Image, radius: float) -> Image.Image:
    """As out of focus; ``radius`` is the standard deviation in pixels."""
    return image.filter(ImageFilter.GaussianBlur(radius))


def turned(image: Image.Image, degrees: float) -> Image.Image:
    """Anticlockwise about its middle."""
    return image.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=FILL)


def compressed(image: Image.Image, quality: float) -> Image.Image:
    """As a JPEG of this quality, from 100 down to 1."""
    content = io.BytesIO()
    image.save(content, "JPEG", quality=max(1, round(quality)))
    content.seek(0)
    with Image.open(content) as kept:
        kept.load()
        return kept.convert("RGB")


def noisy(image: Image.Image, deviation: float, rng: np.random.Generator) -> Image.Image:
    """With normal noise in each pixel and colour, of this standard deviation in levels of 255."""
    pixels = np.asarray(image, np.float32)
    noise = rng.standard_normal(pixels.shape, np.float32) * np.float32(deviation)
    return Image.fromarray(np.clip(np.rint(pixels + noise), 0, 255).astype(np.uint8))


def smaller(image: Image.Image, share: float) -> Image.Image:
    """Made smaller by a share of its sides, and as large as it was again."""
    width, height = (max(_SMALLEST, round((1 - share) * side)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BILINEAR).resize(image.size, Image.Resampling.BILINEAR)


def closer(image: Image.Image, factor: float) -> Image.Image:
    """The middle of it, by whose sides the picture is ``factor`` times as large."""
    width, height = (max(1, round(side / factor)) for side in image.size)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))

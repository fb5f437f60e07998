"""A small dataset that the project draws itself, so that everything can be tried without pictures of one's own.

Six kinds of things with changing shape, colour, place, size, background, light and noise. Colours overlap between the
classes, so that a network has to look at shapes.
"""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from cnnstudio.core import write_text_atomically

PICTURES_PER_CLASS = 60
SIDE = 192
_SCALE = 2
_DRAWN = ".drawn-1"
"""Ending of the file beside the folder that says it is complete; another number draws it anew."""
Colour = tuple[int, int, int]
Point = tuple[float, float]


def draw_sample(folder: Path) -> Path:
    """Draw the dataset into ``folder/<class>/`` unless it is there already; returns ``folder``."""
    marker = folder.with_name(f"{folder.name}{_DRAWN}")
    if marker.is_file() and folder.is_dir():
        return folder
    for name, draw in DRAWERS.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(PICTURES_PER_CLASS):
            rng = np.random.default_rng([len(name), ord(name[0]), ord(name[-1]), number])
            draw_picture(draw, rng).save(folder / name / f"{name}-{number + 1:02}.jpg", quality=90)
    write_text_atomically(marker, "drawn by CNN Studio\n")
    return folder


def draw_example(number: int) -> Image.Image:
    """One of the pictures, drawn on demand; the same number gives the same picture."""
    return draw_picture(list(DRAWERS.values())[number % len(DRAWERS)], np.random.default_rng(number))


def draw_picture(draw: "Drawer", rng: np.random.Generator) -> Image.Image:
    """One picture, SIDE×SIDE RGB."""
    side = SIDE * _SCALE
    canvas = _background(side, rng)
    thing = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw(ImageDraw.Draw(thing), side, rng)
    if rng.random() < 0.5:
        thing = thing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    thing = thing.rotate(rng.uniform(-22, 22), Image.Resampling.BILINEAR)
    size = int(side * rng.uniform(0.55, 0.95))
    thing = thing.resize((size, size), Image.Resampling.BILINEAR)
    place = (int(rng.uniform(-0.05, 1.05) * (side - size)), int(rng.uniform(0, 1) * (side - size)))
    shadow = Image.new("RGBA", thing.size, (20, 20, 30, 0))
    shadow.putalpha(thing.getchannel("A").filter(ImageFilter.GaussianBlur(8)).point(lambda value: value // 3))
    canvas.paste(shadow, (place[0] + 8, place[1] + 10), shadow)
    canvas.paste(thing, place, thing)
    return _photograph(canvas, rng)


def _background(side: int, rng: np.random.Generator) -> Image.Image:
    """A soft gradient between two colours, with blurred blots that belong to nothing."""
    top, bottom = np.array(_bright(rng), float), np.array(_bright(rng), float)
    blend = np.linspace(0, 1, side)[:, None, None]
    pixels = np.broadcast_to(top * (1 - blend) + bottom * blend, (side, side, 3))
    image = Image.fromarray(pixels.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.integers(3, 9)):
        x, y = rng.uniform(0, side, 2)
        radius = rng.uniform(0.04, 0.2) * side
        box = (x - radius, y - radius * rng.uniform(0.3, 1), x + radius, y + radius)
        (draw.ellipse if rng.random() < 0.6 else draw.rectangle)(_ordered(box), fill=_bright(rng))
    return image.filter(ImageFilter.GaussianBlur(float(rng.uniform(4, 14))))


def _photograph(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Scale down, then light from one side and grain, as a camera would see it."""
    pixels = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.LANCZOS), dtype=np.float32)
    angle = rng.uniform(0, 2 * math.pi)
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    light = rng.uniform(0.82, 1.1) * (1 + rng.uniform(0, 0.22) * (math.cos(angle) * x + math.sin(angle) * y))
    grain = rng.normal(0, rng.uniform(2, 9), (SIDE, SIDE, 1))
    return Image.fromarray(np.clip(pixels * light[..., None] + grain, 0, 255).astype(np.uint8))


def _bright(rng: np.random.Generator) -> Colour:
    return _hsv(rng.uniform(0, 1), rng.uniform(0.08, 0.45), rng.uniform(0.6, 0.97))


def _vivid(rng: np.random.Generator) -> Colour:
    return _hsv(rng.uniform(0, 1), rng.uniform(0.45, 0.95), rng.uniform(0.45, 0.95))


def _hsv(hue: float, saturation: float, value: float) -> Colour:
    pixel = Image.new("HSV", (1, 1), (int(hue * 255), int(saturation * 255), int(value * 255))).convert("RGB")
    red, green, blue = pixel.getpixel((0, 0))  # type: ignore[misc]
    return red, green, blue


def _darker(colour: Colour, factor: float = 0.7) -> Colour:
    red, green, blue = (int(part * factor) for part in colour)
    return red, green, blue


def _ordered(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    return min(left, right), min(top, bottom), max(left, right), max(top, bottom)


def _ring(radius: Callable[[float], float], side: int, points: int = 120) -> list[Point]:
    """A closed outline around the centre; ``radius`` gives the share of half the side at an angle."""
    angles = np.linspace(0, 2 * math.pi, points, endpoint=False)
    half = side / 2
    return [(half + half * radius(a) * math.cos(a), half + half * radius(a) * math.sin(a)) for a in angles]


def _leaf(draw: ImageDraw.ImageDraw, side: int, rng: np.random.Generator) -> None:
    colour, width = _vivid(rng), rng.uniform(0.3, 0.55)
    teeth, depth = rng.integers(8, 18), rng.uniform(0, 0.06)
    steps = np.linspace(0, math.pi, 60)
    right = [
        (0.5 + width / 2 * math.sin(t) ** 1.3 * (1 + depth * math.sin(teeth * t)), 0.08 + 0.8 * t / math.pi)
        for t in steps
    ]
    outline = right + [(1 - x, y) for x, y in reversed(right)]
    draw.polygon([(x * side, y * side) for x, y in outline], fill=colour)
    vein = _darker(colour, 0.65)
    draw.line([(side / 2, 0.1 * side), (side / 2, 0.98 * side)], fill=vein, width=side // 45)
    for y in np.linspace(0.25, 0.75, rng.integers(4, 7)):
        reach = 0.36 * width * math.sin(math.pi * (y - 0.08) / 0.8)
        for way in (-1, 1):
            draw.line(
                [(side / 2, y * side), ((0.5 + way * reach) * side, (y - 0.09) * side)], fill=vein, width=side // 90
            )


def _fish(draw: ImageDraw.ImageDraw, side: int, rng: np.random.Generator) -> None:
    colour, height = _vivid(rng), rng.uniform(0.16, 0.3)
    fin = _darker(colour, 0.75)
    tail = rng.uniform(0.12, 0.24)
    draw.polygon(
        [
            (0.72 * side, 0.5 * side),
            (0.97 * side, (0.5 - tail) * side),
            (0.9 * side, 0.5 * side),
            (0.97 * side, (0.5 + tail) * side),
        ],
        fill=fin,
    )
    draw.polygon(
        [(0.35 * side, (0.52 - height) * side), (0.62 * side, (0.42 - height) * side), (0.62 * side, 0.45 * side)],
        fill=fin,
    )
    draw.ellipse((0.06 * side, (0.5 - height) * side, 0.8 * side, (0.5 + height) * side), fill=colour)
    for x in np.linspace(0.38, 0.66, rng.integers(0, 5)):
        half = height * math.sqrt(max(0.0, 1 - ((x - 0.43) / 0.37) ** 2)) * 0.92
        draw.line([(x * side, (0.5 - half) * side), (x * side, (0.5 + half) * side)], fill=fin, width=side // 30)
    draw.ellipse((0.16 * side, 0.4 * side, 0.25 * side, 0.49 * side), fill="white")
    draw.ellipse((0.185 * side, 0.425 * side, 0.235 * side, 0.475 * side), fill=(25, 25, 30))


def _mushroom(draw: ImageDraw.ImageDraw, side: int, rng: np.random.Generator) -> None:
    cap, stem = _vivid(rng), _hsv(0.11, rng.uniform(0.05, 0.25), rng.uniform(0.8, 0.97))
    thick, width, height = rng.uniform(0.08, 0.14), rng.uniform(0.3, 0.45), rng.uniform(0.3, 0.5)
    draw.polygon(
        [
            ((0.5 - thick * 0.8) * side, 0.45 * side),
            ((0.5 + thick * 0.8) * side, 0.45 * side),
            ((0.5 + thick * 1.3) * side, 0.93 * side),
            ((0.5 - thick * 1.3) * side, 0.93 * side),
        ],
        fill=stem,
    )
    draw.ellipse(
        ((0.5 - width * 0.9) * side, 0.44 * side, (0.5 + width * 0.9) * side, 0.58 * side), fill=_darker(stem, 0.8)
    )
    draw.pieslice(
        ((0.5 - width) * side, (0.52 - height) * side, (0.5 + width) * side, (0.52 + height) * side), 180, 360, fill=cap
    )
    for _ in range(rng.integers(0, 9)):
        angle, far = rng.uniform(math.pi, 2 * math.pi), rng.uniform(0.15, 0.8)
        x, y = 0.5 + 0.85 * width * far * math.cos(angle), 0.5 + 0.85 * height * far * math.sin(angle)
        spot = rng.uniform(0.02, 0.045)
        draw.ellipse(((x - spot) * side, (y - spot) * side, (x + spot) * side, (y + spot) * side), fill=(250, 246, 236))


def _house(draw: ImageDraw.ImageDraw, side: int, rng: np.random.Generator) -> None:
    wall, roof = _hsv(rng.uniform(0, 1), rng.uniform(0.1, 0.6), rng.uniform(0.6, 0.95)), _vivid(rng)
    left, right, eaves = rng.uniform(0.12, 0.24), rng.uniform(0.76, 0.9), rng.uniform(0.42, 0.54)
    draw.rectangle((left * side, eaves * side, right * side, 0.92 * side), fill=wall)
    if rng.random() < 0.6:
        draw.rectangle(((right - 0.2) * side, 0.16 * side, (right - 0.1) * side, eaves * side), fill=_darker(roof))
    draw.polygon(
        [
            ((left - 0.06) * side, eaves * side),
            ((right + 0.06) * side, eaves * side),
            (rng.uniform(0.42, 0.58) * side, rng.uniform(0.1, 0.2) * side),
        ],
        fill=roof,
    )
    door = left + rng.uniform(0.06, 0.4)
    draw.rectangle((door * side, 0.66 * side, (door + 0.14) * side, 0.92 * side), fill=_darker(roof, 0.55))
    for x in (left + 0.08, right - 0.22):
        draw.rectangle(
            (x * side, (eaves + 0.05) * side, (x + 0.13) * side, (eaves + 0.16) * side),
            fill=(236, 240, 214),
            outline=_darker(wall, 0.5),
            width=side // 90,
        )


def _boat(draw: ImageDraw.ImageDraw, side: int, rng: np.random.Generator) -> None:
    hull, sail = _vivid(rng), _hsv(rng.uniform(0, 1), rng.uniform(0, 0.6), rng.uniform(0.8, 1))
    mast = rng.uniform(0.44, 0.56)
    draw.line([(mast * side, 0.06 * side), (mast * side, 0.72 * side)], fill=(92, 64, 44), width=side // 40)
    draw.polygon(
        [
            ((mast + 0.02) * side, rng.uniform(0.07, 0.14) * side),
            ((mast + 0.02) * side, 0.66 * side),
            ((mast + rng.uniform(0.26, 0.38)) * side, 0.66 * side),
        ],
        fill=sail,
    )
    if rng.random() < 0.75:
        draw.polygon(
            [
                ((mast - 0.02) * side, 0.14 * side),
                ((mast - 0.02) * side, 0.66 * side),
                ((mast - rng.uniform(0.2, 0.32)) * side, 0.66 * side),
            ],
            fill=_darker(sail, 0.88),
        )
    draw.polygon(
        [(0.1 * side, 0.71 * side), (0.92 * side, 0.71 * side), (0.78 * side, 0.9 * side), (0.24 * side, 0.9 * side)],
        fill=hull,
    )
    draw.line([(0.13 * side, 0.75 * side), (0.89 * side, 0.75 * side)], fill=_darker(hull, 0.6), width=side // 50)


def _butterfly(draw: ImageDraw.ImageDraw, side: int, rng: np.random.Generator) -> None:
    wing, spot = _vivid(rng), _bright(rng)
    upper, lower, lobes = rng.uniform(0.75, 0.95), rng.uniform(0.5, 0.75), rng.uniform(0.1, 0.35)

    def radius(angle: float) -> float:
        reach = upper if math.sin(angle) < 0 else lower
        return float(0.12 + reach * abs(math.cos(angle)) ** 0.5 * (1 - lobes + lobes * abs(math.sin(2 * angle))))

    outline = _ring(radius, side)
    draw.polygon(outline, fill=wing)
    draw.line([*outline, outline[0]], fill=_darker(wing, 0.45), width=side // 45)
    for way in (-1, 1):
        for y, size in ((-0.22, 0.07), (0.18, 0.05)):
            x = 0.5 + way * rng.uniform(0.2, 0.26)
            draw.ellipse(
                ((x - size) * side, (0.5 + y - size) * side, (x + size) * side, (0.5 + y + size) * side), fill=spot
            )
        draw.line(
            [(side / 2, 0.3 * side), ((0.5 + way * 0.12) * side, 0.12 * side)], fill=(40, 32, 30), width=side // 80
        )
    draw.ellipse((0.47 * side, 0.26 * side, 0.53 * side, 0.76 * side), fill=(40, 32, 30))


Drawer = Callable[[ImageDraw.ImageDraw, int, np.random.Generator], None]
DRAWERS: dict[str, Drawer] = {
    "boat": _boat, "butterfly": _butterfly, "fish": _fish, "house": _house, "leaf": _leaf, "mushroom": _mushroom,
}  # fmt: skip

"""From files to pixels to a network's input."""

from cnnstudio.data.reading.image_reader import (
    FORMATS, SUFFIXES, as_rgb, explain_image_error, is_picture, open_checked, read_bytes, read_image, read_thumbnail,
    stored_thumbnail, suffix_of, typical_side,
)  # fmt: skip
from cnnstudio.data.reading.loader import (
    DecodedPictures, Skips, augment, read_ahead, read_fast, read_for_evaluation, read_for_training, resize_and_crop,
    side_for_training,
)  # fmt: skip

__all__ = [
    "FORMATS", "SUFFIXES", "DecodedPictures", "Skips", "as_rgb", "augment", "explain_image_error", "is_picture",
    "open_checked", "read_ahead", "read_bytes", "read_fast", "read_for_evaluation", "read_for_training", "read_image",
    "read_thumbnail", "resize_and_crop", "side_for_training", "stored_thumbnail", "suffix_of", "typical_side",
]  # fmt: skip

"""From files to pixels to a network's input."""

from cnnstudio.data.reading.ahead import read_ahead
from cnnstudio.data.reading.decoded import DecodedPictures
from cnnstudio.data.reading.image_reader import (
    NO_PICTURES, SUFFIXES, explain_image_error, is_picture, open_checked, read_bytes, read_image, read_reduced,
    read_thumbnail, refuse_incomplete, suffix_of, typical_side, what_it_is, why_no_picture,
)  # fmt: skip
from cnnstudio.data.reading.loader import (
    Skips, augment, read_fast, read_for_evaluation, read_for_training, resize_and_crop,
    resized, side_for_training,
)  # fmt: skip
from cnnstudio.data.reading.reduced import Reduced
from cnnstudio.data.reading.thumbnails import stored_thumbnail

__all__ = [
    "NO_PICTURES", "SUFFIXES", "DecodedPictures", "Reduced", "Skips", "augment", "explain_image_error", "is_picture",
    "open_checked", "read_ahead", "read_bytes", "read_fast", "read_for_evaluation", "read_for_training", "read_image",
    "read_reduced", "read_thumbnail", "refuse_incomplete", "resize_and_crop", "resized", "side_for_training",
    "stored_thumbnail", "suffix_of", "typical_side", "what_it_is", "why_no_picture",
]  # fmt: skip

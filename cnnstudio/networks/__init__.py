"""Networks: the catalogue, building, heads, stages, weights files and bundles."""

from cnnstudio.networks.card import BundleCard
from cnnstudio.networks.catalogue.entries import (
    SCRATCH_SIZE, Catalogue, LayerInfo, ModelRef, NetworkEntry, Speeds, WeightsEntry, load_speeds, save_speeds,
    this_machine,
)  # fmt: skip
from cnnstudio.networks.kinds import FAMILIES, family_of, network_title
from cnnstudio.networks.modes import DEFAULT_MODE, MODES, PREPARING, READING, Mode, mode_words, phase_words
from cnnstudio.networks.weights.store import (
    WEIGHTS_SUFFIXES, WeightsReport, WeightsSources, delete_download, download_weights, expected_hash, file_name,
    is_download, is_network, load_sources, local_file, report_on, save_sources,
)  # fmt: skip

__all__ = [
    "DEFAULT_MODE", "FAMILIES", "MODES", "PREPARING", "READING", "SCRATCH_SIZE", "WEIGHTS_SUFFIXES", "BundleCard",
    "Catalogue", "LayerInfo", "Mode", "ModelRef", "NetworkEntry", "Speeds", "WeightsEntry", "WeightsReport",
    "WeightsSources", "delete_download", "download_weights", "expected_hash", "family_of", "file_name", "is_download",
    "is_network", "load_sources", "load_speeds", "local_file", "mode_words", "network_title", "phase_words",
    "report_on", "save_sources", "save_speeds", "this_machine",
]  # fmt: skip

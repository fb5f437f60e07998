"""The Lab: every operation of a convolutional network, tried on one's own pictures.

Operations are frozen values that know what they make of a size, what they cost and how PyTorch writes them, all of it
without torch; only ``applying`` computes. Settings that cannot work are sentences (``SettingProblem``), never errors.
"""

from cnnstudio.lab.activation import ACTIVATIONS, Activation
from cnnstudio.lab.convolution import Convolution, each, mixed, mixing, own_kernels, summed
from cnnstudio.lab.dense import DenseOrConvolution
from cnnstudio.lab.modes import BatchNorm, Dropout
from cnnstudio.lab.operation import MAX_CHAIN, Kernel, Operation, SettingProblem, Shape, problems_of, shapes_of
from cnnstudio.lab.pooling import POOLINGS, Pooling
from cnnstudio.lab.presets import PRESETS, Preset, gabor, kernel_of
from cnnstudio.lab.results import Applied, Drawn, Slide, Tried
from cnnstudio.lab.sizes import SizeAnswer, SizeQuestion, solve
from cnnstudio.lab.sliding import sliding_sum

__all__ = [
    "ACTIVATIONS", "MAX_CHAIN", "POOLINGS", "PRESETS", "Activation", "Applied", "BatchNorm", "Convolution",
    "DenseOrConvolution", "Drawn", "Dropout", "Kernel", "Operation", "Pooling", "Preset", "SettingProblem", "Shape",
    "SizeAnswer", "SizeQuestion", "Slide", "Tried", "each", "gabor", "kernel_of", "mixed", "mixing", "own_kernels",
    "problems_of", "shapes_of", "sliding_sum", "solve", "summed",
]  # fmt: skip

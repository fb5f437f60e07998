"""What the Lab takes from networks."""

import numpy as np

from cnnstudio.core import Watch
from cnnstudio.jobs import specs
from cnnstudio.jobs.handlers import open_ref
from cnnstudio.jobs.specs.lab import NetworkFilters
from cnnstudio.lab.convolution import Convolution
from cnnstudio.understanding.inside.training_effect import first_convolution, first_filters


def take_filters(job: specs.TakeFilters, watch: Watch) -> NetworkFilters:
    """The first convolution, with the normalisation of the network's pictures put into its weights and biases."""
    session = open_ref(job.model, watch)
    layer, module = first_convolution(session.network)
    preprocess = session.preprocess
    mean, std = (np.asarray(each, np.float64)[:, None, None] for each in (preprocess.mean, preprocess.std))
    weights = module.weight.detach().double().numpy()
    biases = np.zeros(len(weights)) if module.bias is None else module.bias.detach().double().numpy()
    stride, dilation = int(module.stride[0]), int(module.dilation[0])
    padding = 0 if isinstance(module.padding, str) else int(module.padding[0])
    filters = tuple(
        Convolution(
            kernels=(tuple(tuple(map(tuple, channel)) for channel in (own / std).tolist()),),
            bias=(float(bias - (own * mean / std).sum()),),
            groups=1,
            stride=stride,
            padding=padding,
            dilation=dilation,
        )
        for own, bias in zip(weights, biases, strict=True)
    )
    pictures = first_filters(session, None).pictures
    return NetworkFilters(layer=layer, filters=filters, pictures=pictures, channels=preprocess.channels)

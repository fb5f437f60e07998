"""Weights in half the size: stored as float16, and cast to float32 before they are used. Arithmetic stays as it is."""

from typing import Any

import numpy as np

_FEWEST = 1024
"""Values; of what is smaller, such as the statistics of a batch norm, nothing would be gained."""
_MOST = float(np.finfo(np.float16).max)
_STORED = "_stored"


def halve(model: Any) -> int:
    """Store a model's float32 weights as float16, each with a cast to float32 in front; returns how many.

    Runtimes that know constants cast once, when they load the file. What float16 cannot hold stays as it is.

    Args:
        model: an ``onnx.ModelProto`` whose weights lie in it; changed in place.
    """
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for weights in model.graph.initializer:
        if weights.data_type != TensorProto.FLOAT or np.prod(weights.dims, dtype=np.int64) < _FEWEST:
            continue
        values = numpy_helper.to_array(weights)
        if not np.abs(values).max() <= _MOST:
            continue
        name = weights.name
        weights.CopyFrom(numpy_helper.from_array(values.astype(np.float16), name + _STORED))
        casts.append(helper.make_node("Cast", [name + _STORED], [name], name=f"{name}_cast", to=TensorProto.FLOAT))
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*casts, *nodes])
    return len(casts)

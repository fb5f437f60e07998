"""An ONNX graph that is written down operation by operation, and simplified where numbers are known."""

from typing import Any

import numpy as np

Step = tuple[str, list[str], dict[str, Any]]
"""Kind, names of inputs (none: what the step before gave), attributes."""
OPSET = 20
IR_VERSION = 10


class Graph:
    """Nodes and constants; what an operation gives is a name."""

    def __init__(self, prefix: str) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}
        self._prefix = prefix
        self._known: dict[tuple[str, tuple[int, ...], bytes], str] = {}

    def const(self, value: Any, dtype: Any = np.int64) -> str:
        """A constant; the same one is kept once."""
        from onnx import numpy_helper

        array = np.asarray(value, dtype)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._known:
            name = self._known[key] = f"{self._prefix}c{len(self._known)}"
            self.constants[name] = numpy_helper.from_array(array, name)
        return self._known[key]

    def __call__(self, kind: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        """Add an operation with one output; returns the output's name."""
        from onnx import helper

        name = out or f"{self._prefix}{kind.lower()}{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(kind, list(inputs), [name], name=f"{self._prefix}{len(self.nodes)}", **attributes)
        )
        return name

    def choice(self, condition: str, branches: dict[str, list[Step]], out: str = "") -> str:
        """What one of two chains of operations gives; each step but the first gets what the one before it gave."""
        from onnx import TensorProto, helper

        made = {}
        for branch, steps in branches.items():
            nodes: list[Any] = []
            for kind, inputs, attributes in steps:
                name = f"{self._prefix}{branch}{len(self.nodes)}_{len(nodes)}"
                before = [] if inputs else list(nodes[-1].output)
                nodes.append(helper.make_node(kind, inputs or before, [name], **attributes))
            given = helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.UINT8, None)
            made[branch] = helper.make_graph(nodes, branch, [], [given])
        return self("If", condition, out=out, **made)

    def cast(self, value: str, dtype: Any) -> str:
        """The same numbers as another type."""
        from onnx import helper

        return self("Cast", value, to=helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def model(self, name: str, inputs: list[Any], outputs: list[Any]) -> Any:
        """The graph as a model that can be merged with what torch writes."""
        from onnx import helper

        graph = helper.make_graph(self.nodes, name, inputs, outputs, initializer=list(self.constants.values()))
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)

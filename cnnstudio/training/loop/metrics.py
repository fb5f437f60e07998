"""One confusion matrix as the sufficient statistic of everything that is shown."""

import torch
from torch.nn import functional

from cnnstudio.core.scores import SplitScore, wilson_interval
from cnnstudio.training.loop.distributed import World


class ScoreCounter:
    """Adds up logits batch by batch; every picture counts once, whatever the batches."""

    def __init__(self, classes: int) -> None:
        self.classes = classes
        self._confusion = torch.zeros(classes, classes, dtype=torch.int64)
        self._loss = torch.zeros((), dtype=torch.float64)
        self._in_top5 = torch.zeros((), dtype=torch.int64)
        self._images = 0

    @property
    def images(self) -> int:
        """Pictures counted so far."""
        return self._images

    @property
    def loss(self) -> float:
        """Mean cross-entropy per picture, in nats; 0 when nothing was counted."""
        return float(self._loss) / max(1, self.images)

    @property
    def accuracy(self) -> float:
        """Share of right answers in [0, 1]; 0 when nothing was counted."""
        return int(self._confusion.diagonal().sum()) / max(1, self.images)

    @torch.no_grad()
    def add(self, logits: torch.Tensor, targets: torch.Tensor) -> None:
        """Count a batch: logits N×classes, targets N. Adds on the device of the logits, without waiting for it."""
        logits, targets = logits.detach().float(), targets.to(logits.device)
        if self._confusion.device != logits.device:
            double = torch.float32 if logits.device.type == "mps" else torch.float64
            self._confusion, self._in_top5 = self._confusion.to(logits.device), self._in_top5.to(logits.device)
            self._loss = self._loss.to(device=logits.device, dtype=double)
        self._images += len(targets)
        self._loss += functional.cross_entropy(logits, targets, reduction="sum")
        pairs = targets * self.classes + logits.argmax(1)
        self._confusion += torch.bincount(pairs, minlength=self.classes**2).view(self.classes, self.classes)
        if self.classes > 5:
            self._in_top5 += (logits.topk(5).indices == targets[:, None]).any(1).sum()

    def add_up(self, world: World) -> None:
        """Add what the other processes counted; each picture still counts once."""
        images = torch.tensor(self._images, device=self._confusion.device)
        world.sum_(self._confusion, self._loss, self._in_top5, images)
        self._images = int(images)

    def score(self, split: str) -> SplitScore:
        """What was counted, as a value."""
        right = int(self._confusion.diagonal().sum())
        return SplitScore(
            split=split,
            images=self.images,
            loss=self.loss,
            accuracy=self.accuracy,
            top5_accuracy=int(self._in_top5) / max(1, self.images) if self.classes > 5 else None,
            interval=wilson_interval(right, self.images),
            confusion=tuple(tuple(row) for row in self._confusion.tolist()),
        )

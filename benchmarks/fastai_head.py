"""fastai's ``vision_learner`` with a frozen body and one-cycle; time_to_accuracy.py runs this with its Python.

    python benchmarks/fastai_head.py FOLDER WEIGHTS EPOCHS

Prints a JSON line per epoch: seconds since the learner was made, and validation accuracy.
"""

import json
import sys
import time
from pathlib import Path


def main() -> None:
    """Train."""
    import torch
    from fastai.vision.all import Callback, CrossEntropyLossFlat, ImageDataLoaders, Resize, accuracy, vision_learner
    from torchvision import models

    folder, weights, epochs = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    start = time.perf_counter()

    class Clock(Callback):
        """Tells the time after each epoch; after fastai's own recorder."""

        order = 60

        def after_epoch(self) -> None:
            values = dict(zip(self.recorder.metric_names, [self.epoch, *self.recorder.values[-1]], strict=False))
            print(
                json.dumps({"seconds": time.perf_counter() - start, "accuracy": float(values["accuracy"])}), flush=True
            )

    loaders = ImageDataLoaders.from_folder(
        folder, train="train", valid="validation", item_tfms=Resize(224), bs=32, num_workers=2
    )
    learner = vision_learner(
        loaders, models.squeezenet1_0, pretrained=False, metrics=accuracy, loss_func=CrossEntropyLossFlat(), cbs=[]
    )
    state = torch.load(weights, weights_only=True)
    features = {name.removeprefix("features."): value for name, value in state.items() if name.startswith("features.")}
    body = learner.model[0]
    body = body[0] if len(list(body.children())) == 1 else body
    body.load_state_dict(features)
    learner.freeze()
    with learner.no_bar(), learner.no_logging():
        learner.fit_one_cycle(epochs, 3e-3, cbs=[Clock()])


if __name__ == "__main__":
    main()

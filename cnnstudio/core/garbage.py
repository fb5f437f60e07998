"""Keep Python's garbage collector away from what is no garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def objects_that_stay() -> Iterator[None]:
    """While very many objects are made that will be needed for long, such as samples or the modules of torch.

    The collector looks at all objects again whenever their number has grown, and holds every thread meanwhile: the
    window stood still for up to 0.3 seconds. Here it rests, and what is there at the end it does not look at any more.
    Such objects are still freed with their last reference; only circles among them would stay.
    """
    active = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if active:
            gc.enable()

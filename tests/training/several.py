"""Several processes as threads of one, over a backend that notices when they do not do the same."""

import threading
from collections import defaultdict

import torch

from cnnstudio.training.loop import World, distributed

_PATIENCE = 20


class Meeting:
    """Stands for ``torch.distributed``: every call waits until all threads have made the same one."""

    ReduceOp = torch.distributed.ReduceOp

    def __init__(self, size):
        self.size = size
        self._calls = defaultdict(dict)  # what each process brought to the first, second, … call
        self._made = [0] * size
        self._gone = False
        self._changed = threading.Condition()
        self._me = threading.local()

    def run(self, work):
        """``work(world)`` as every process; their results, or what they raised."""
        results = [None] * self.size

        def process(rank):
            self._me.rank = rank
            try:
                results[rank] = work(World(rank=rank, size=self.size, talk=self))
            except Exception as error:  # noqa: BLE001 - it is looked at by the test
                results[rank] = error
                with self._changed:  # as a process that ends: its connections close
                    self._gone = True
                    self._changed.notify_all()

        threads = [threading.Thread(target=process, args=(rank,)) for rank in range(self.size)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    def _together(self, what, value):
        with self._changed:
            posted = self._calls[self._made[self._me.rank]]
            self._made[self._me.rank] += 1
            posted[self._me.rank] = (what, value)
            self._changed.notify_all()
            self._changed.wait_for(lambda: len(posted) == self.size or self._gone, _PATIENCE)
        if len(posted) < self.size:
            raise RuntimeError("[gloo/transport/tcp/pair.cc] Connection closed by peer (a test)")
        assert len({str(each[0]) for each in posted.values()}) == 1, f"processes that do different things: {posted}"
        return [posted[rank][1] for rank in range(self.size)]

    def all_reduce(self, tensor, op=torch.distributed.ReduceOp.SUM, group=None):
        found = torch.stack(self._together((op, tensor.shape, tensor.dtype, group), tensor.clone()))
        tensor.copy_(found.sum(0) if op == torch.distributed.ReduceOp.SUM else found.max(0).values)

    def broadcast(self, tensor, source):
        tensor.copy_(self._together(("broadcast", tensor.shape), tensor.clone())[source])

    def broadcast_object_list(self, box, group=None):
        box[0] = self._together("object", box[0])[0]


def meeting(monkeypatch, size=2):
    """Replaces torch's for this test."""
    found = Meeting(size)
    monkeypatch.setattr(distributed, "distributed", found)
    return found

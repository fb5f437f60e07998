import threading
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core import Partial, Problem, Progressed, StepDone, Warned
from cnnstudio.jobs.runner import EventBuffer


def step(number):
    return StepDone(epoch=1, step=number, steps=9, epochs=1, loss=1.0, learning_rate=0.1, images_per_second=1.0)


def warned(number):
    return Warned(problem=Problem(kind="image", title=str(number)))


EVENT = st.one_of(
    st.integers(0, 99).map(step),
    st.integers(0, 99).map(lambda done: Progressed(done=done, total=99, text="Working")),
    st.integers(0, 99).map(warned),
    st.integers(0, 99).map(lambda number: Partial(result=number)),
)


def expected(events, most):
    """Every event in its order, but at most so many steps, and of progress in a row only the newest."""
    steps, kept = 0, []
    for event in events:
        if isinstance(event, StepDone):
            steps += 1
            if steps > most:
                continue
        kept.append(event)
    rows = groupby(enumerate(kept), lambda place: -1 if isinstance(place[1], Progressed) else place[0])
    return [list(row)[-1][1] for _, row in rows]


@given(st.lists(st.lists(EVENT, max_size=30), max_size=5), st.integers(1, 10))
def test_nothing_is_lost_but_too_many_steps_and_older_progress(batches, most):
    buffer = EventBuffer(max_steps=most)
    for batch in batches:
        for event in batch:
            buffer.put(event)
        assert buffer.drain() == expected(batch, most)
        assert buffer.drain() == []


def test_memory_does_not_grow_while_nobody_pulls():
    buffer = EventBuffer(max_steps=10)
    for number in range(20_000):
        buffer.put(step(number))
        buffer.put(Progressed(done=number, total=20_000, text="Working"))
    assert len(buffer.drain()) <= 2 * 10 + 1


def test_what_workers_put_while_the_window_pulls_arrives_once_and_in_order():
    buffer, seen, count = EventBuffer(), [], 500

    def put(worker):
        for number in range(count):
            buffer.put(Partial(result=(worker, number)))

    workers = [threading.Thread(target=put, args=(worker,)) for worker in range(4)]
    for worker in workers:
        worker.start()
    while len(seen) < 4 * count:
        seen += [event.result for event in buffer.drain()]
    for worker in workers:
        worker.join()
    assert len(set(seen)) == len(seen) == 4 * count
    for worker in range(4):
        assert [number for of, number in seen if of == worker] == list(range(count))

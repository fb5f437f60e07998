"""Use cases: a frozen spec goes in, events come out; carried by this thread or a worker thread."""

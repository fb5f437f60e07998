"""How sure a network is: a promise, the cost of overlooking a class, what it refuses, reliability."""

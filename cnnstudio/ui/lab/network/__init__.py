"""The room *Build a network*: a list of blocks, what stands at each, and what is wrong with them."""

"""Networks that a person builds of blocks: the table of blocks, the plan and its file, what stands at each block."""

"""Pictures into a folder for each answer: a plan first, then copies or links, and an undo of exactly these."""

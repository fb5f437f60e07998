"""Why this answer: what speaks for and against it, what a covered part changes, which known pictures are like it."""

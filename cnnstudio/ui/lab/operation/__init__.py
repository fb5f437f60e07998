"""The room *Try an operation*: a picture, what one operation makes of it, and how."""

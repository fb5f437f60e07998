"""The window: the only floor that knows Qt. Holds no training logic and never imports torch."""

"""Predictions for other programs on this computer, over HTTP."""

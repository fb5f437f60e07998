"""Predictions and feature maps from a trained network."""

"""Weights files: found, fetched, opened safely."""

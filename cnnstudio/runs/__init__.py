"""Run folders: what happened, on disk, readable without this software. No torch."""

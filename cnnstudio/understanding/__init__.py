"""What a network gets wrong, whether to trust it, what it looks at. Results are plain values without torch."""

"""Which pictures a network learns from, and which ones judge it."""

"""One epoch after the other."""

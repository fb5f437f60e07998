"""A network taken apart, without its weights."""

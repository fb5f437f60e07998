"""Tables of labels: which files they are, what their columns hold, which pictures they name."""

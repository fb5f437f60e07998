"""From files to pixels to a network's input."""

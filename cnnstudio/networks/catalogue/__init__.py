"""Which networks there are, with their figures."""

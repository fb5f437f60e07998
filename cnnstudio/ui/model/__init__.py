"""Parts of the model page."""

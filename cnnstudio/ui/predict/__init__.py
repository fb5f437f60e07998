"""Parts of the predict page."""

"""Lists and tables as item models."""

"""What happens to the answers when pictures get worse, and whether they hang on a place where no object is."""

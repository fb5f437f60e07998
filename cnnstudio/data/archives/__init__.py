"""Archives of pictures: which files are such, what is in them, and unpacking them within bounds."""

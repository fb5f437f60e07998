"""The predict page beyond one picture: a folder into a table, sorting, watching, and other programs."""

"""Belonging to the desktop without a package manager: a menu entry, an icon, a kind of file; and exactly undone."""

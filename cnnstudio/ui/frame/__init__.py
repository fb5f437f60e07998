"""What is around the pages: menus, settings, and what the window says by itself."""

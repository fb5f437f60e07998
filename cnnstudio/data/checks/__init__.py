"""What every picture is, and what is wrong with a folder."""

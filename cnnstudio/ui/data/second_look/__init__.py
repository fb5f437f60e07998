"""Going through doubtful pictures, one key a picture."""

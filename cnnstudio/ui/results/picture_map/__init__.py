"""All pictures of a run as points."""

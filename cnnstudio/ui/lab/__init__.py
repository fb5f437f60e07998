"""The Lab: try operations on a picture of one's own, and build networks."""

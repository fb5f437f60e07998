"""Well-known datasets to practise on: what they are, and how they become a folder of pictures."""

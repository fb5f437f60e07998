"""Pictures on disk to numbers: one image reader, folders, splits, preprocessing."""

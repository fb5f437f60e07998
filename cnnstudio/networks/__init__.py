"""Networks: the catalogue, building, heads, stages, weights files and bundles."""

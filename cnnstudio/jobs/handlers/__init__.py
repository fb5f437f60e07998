"""One file per use case; torch is imported here, in the worker."""

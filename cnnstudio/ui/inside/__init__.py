"""The inside page: what the channels of a network do."""

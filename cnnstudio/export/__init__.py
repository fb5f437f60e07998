"""What leaves the house: weights with labels and preprocessing, verified."""

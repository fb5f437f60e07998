"""What the last layer works on, written for other programs: NumPy, scikit-learn, TensorBoard's projector."""

"""ONNX files: whole pictures in, probabilities and features out. Heavy imports wait until something is written."""

"""A folder that predicts with three packages, none of them large: a script, an ONNX file, and what they need."""

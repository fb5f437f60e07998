"""Files of OpenVINO, made from ONNX files."""

"""The one table of export formats: an entry each, in a file of its own kind."""

from cnnstudio.export.formats.core_ml import CoreMl
from cnnstudio.export.formats.eight_bits import EightBits
from cnnstudio.export.formats.format import AS_IT_IS, FOR_HEIC, Answerer, ExportOptions, Format, Source
from cnnstudio.export.formats.onnx_file import Onnx
from cnnstudio.export.formats.open_vino import OpenVino
from cnnstudio.export.formats.predictor import Predictor
from cnnstudio.export.formats.torch_files import Bundle, StateDict
from cnnstudio.export.formats.web import WebPage
from cnnstudio.export.report import ExportReport

FORMATS: dict[str, Format] = {
    kind.name: kind
    for kind in (Bundle(), StateDict(), Onnx(), Predictor(), WebPage(), OpenVino(), EightBits(), CoreMl())
}
"""By name; the first is offered first."""

__all__ = ["AS_IT_IS", "FORMATS", "FOR_HEIC", "Answerer", "ExportOptions", "ExportReport", "Format", "Source"]

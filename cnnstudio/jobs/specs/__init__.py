"""Every job by its name: what the window or the command line may ask for. No torch, no Qt."""

from cnnstudio.jobs.specs.models import DescribeModel, Evaluate, ExportModel, Predict, ReadPredictions, ShowMaps
from cnnstudio.jobs.specs.networks import (
    CheckWeights,
    DeleteWeights,
    DissectNetwork,
    DownloadWeights,
    ListDevices,
    ListNetworks,
    MeasureSpeeds,
    RecommendNetwork,
    WarmUp,
)
from cnnstudio.jobs.specs.pictures import (
    AddPictures,
    DrawChanges,
    FetchPractice,
    ForgetPractice,
    MakeSample,
    ScanFolder,
)
from cnnstudio.jobs.specs.training import EstimateRun, FindRate, FineTune, ResumeRun

__all__ = [
    "AddPictures", "CheckWeights", "DeleteWeights", "DescribeModel", "DissectNetwork", "DownloadWeights",
    "DrawChanges", "EstimateRun", "Evaluate", "ExportModel", "FetchPractice", "FindRate", "FineTune",
    "ForgetPractice", "ListDevices", "ListNetworks", "MakeSample", "MeasureSpeeds", "Predict", "ReadPredictions",
    "RecommendNetwork", "ResumeRun", "ScanFolder", "ShowMaps", "WarmUp",
]  # fmt: skip

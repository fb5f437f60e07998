"""Every job by its name: what the window or the command line may ask for. No torch, no Qt.

The module of a job is imported when the job is first asked for: together they take as long as a window's first paint.
"""

import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # for mypy, and for what packages the application
    from cnnstudio.jobs.specs.answers import BeCareful, GatherAnswers
    from cnnstudio.jobs.specs.audition import AuditionNetworks
    from cnnstudio.jobs.specs.building import (
        KeepDraft, KeepNetwork, ListBuilt, OpenNetworkFile, ReadDraft, RemoveNetwork, WriteNetworkFile,
    )  # fmt: skip
    from cnnstudio.jobs.specs.comparisons import CompareRuns
    from cnnstudio.jobs.specs.computer import (
        ClearCache, ExamineComputer, InstallPart, KeepIn, LookAtMotion, MeasureCache, OfferPart, TrimCache,
    )  # fmt: skip
    from cnnstudio.jobs.specs.decisions import Decide, MergeClasses, ReadDecisions, ReadProject, Restore, SeparateClass
    from cnnstudio.jobs.specs.desktop import AddToDesktop, LookAtDesktop, RemoveFromDesktop
    from cnnstudio.jobs.specs.doubts import CountDoubtful, FindDoubts, ReadSecondLook, TakeBackLook, TakeLook
    from cnnstudio.jobs.specs.films import CheckFilm
    from cnnstudio.jobs.specs.folders import (
        EmbedFolder, FindUnsure, LookAtTable, PlanSorting, PredictFolder, SortPictures, UndoSorting, WatchFolder,
    )  # fmt: skip
    from cnnstudio.jobs.specs.growth import ForecastGrowth
    from cnnstudio.jobs.specs.inside import (
        CompareBefore, FindExciting, RankBeside, RankChannels, ShowCrops, ShowFilters, SwitchOff,
    )  # fmt: skip
    from cnnstudio.jobs.specs.kept import SavePicture, SaveTable
    from cnnstudio.jobs.specs.lab import OpenForLab, TakeFilters, TryOperations
    from cnnstudio.jobs.specs.licences import ReadLicences
    from cnnstudio.jobs.specs.models import (
        DescribeModel, Evaluate, ExportModel, FindExported, KeepPasted, LookAtExport, MeasureMirror, Predict,
        PredictFrame, ReadPredictions, SaveAnswers, ShowMaps,
    )  # fmt: skip
    from cnnstudio.jobs.specs.networks import (
        ChangeSources, CheckWeights, DeleteWeights, DissectNetwork, DownloadWeights, ListDevices, ListNetworks,
        LookAtWeights, MeasureSpeeds, RecommendNetwork, WarmUp,
    )  # fmt: skip
    from cnnstudio.jobs.specs.next_steps import Summarise
    from cnnstudio.jobs.specs.picture_map import LayOutPictures
    from cnnstudio.jobs.specs.pictures import (
        AddPictures, DrawChanges, ExistingFolders, FetchPractice, ForgetPractice, KeepFrame, LookForPractice,
        MakeSample, MatchNames, ScanFolder, SortPaths,
    )  # fmt: skip
    from cnnstudio.jobs.specs.places import FindTable
    from cnnstudio.jobs.specs.projects import (
        BeginProject, CountCollected, FindPlace, FollowPictures, ListProjects, NoteProject, RenameFolder,
    )  # fmt: skip
    from cnnstudio.jobs.specs.repeats import ContinueRepeats, TrainRepeats
    from cnnstudio.jobs.specs.runs import (
        DeleteRun, EstimateRun, FindRate, FindRuns, FineTune, ListRuns, LookAtTest, OpenRecipe, ReadHistories,
        RenameRun, ResumeRun, SaveRecipe,
    )  # fmt: skip
    from cnnstudio.jobs.specs.scores import CountFigures, FindMistakes, TellBeside
    from cnnstudio.jobs.specs.serving import ServeModel
    from cnnstudio.jobs.specs.sorting import CopySorted, GroupAlike, KeepSorting, ListUnsorted
    from cnnstudio.jobs.specs.stress import ChangePicture, LookForShortcuts, ReadTests, TestStress
    from cnnstudio.jobs.specs.sure import CountOverlooked, LookHowSure, PromiseShare
    from cnnstudio.jobs.specs.updates import LookAtUpdatePolicy, LookForUpdate
    from cnnstudio.jobs.specs.why import CoverPart, CoverSquares, ExplainAnswer, ExplainFrame, FindAlike

_NAMES = {
    "answers": ("BeCareful", "GatherAnswers"),
    "audition": ("AuditionNetworks",),
    "building": (
        "KeepDraft", "KeepNetwork", "ListBuilt", "OpenNetworkFile", "ReadDraft", "RemoveNetwork",
        "WriteNetworkFile",
    ),
    "comparisons": ("CompareRuns",),
    "computer": (
        "ClearCache", "ExamineComputer", "InstallPart", "KeepIn", "LookAtMotion", "MeasureCache", "OfferPart",
        "TrimCache",
    ),
    "decisions": ("Decide", "MergeClasses", "ReadDecisions", "ReadProject", "Restore", "SeparateClass"),
    "desktop": ("AddToDesktop", "LookAtDesktop", "RemoveFromDesktop"),
    "doubts": ("CountDoubtful", "FindDoubts", "ReadSecondLook", "TakeBackLook", "TakeLook"),
    "films": ("CheckFilm",),
    "folders": (
        "EmbedFolder", "FindUnsure", "LookAtTable", "PlanSorting", "PredictFolder", "SortPictures", "UndoSorting",
        "WatchFolder",
    ),
    "growth": ("ForecastGrowth",),
    "inside": (
        "CompareBefore", "FindExciting", "RankBeside", "RankChannels", "ShowCrops", "ShowFilters", "SwitchOff",
    ),
    "kept": ("SavePicture", "SaveTable"),
    "lab": ("OpenForLab", "TakeFilters", "TryOperations"),
    "licences": ("ReadLicences",),
    "models": (
        "DescribeModel", "Evaluate", "ExportModel", "FindExported", "KeepPasted", "LookAtExport", "MeasureMirror",
        "Predict", "PredictFrame", "ReadPredictions", "SaveAnswers", "ShowMaps",
    ),
    "networks": (
        "ChangeSources", "CheckWeights", "DeleteWeights", "DissectNetwork", "DownloadWeights", "ListDevices",
        "ListNetworks", "LookAtWeights", "MeasureSpeeds", "RecommendNetwork", "WarmUp",
    ),
    "next_steps": ("Summarise",),
    "picture_map": ("LayOutPictures",),
    "pictures": (
        "AddPictures", "DrawChanges", "ExistingFolders", "FetchPractice", "ForgetPractice", "KeepFrame",
        "LookForPractice", "MakeSample", "MatchNames", "ScanFolder", "SortPaths",
    ),
    "places": ("FindTable",),
    "projects": (
        "BeginProject", "CountCollected", "FindPlace", "FollowPictures", "ListProjects", "NoteProject",
        "RenameFolder",
    ),
    "repeats": ("ContinueRepeats", "TrainRepeats"),
    "runs": (
        "DeleteRun", "EstimateRun", "FindRate", "FindRuns", "FineTune", "ListRuns", "LookAtTest", "OpenRecipe",
        "ReadHistories", "RenameRun", "ResumeRun", "SaveRecipe",
    ),
    "scores": ("CountFigures", "FindMistakes", "TellBeside"),
    "serving": ("ServeModel",),
    "sorting": ("CopySorted", "GroupAlike", "KeepSorting", "ListUnsorted"),
    "stress": ("ChangePicture", "LookForShortcuts", "ReadTests", "TestStress"),
    "sure": ("CountOverlooked", "LookHowSure", "PromiseShare"),
    "updates": ("LookAtUpdatePolicy", "LookForUpdate"),
    "why": ("CoverPart", "CoverSquares", "ExplainAnswer", "ExplainFrame", "FindAlike"),
}  # fmt: skip
_PLACES = {name: module for module, names in _NAMES.items() for name in names}
__all__ = sorted(_PLACES)


def __getattr__(name: str) -> type:
    """The job, which is kept here from then on."""
    if name not in _PLACES:
        raise AttributeError(name)
    job: type = pkgutil.resolve_name(f"{__name__}.{_PLACES[name]}:{name}")
    globals()[name] = job
    return job

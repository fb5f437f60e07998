"""Every job by its name: what the window or the command line may ask for. No torch, no Qt."""

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

__all__ = [
    "AddPictures", "AddToDesktop", "AuditionNetworks", "BeCareful", "BeginProject", "ChangePicture", "ChangeSources",
    "CheckFilm", "CheckWeights", "ClearCache", "CompareBefore", "CompareRuns", "ContinueRepeats", "CopySorted",
    "CountCollected", "CountDoubtful", "CountFigures", "CountOverlooked", "CoverPart", "CoverSquares", "Decide",
    "DeleteRun", "DeleteWeights", "DescribeModel", "DissectNetwork", "DownloadWeights", "DrawChanges", "EmbedFolder",
    "EstimateRun", "Evaluate", "ExamineComputer", "ExistingFolders", "ExplainAnswer", "ExplainFrame", "ExportModel",
    "FetchPractice", "FindAlike", "FindDoubts", "FindExciting", "FindExported", "FindMistakes", "FindPlace",
    "FindRate", "FindRuns", "FindTable", "FindUnsure", "FineTune", "FollowPictures", "ForecastGrowth",
    "ForgetPractice", "GatherAnswers", "GroupAlike", "InstallPart", "KeepDraft", "KeepFrame", "KeepIn", "KeepNetwork",
    "KeepPasted", "KeepSorting", "LayOutPictures", "ListBuilt", "ListDevices", "ListNetworks", "ListProjects",
    "ListRuns", "ListUnsorted", "LookAtDesktop", "LookAtExport", "LookAtMotion", "LookAtTable", "LookAtTest",
    "LookAtUpdatePolicy", "LookAtWeights", "LookForPractice", "LookForShortcuts", "LookForUpdate", "LookHowSure",
    "MakeSample", "MatchNames", "MeasureCache", "MeasureMirror", "MeasureSpeeds", "MergeClasses", "NoteProject",
    "OfferPart", "OpenForLab", "OpenNetworkFile", "OpenRecipe", "PlanSorting", "Predict", "PredictFolder",
    "PredictFrame", "PromiseShare", "RankBeside", "RankChannels", "ReadDecisions", "ReadDraft", "ReadHistories",
    "ReadLicences", "ReadPredictions", "ReadProject", "ReadSecondLook", "ReadTests", "RecommendNetwork",
    "RemoveFromDesktop", "RemoveNetwork", "RenameFolder", "RenameRun", "Restore", "ResumeRun", "SaveAnswers",
    "SavePicture", "SaveRecipe", "SaveTable", "ScanFolder", "SeparateClass", "ServeModel", "ShowCrops", "ShowFilters",
    "ShowMaps", "SortPaths", "SortPictures", "Summarise", "SwitchOff", "TakeBackLook", "TakeFilters", "TakeLook",
    "TellBeside", "TestStress", "TrainRepeats", "TrimCache", "TryOperations", "UndoSorting", "WarmUp", "WatchFolder",
    "WriteNetworkFile",
]  # fmt: skip

"""Events, control, errors, codec and durable files: the ground floor, stdlib only but for cattrs and platformdirs."""

from cnnstudio.core.atomic import (
    TEMP_PREFIX, announce, checksum_path, name_too_long, sha256_of, storage_error, sweep_stale_temps,
    verify_checksum, write_atomically, write_text_atomically, write_with_checksum,
)  # fmt: skip
from cnnstudio.core.comparison import Comparison, compare_answers, compared_sentence, discordant_sentence
from cnnstudio.core.compiler import load_compiler_late
from cnnstudio.core.errors import (
    CheckpointDamaged, Choice, ClassesUnclear, DatasetError, DeviceError, DownloadError, ExportMismatch,
    FormatError, ImageError, LabelsInNames, NetworkError, NewerFormat, OperationError, OutOfMemory,
    PicturesUnsorted, Problem, RecipeError, RunError, StorageError, StudioError, TrainingDiverged, WeightsError,
    is_out_of_memory,
)  # fmt: skip
from cnnstudio.core.events import (
    RUN_EVENTS, BlockSeen, CheckpointSaved, EpochDone, EvaluationDone, Event, InsideSeen, JobFailed, JobFinished,
    JobStopped, Partial, PhaseStarted, PictureAnswer, PicturesAnswered, ProgressKind, Progressed, RunCompleted,
    RunEvent, RunPaused, RunResumed, RunStarted, RunStopped, StepDone, StrengthTried, Warned,
)  # fmt: skip
from cnnstudio.core.folders import place_aside, real_place, replace_folder, restore_folder, sweep_stale_folders
from cnnstudio.core.intervals import ALONE, GroupedMean, alike_interval, grouped_mean, share_interval, wilson_interval
from cnnstudio.core.machine import (
    ANSWER_EXPORT, CHECK_SCRIPT, EXAMINE, MATCH_NAMES, MEASURE_SPEEDS, OPEN_WEIGHTS, PROBE_DEVICE, TRY_WINDOW,
    WRITE_CORE_ML, WRITE_ONNX, DeviceInfo, available_memory, child_command, decode_threads, give_back,
    keep_large_blocks, limit_cores, lower_priority, objects_that_stay, process_count, process_place, process_rank,
    processes_here, tell_nobody, taken_memory, usable_cores, wait_shortly,
)  # fmt: skip
from cnnstudio.core.measured import Others, forget, known_value, remembered, this_computer
from cnnstudio.core.names import alike_key, isolated, one_spelling, printable
from cnnstudio.core.paths import (
    cache_folder, config_folder, data_folder, free_bytes, is_reserved, log_folder, numbered_name, resource,
    runs_folder, safe_file_name, weights_folder,
)  # fmt: skip
from cnnstudio.core.processes import process_lives
from cnnstudio.core.score_words import (
    INTERVAL_MEANING, beside_sentence, mix_sentence, mix_up_sentences, range_meaning, right_sentence, told,
)  # fmt: skip
from cnnstudio.core.scores import TOP5_FROM, ClassFigures, FolderScore, SplitScore, class_figures, worst_mix_ups
from cnnstudio.core.sealed import load_sealed, save_sealed
from cnnstudio.core.tables import csv_text, defused, read_csv, write_csv
from cnnstudio.core.waiting import waited_for
from cnnstudio.core.watch import Control, StopRequested, Watch, only_progress, rest_point
from cnnstudio.core.words import counted, pictures_in_classes, seconds_in_words, size_in_words

__all__ = [
    "ALONE", "ANSWER_EXPORT", "CHECK_SCRIPT", "EXAMINE", "INTERVAL_MEANING", "MATCH_NAMES", "MEASURE_SPEEDS",
    "OPEN_WEIGHTS", "PROBE_DEVICE", "RUN_EVENTS", "TEMP_PREFIX", "TOP5_FROM", "TRY_WINDOW", "WRITE_CORE_ML",
    "WRITE_ONNX", "BlockSeen", "CheckpointDamaged", "CheckpointSaved", "Choice", "ClassFigures", "ClassesUnclear",
    "Comparison", "Control", "DatasetError", "DeviceError", "DeviceInfo", "DownloadError", "EpochDone",
    "EvaluationDone", "Event", "ExportMismatch", "FolderScore", "FormatError", "GroupedMean", "ImageError",
    "InsideSeen", "JobFailed", "JobFinished", "JobStopped", "LabelsInNames", "NetworkError", "NewerFormat",
    "OperationError", "Others", "OutOfMemory", "Partial", "PhaseStarted", "PictureAnswer", "PicturesAnswered",
    "PicturesUnsorted", "Problem", "ProgressKind", "Progressed", "RecipeError", "RunCompleted", "RunError",
    "RunEvent", "RunPaused", "RunResumed", "RunStarted", "RunStopped", "SplitScore", "StepDone", "StopRequested",
    "StorageError", "StrengthTried", "StudioError", "TrainingDiverged", "Warned", "Watch", "WeightsError",
    "alike_interval", "alike_key", "announce", "available_memory", "beside_sentence", "cache_folder",
    "checksum_path", "child_command", "class_figures", "compare_answers", "compared_sentence", "config_folder",
    "counted", "csv_text", "data_folder", "decode_threads", "defused", "discordant_sentence", "forget",
    "free_bytes", "give_back", "grouped_mean", "is_out_of_memory", "is_reserved", "isolated", "keep_large_blocks",
    "known_value", "limit_cores", "load_compiler_late", "load_sealed", "log_folder", "lower_priority",
    "mix_sentence", "mix_up_sentences", "name_too_long", "numbered_name", "objects_that_stay", "one_spelling",
    "only_progress", "pictures_in_classes", "place_aside", "printable", "process_count", "process_lives",
    "process_place", "process_rank", "processes_here", "range_meaning", "read_csv", "real_place", "remembered",
    "replace_folder", "resource", "rest_point", "restore_folder", "right_sentence", "runs_folder", "safe_file_name",
    "save_sealed", "seconds_in_words", "sha256_of", "share_interval", "size_in_words", "storage_error",
    "sweep_stale_folders", "sweep_stale_temps", "taken_memory", "tell_nobody", "this_computer", "told", "usable_cores",
    "verify_checksum", "wait_shortly", "waited_for", "weights_folder", "wilson_interval", "worst_mix_ups",
    "write_atomically", "write_csv", "write_text_atomically", "write_with_checksum",
]  # fmt: skip

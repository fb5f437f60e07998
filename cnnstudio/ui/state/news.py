"""What the shared state tells the window and its pages."""

from pathlib import Path

from PySide6 import QtCore

from cnnstudio.core import Problem
from cnnstudio.data import AugmentSpec, Dataset
from cnnstudio.networks import Catalogue, NetworkEntry
from cnnstudio.runs import Run
from cnnstudio.ui.state.job_monitor import JobDesk, JobMonitor


class News(JobDesk):
    """The signals of ``Studio``: what has changed, and what one page wants of another."""

    dataset_changed = QtCore.Signal(Dataset)
    catalogue_changed = QtCore.Signal(Catalogue)
    network_changed = QtCore.Signal(NetworkEntry)
    network_chosen = QtCore.Signal(str, object)
    run_changed = QtCore.Signal(Run)
    """The run that is shown, or None."""
    runs_changed = QtCore.Signal()
    runs_read = QtCore.Signal()
    """The runs of the open folder are known: all there are."""
    run_news = QtCore.Signal(Run)
    """Something about one of the runs is other than it was."""
    recent_changed = QtCore.Signal()
    devices_changed = QtCore.Signal(tuple)
    """Of DeviceInfo."""
    scan_started = QtCore.Signal(JobMonitor)
    training_started = QtCore.Signal(JobMonitor)
    training_ended = QtCore.Signal()
    settled = QtCore.Signal()
    """The window is there and its engine loads: what has time may begin."""
    prepared = QtCore.Signal()
    """Folder, networks and weights that were being looked at are ready."""
    problem = QtCore.Signal(Problem)
    """One that no page shows by itself."""
    navigate = QtCore.Signal(str)
    """Name of a page to show."""
    changes_chosen = QtCore.Signal(AugmentSpec)
    """How the next training is to change pictures."""
    results_wanted = QtCore.Signal(str, tuple)
    """A tab of Results, and names of what is to be seen in it."""
    second_look_wanted = QtCore.Signal()
    """Doubtful labels are to be looked at."""
    forecast_wanted = QtCore.Signal()
    """What more pictures would bring is to be seen."""
    again_wanted = QtCore.Signal(Run)
    """The next training is to be of the network of this run."""
    variation_wanted = QtCore.Signal(AugmentSpec)
    """The next training is to learn pictures that are varied like this, also where layers are frozen."""
    balance_wanted = QtCore.Signal()
    """Small classes are to count more in the next training."""
    model_opened = QtCore.Signal(Path)
    """A run or bundle that is to answer, wherever it lies."""
    predict_wanted = QtCore.Signal(list)
    """Paths of pictures, and of folders with pictures, to be predicted."""
    pictures_wanted = QtCore.Signal(list)
    """Paths of pictures of the open folder, to be seen among all others."""
    picture_looked_at = QtCore.Signal(Path)
    """The picture that a page shows now, so that another one can look deeper into it."""
    paths_wanted = QtCore.Signal(list)
    """What was dropped on a part of a page that has no use for it."""
    recording_wanted = QtCore.Signal(Path, str, object)
    """A folder of class folders, the class to record with the camera, and what takes the new files in the end."""
    sorting_wanted = QtCore.Signal(Path)
    """A folder whose pictures have no classes, and are to be sorted into some."""
    blocks_wanted = QtCore.Signal(str)
    """Name of a network whose blocks are to be seen, and changed."""
    network_file_wanted = QtCore.Signal(Path)
    """A file of a network that somebody built, whose blocks are to be seen."""
    weights_wanted = QtCore.Signal(Path)
    """A weights file to start from."""
    said = QtCore.Signal(str, str, object)
    """What was just done, for the toast: a sentence, and one more thing to do: its name and a function, or "" and None.

    What a person can take back is a step in ``history`` instead, and shown with *Undo*.
    """

"""What the window knows; no widgets."""

from cnnstudio.ui.state.curator import Curator
from cnnstudio.ui.state.history import History, Step
from cnnstudio.ui.state.job_monitor import JobDesk, JobMonitor
from cnnstudio.ui.state.preferences import NetworkChoice, Preferences, SavePreferences, load_preferences
from cnnstudio.ui.state.studio import Studio

__all__ = [
    "Curator", "History", "JobDesk", "JobMonitor", "NetworkChoice", "Preferences", "SavePreferences", "Step", "Studio",
    "load_preferences",
]  # fmt: skip

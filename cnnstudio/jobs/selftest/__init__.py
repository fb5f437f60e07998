"""Everything once: does this installation work on this computer?"""

from cnnstudio.jobs.selftest.course import NOT_TRIED, Outcome, Tried, try_everything

__all__ = ["NOT_TRIED", "Outcome", "Tried", "try_everything"]

"""Use cases: a frozen spec goes in, events come out; carried by this thread or a worker thread."""

from cnnstudio.jobs.job import WIDTH, Job, Lane, StoppedWith, Streaming, carry, explain, run_inline

__all__ = ["WIDTH", "Job", "Lane", "StoppedWith", "Streaming", "carry", "explain", "run_inline"]

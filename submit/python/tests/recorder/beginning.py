"""Imports what the real pipetask does at its beginning, where jobs are real ones."""

import os

if "INTERCHANGE_ATTEMPT_TOKEN" in os.environ and "PIPETASK_OF_JOBS" not in os.environ:
    import lsst.ctrl.mpexec.cli.pipetask  # noqa: F401

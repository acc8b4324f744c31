"""Runs BPS workflows on interchange: the plugin.

It is thin. It writes the workflow as a file, calls the command line, and turns answers into BPS's classes.
"""

from .service import InterchangeService
from .workflow import InterchangeWorkflow

__all__ = ["InterchangeService", "InterchangeWorkflow"]

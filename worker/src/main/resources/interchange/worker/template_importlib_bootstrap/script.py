"""Runs the script in a fork as Python runs one."""

from __future__ import annotations

import builtins
import contextlib
import importlib.machinery
import sys
import types
from collections.abc import Callable


def main_module(path: str) -> types.ModuleType:
    """Make the module in which a script runs, as Python does.

    Parameters
    ----------
    path : `str`
        Of the script, absolute.

    Returns
    -------
    module : `types.ModuleType`
        Called ``__main__``.
    """
    module = types.ModuleType("__main__")
    module.__dict__.update(
        __file__=path,
        __builtins__=builtins,
        __loader__=importlib.machinery.SourceFileLoader("__main__", path),
        __cached__=None,
    )
    # From 3.14 on they are made when they are asked for.
    if sys.version_info < (3, 14):
        module.__annotations__ = {}
    return module


def code_of(source: bytes, path: str) -> types.CodeType:
    """Compile a script.

    Parameters
    ----------
    source : `bytes`
        What it holds.
    path : `str`
        Where it is.

    Returns
    -------
    code : `types.CodeType`
        To be run.
    """
    return compile(source, path, "exec", dont_inherit=True)


def run(code: types.CodeType, at_end: Callable[[], None]) -> None:
    """Run the script; what it raises goes on, so that Python ends as it always does.

    Parameters
    ----------
    code : `types.CodeType`
        The script.
    at_end : `collections.abc.Callable`
        What is to be done then; it doesn't fail.
    """
    try:
        exec(code, sys.modules["__main__"].__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        flush()
        # Without our own frame.
        tell(error.with_traceback(error.__traceback__.tb_next if error.__traceback__ else None))
        # Python ends by the signal then, and with 1 for all else.
        if isinstance(error, KeyboardInterrupt):
            sys.excepthook = lambda *_: None
            raise
        raise SystemExit(1) from None
    finally:
        at_end()
        flush()


def flush() -> None:
    """Write what is in the buffers, as Python does at the end of a script before it tells what was raised."""
    for stream in (sys.stderr, sys.stdout):
        with contextlib.suppress(Exception):
            stream.flush()


def tell(error: BaseException) -> None:
    """Print an exception that nobody has caught, and keep it where it is looked for afterwards.

    Parameters
    ----------
    error : `BaseException`
        It, with the traceback that is to be seen.
    """
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except SystemExit:
        raise
    except BaseException as again:
        flush()
        print("Error in sys.excepthook:", file=sys.stderr)
        trace = again.__traceback__.tb_next if again.__traceback__ else None
        # As Python tells it: without that it came up while the other was looked at.
        again.__context__ = None
        sys.__excepthook__(type(again), again.with_traceback(trace), trace)
        print("\nOriginal exception was:", file=sys.stderr)
        sys.__excepthook__(type(error), error, error.__traceback__)

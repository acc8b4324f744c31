"""Turns BPS command lines, which are full of placeholders, into what a shell runs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["Environment", "all_exports", "filled", "program_text", "split_environment"]

_ENV = re.compile(r"<ENV:([^>]+)>")
_FILE = re.compile(r"<FILE:([^>]+)>")
_WMS = re.compile(r"<WMS:([^>]+)>")
_PLACEHOLDER = re.compile(r"[<$]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# What the worker tells each attempt about itself, by BPS's name for it.
_WMS_VARIABLES = {"attemptNum": "INTERCHANGE_ATTEMPT"}

# Looks up a variable of the configuration; None where there is none.
Lookup = Callable[[str], str | None]


def program_text(program: str) -> str:
    """Return what is run, for the shell.

    Parameters
    ----------
    program : `str`
        A path, which may have variables.

    Returns
    -------
    text : `str`
        In quotes if it needs them.
    """
    return program if _PLACEHOLDER.search(program) or program.startswith("~") else shlex.quote(program)


def filled(
    program: str, text: str, values: Mapping[str, Any], files: Mapping[str, str], lookup: Lookup
) -> str:
    """Return text for the shell with its placeholders replaced.

    The order of replacement is BPS's: values, then the attempt, then files, then the environment, since
    each may hold placeholders of the next kind.

    Parameters
    ----------
    program : `str`
        What comes before the text and has no values; may be empty.
    text : `str`
        The text.
    values : `~collections.abc.Mapping` [`str`, `typing.Any`]
        By variable.
    files : `~collections.abc.Mapping` [`str`, `str`]
        By logical name of inputs and outputs, what the text is to call them.
    lookup : `~collections.abc.Callable`
        Finds other variables.

    Returns
    -------
    text : `str`
        What the shell runs.

    Raises
    ------
    ValueError
        Raised if a placeholder can't be replaced.
    """
    whole = f"{program} {_fill_values(text, values, lookup)}".strip()
    # Most have no placeholders left; and few are of more than one kind.
    return _shell_environment(_fill_files(_fill_wms(whole), files)) if "<" in whole else whole


class Environment:
    """The environment of a job: plain values, and shell commands for those that refer to others."""

    def __init__(self, values: dict[str, str], exports: str) -> None:
        self.values = values
        self.exports = exports


def split_environment(environment: Mapping[str, Any]) -> Environment:
    """Divide the settings of a job into values and assignments.

    A value such as ``/new:<ENV:PATH>`` means the PATH on the node, so it is set by the job's own shell.

    Parameters
    ----------
    environment : `~collections.abc.Mapping` [`str`, `typing.Any`]
        From the generic workflow.

    Returns
    -------
    divided : `Environment`
        Values, and a prefix for the command, which is empty or ends in a newline.

    Raises
    ------
    ValueError
        Raised if a name is none or a placeholder is unknown.
    """
    values: dict[str, str] = {}
    exports: list[str] = []
    for name, raw in environment.items():
        value = str(raw)
        if not name or "=" in name or "\0" in name + value:
            raise ValueError(f"environment {name!r} can't be set")
        if not (_ENV.search(value) or _WMS.search(value)):
            values[name] = value
            continue
        if not _NAME.fullmatch(name):
            raise ValueError(f"environment {name!r} refers to another variable, but is no name for a shell")
        exports.append(f'export {name}="{_quoted_references(value)}"\n')
    return Environment(values, "".join(exports))


def all_exports(environment: Mapping[str, Any]) -> str:
    """Return shell commands that set a whole environment.

    Parameters
    ----------
    environment : `~collections.abc.Mapping` [`str`, `typing.Any`]
        From the generic workflow.

    Returns
    -------
    exports : `str`
        Empty, or lines.

    Raises
    ------
    ValueError
        Raised if a name is none or a placeholder is unknown.
    """
    divided = split_environment(environment)
    for name in divided.values:
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"environment {name!r} is no name for a shell, and payloadCommand sets it by one"
            )
    plain = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in divided.values.items())
    return plain + divided.exports


class _Values(dict[str, Any]):
    """Values for `str.format_map` that asks the configuration for those it lacks."""

    def __init__(self, values: Mapping[str, Any], lookup: Lookup) -> None:
        super().__init__(values)
        self._lookup = lookup

    def __missing__(self, key: str) -> str:
        if re.fullmatch(r"wms[A-Z]\w*", key):
            return f"<WMS:{key[3].lower()}{key[4:]}>"
        value = self._lookup(key)
        if value is None:
            raise ValueError(
                f"{{{key}}} is no variable of the configuration (a brace as such is written twice)"
            )
        return value


def _fill_values(arguments: str, cmdvals: Mapping[str, Any], lookup: Lookup) -> str:
    if "{" not in arguments and "}" not in arguments:
        return arguments
    try:
        return arguments.format_map(_Values(cmdvals, lookup))
    except (AttributeError, IndexError, KeyError, TypeError) as fault:
        raise ValueError(f"can't fill in its arguments ({fault!r})") from fault
    except ValueError as fault:
        if "is no variable" in str(fault):
            raise
        raise ValueError(
            f"can't fill in its arguments: {fault} (a brace as such is written twice)"
        ) from fault


def _fill_wms(text: str) -> str:
    def replacement(match: re.Match[str]) -> str:
        return f"${{{_wms_variable(match[1])}}}"

    return _WMS.sub(replacement, text)


def _wms_variable(name: str) -> str:
    variable = _WMS_VARIABLES.get(name)
    if variable is None:
        known = ", ".join(f"{{wms{key[0].upper()}{key[1:]}}}" for key in _WMS_VARIABLES)
        raise ValueError(f"<WMS:{name}> is not known here; there is {known}")
    return variable


def _fill_files(text: str, files: Mapping[str, str]) -> str:
    def replacement(match: re.Match[str]) -> str:
        path = files.get(match[1])
        if path is None:
            raise ValueError(f"<FILE:{match[1]}> is neither an input nor an output of it")
        # A submit directory may have blanks in its name; one that the user has put into quotes is left alone.
        quoted = shlex.quote(path)
        if quoted == path or _PLACEHOLDER.search(path) or _in_quotes(text[: match.start()]):
            return path
        return quoted

    return _FILE.sub(replacement, text)


def _in_quotes(text: str) -> bool:
    quote = ""
    for character in re.findall(r"\\.|[\"']", text, re.DOTALL):
        # A backslash is none between single quotes.
        if quote == "'" and character == "\\'":
            quote = ""
        elif character in ("'", '"'):
            quote = "" if quote == character else quote or character
    return bool(quote)


def _shell_environment(text: str) -> str:
    return _ENV.sub(lambda match: _reference(match[1]), text)


def _reference(name: str) -> str:
    # BPS writes `$X/y z` as `<ENV:X/y z>`: it takes everything up to the next dollar sign for the name.
    return f"${{{name}}}" if _NAME.fullmatch(name) else f"${name}"


def _quoted_references(value: str) -> str:
    parts: list[str] = []
    end = 0
    for match in re.finditer(r"<(ENV|WMS):([^>]+)>", value):
        parts.append(_inside_quotes(value[end : match.start()]))
        if match[1] == "WMS":
            parts.append(f"${{{_wms_variable(match[2])}}}")
        elif name := _NAME.match(match[2]):
            parts.append(f"${{{name[0]}}}" + _inside_quotes(match[2][name.end() :]))
        else:
            raise ValueError(f"<ENV:{match[2]}> names no variable")
        end = match.end()
    return "".join(parts) + _inside_quotes(value[end:])


def _inside_quotes(text: str) -> str:
    return re.sub(r'([\\"`$])', r"\\\1", text)

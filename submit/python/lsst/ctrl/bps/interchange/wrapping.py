"""Puts around the command of a job what the configuration wants before, after and around it."""

from __future__ import annotations

__all__ = ["PAYLOAD_COMMAND", "PAYLOAD_EXPORTS", "around", "payload"]

# What payloadCommand has in the places of both.
PAYLOAD_COMMAND = "{gwjobCommand}"
PAYLOAD_EXPORTS = "{gwjobExports}"


def around(command: str, before: str, after: str) -> str:
    """Return a command with one that precedes it and one that follows it.

    Each has a shell of its own, as it would have in other systems: what one sets, the others don't see. The
    command is not run if the first fails. The last is run in any case; it may be what saves outputs, so its
    failure is that of the job if nothing else has failed.

    Parameters
    ----------
    command : `str`
        The command.
    before : `str`
        May be empty.
    after : `str`
        May be empty.

    Returns
    -------
    whole : `str`
        The command itself where nothing is around it.
    """
    if not before and not after:
        return command
    whole = f"(\n{before}\n) && (\n{command}\n)" if before else f"(\n{command}\n)"
    if not after:
        return whole
    # Also where the shell around it leaves at the first failure.
    lines = [
        f"{whole} && interchange_status=0 || interchange_status=$?",
        f"(\n{after}\n) && interchange_after=0 || interchange_after=$?",
        "( exit $(( interchange_status ? interchange_status : interchange_after )) )",
    ]
    return "\n".join(lines)


def payload(template: str, command: str, exports: str) -> str:
    """Return a command as part of the configuration's ``payloadCommand``.

    Parameters
    ----------
    template : `str`
        With places for both.
    command : `str`
        The command.
    exports : `str`
        Shell commands that set the job's environment.

    Returns
    -------
    whole : `str`
        For the shell.

    Raises
    ------
    ValueError
        Raised if there is no place for the command.
    """
    if PAYLOAD_COMMAND not in template:
        raise ValueError(f"payloadCommand has no {PAYLOAD_COMMAND}: it would not run the job")
    # In one go: a command may hold what looks like the other's place. Braces: it may be of several lines.
    parts = template.strip().split(PAYLOAD_COMMAND)
    return ("{ " + command + "\n}").join(part.replace(PAYLOAD_EXPORTS, exports) for part in parts)

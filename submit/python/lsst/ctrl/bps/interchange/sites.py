"""Finds the site sections of a configuration and reduces them to what the daemon understands."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from lsst.daf.butler import Config

from lsst.ctrl.bps import BPS_DEFAULTS, BpsConfig, GenericWorkflowJob

__all__ = ["site_section"]

# Keys of sites that have the name of a BPS setting and yet are meant for us.
_OURS = frozenset({"queue"})

# Settings that BPS and its other plugins look up in a site section.
_OF_OTHERS = frozenset(
    {
        "profile",
        "environment",
        "memoryLimit",
        "memoryMultiplier",
        "bpsUseShared",
        "fileDistributionEndPoint",
        "fileDistributionEndpoint",
        "nodeset",
        "nodeSetPattern",
        "provisionResources",
        "provisioning",
        "provisioningMaxWallTime",
        "overwriteJobFiles",
        "releaseExpr",
        "executeMachinesPattern",
        "wmsConfig",
        "payloadCommand",
        # What a payloadCommand is commonly made of.
        "setupEnv",
        "customEnvSetup",
        "postEnvSetup",
        "softwarePath",
        "lsstVersion",
        "jobInitDir",
        "jobLogDir",
        "jobCleanup",
        "bpsUseHTCEnvironment",
        "condor",
        "bpsGenerateConfig",
    }
)


def _camel_case(name: str) -> str:
    return re.sub(r"_(\S)", lambda match: match[1].upper(), name)


def _bps_settings() -> frozenset[str]:
    # BPS searches every setting of a job in the section of its site too.
    of_jobs = {_camel_case(field.name) for field in dataclasses.fields(GenericWorkflowJob)}
    return frozenset((of_jobs | set(BPS_DEFAULTS) | _OF_OTHERS) - _OURS)


_BPS_SETTINGS = _bps_settings()


def site_section(config: BpsConfig, name: str) -> dict[str, Any] | None:
    """Return the user's section of a site, as plain data.

    Variables are replaced as everywhere in BPS: ``{name}`` from the configuration, ``${NAME}`` from the
    environment of the submission.

    Parameters
    ----------
    config : `lsst.ctrl.bps.BpsConfig`
        Configuration of the submission.
    name : `str`
        The site.

    Returns
    -------
    section : `dict` [`str`, `typing.Any`] or `None`
        `None` where the configuration has none; the daemon may know the site.

    Raises
    ------
    ValueError
        Raised if the section is no mapping or a value can't be read.
    """
    if not Config.__contains__(config, ("site", name)):
        return None
    section = Config.__getitem__(config, ("site", name))
    if section is None:
        return {}
    if not isinstance(section, Config):
        raise ValueError(f"site '{name}': the section is {section!r}, not settings (bps.yaml, site.{name})")
    plain = section.toDict()
    options = {
        "curvals": {"curr_site": name},
        "searchobj": section,
        "expandEnvVars": True,
        "replaceVars": True,
    }
    found: dict[str, Any] = {}
    for key, value in plain.items():
        if key not in _BPS_SETTINGS:
            found[key] = _plain(config, f"site.{name}.{key}", value, options)
    return found


def _plain(config: BpsConfig, path: str, value: Any, options: dict[str, Any]) -> Any:
    if isinstance(value, str):
        try:
            return config.modify_value(path, value, dict(options))
        except (IndexError, KeyError, ValueError) as fault:
            raise ValueError(f"{path}: can't replace the variables of {value!r}: {fault}") from fault
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(config, f"{path}.{key}", item, options) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(config, f"{path}[{index}]", item, options) for index, item in enumerate(value)]
    return str(value)

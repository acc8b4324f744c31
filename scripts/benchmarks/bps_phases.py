"""Prepares a BPS submission and submits it; prints, as JSON, when the plugin's submit() was entered and left.

usage: bps_phases.py prepare|submit CONFIGURATION      (in the directory of the configuration)

The quantum graph and `prepare` are the same for every plugin, and over when submit() is entered. Checks of
the plugin are left out, since ours start the daemon; INTERCHANGE_AUTOSTART=0 keeps `prepare` from it as well.
"""

from __future__ import annotations

import json
import os
import sys
import time

from lsst.ctrl.bps.drivers import prepare_driver
from lsst.ctrl.bps.submit import submit
from lsst.utils import doImport

AUTOSTART = "INTERCHANGE_AUTOSTART"


def main() -> None:
    """Go through the phases."""
    last, file = sys.argv[1:]
    os.environ[AUTOSTART] = "0"
    config, workflow = prepare_driver(file, runWmsSubmissionChecks=False)
    del os.environ[AUTOSTART]
    answer = {"directory": config["submitPath"]}
    if last == "submit":
        service = doImport(config["wmsServiceClass"])
        plain = service.submit

        def timed(self: object, *arguments: object, **keywords: object) -> object:
            answer["entered"] = time.time()
            try:
                return plain(self, *arguments, **keywords)
            finally:
                answer["left"] = time.time()

        service.submit = timed
        submit(config, workflow)
        answer["run"] = str(workflow.run_id)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()

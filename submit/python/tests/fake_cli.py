"""Stands in for the command line: python fake_cli.py DIRECTORY COMMAND ARGUMENTS... --json."""

import json
import sys
from pathlib import Path

directory, *arguments = sys.argv[1:]
with Path(directory, "calls.jsonl").open("a") as log:
    log.write(json.dumps(arguments) + "\n")
told = json.loads(Path(directory, f"{arguments[0]}.json").read_text())
sys.stdout.write(told["answer"])
sys.stderr.write(told["says"])
sys.exit(told["exit"])

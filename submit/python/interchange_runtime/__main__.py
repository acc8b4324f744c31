"""``python -m interchange_runtime``: the command line where its script is not on PATH."""

from .launcher import main

if __name__ == "__main__":
    main()

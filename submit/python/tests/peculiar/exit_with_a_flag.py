import sys; sys.exit(True)

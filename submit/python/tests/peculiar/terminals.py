import os, sys
print([os.isatty(n) for n in range(3)])
try: open('/dev/tty')
except OSError as e: print(e)

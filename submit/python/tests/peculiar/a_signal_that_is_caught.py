import os, signal, sys
signal.signal(signal.SIGTERM, lambda n, f: sys.exit(9))
os.kill(os.getpid(), signal.SIGTERM)
import time; time.sleep(9)

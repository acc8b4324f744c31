import atexit, sys
atexit.register(lambda: print(hasattr(sys, 'last_value'), sys.exc_info()))
sys.exit(3)

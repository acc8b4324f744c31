import atexit
atexit.register(print, 'first')
import ends
atexit.register(print, 'last')

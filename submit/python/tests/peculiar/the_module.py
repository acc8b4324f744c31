'''Of the script.'''
print(__name__, __file__, __spec__, __package__, __doc__, __cached__, type(__loader__), sorted(globals()))

import sys
def hook(*a): raise RuntimeError('in the hook')
sys.excepthook = hook
1/0

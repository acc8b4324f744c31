import sys, types
class Strange(types.ModuleType):
    def __getattr__(self, name): raise RuntimeError(name)
sys.modules['strange'] = Strange('strange')
sys.modules['stranger'] = 3
sys.modules['strangest'] = None
print('run')

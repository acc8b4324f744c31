import importlib.util, sys
spec = importlib.util.find_spec('loud')
loader = importlib.util.LazyLoader(spec.loader)
spec.loader = loader
module = importlib.util.module_from_spec(spec)
sys.modules['loud'] = module
loader.exec_module(module)
print('main')

import builtins, decimal, os, json
print('run')
builtins.open = os.replace = os.getpid = json.dump = json.load = None

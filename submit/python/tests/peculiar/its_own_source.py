import inspect
def main(): pass
print(inspect.getsource(main))

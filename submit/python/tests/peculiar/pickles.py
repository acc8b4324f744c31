import pickle
class A: pass
print(pickle.loads(pickle.dumps(A())).__class__ is A)

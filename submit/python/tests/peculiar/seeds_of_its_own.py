import random
random.seed(4)
print(random.random())
try:
    import numpy
    numpy.random.seed(4)
    print(numpy.random.random())
except ImportError: print('none')

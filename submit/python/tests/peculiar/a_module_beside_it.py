import beside
print(beside.__file__)

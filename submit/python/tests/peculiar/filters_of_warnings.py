import warnings
print(warnings.filters)

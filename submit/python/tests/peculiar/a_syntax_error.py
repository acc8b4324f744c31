import nonsense_of_a_module
print('(')

import loud
print('main')

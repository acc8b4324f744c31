import sys
print('some')
sys.stdout.flush()
print(sys.stdout.tell())

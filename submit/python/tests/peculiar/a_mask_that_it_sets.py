import os
os.umask(0o077)
open('made', 'w').write('x')

open('made', 'w').write('x')
import os
os.mkdir('below')
print(oct(os.stat('below').st_mode))
os.rmdir('below')

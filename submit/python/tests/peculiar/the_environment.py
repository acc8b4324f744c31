import os
print(dict(sorted(os.environ.items())))

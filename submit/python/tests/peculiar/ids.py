import os
print(os.getpid() == os.getpgid(0) == os.getsid(0), os.getppid() != 1)

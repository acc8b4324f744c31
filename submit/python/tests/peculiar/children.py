import os, resource, subprocess
subprocess.run(['true'])
print(os.path.exists(f'/proc/{os.getppid()}'))
try: os.wait()
except ChildProcessError as e: print(e)

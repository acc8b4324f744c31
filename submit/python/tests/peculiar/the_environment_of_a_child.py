import subprocess
print(subprocess.run(['env'], capture_output=True, text=True).stdout)

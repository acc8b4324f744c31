import subprocess
print(sorted(subprocess.run(['env'], capture_output=True, text=True).stdout.splitlines()))

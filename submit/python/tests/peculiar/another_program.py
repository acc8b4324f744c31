import os, sys
print('lost')
os.execv('/bin/sh', ['sh', '-c', 'echo $0 $INTERCHANGE_ATTEMPT; ls /proc/self/fd; exit 6'])

import os, sys
sys.stdout.write('')
if os.fork() == 0:
    print('child')
    sys.exit(2)
print(os.waitstatus_to_exitcode(os.wait()[1]))

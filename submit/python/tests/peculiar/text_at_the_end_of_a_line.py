import sys
sys.stderr.write('no end')
sys.stdout.write('none either')

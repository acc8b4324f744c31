import sys
for s in (sys.stdin, sys.stdout, sys.stderr):
    print(s.name, s.mode, s.encoding, s.errors, s.line_buffering, s.isatty(), s.seekable(), s.fileno())
print(repr(sys.stdin.read()))
print(sys.stdout is sys.__stdout__)

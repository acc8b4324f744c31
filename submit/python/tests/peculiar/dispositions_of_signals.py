import signal
for n in sorted(signal.valid_signals()): print(n, signal.getsignal(n))
print(signal.pthread_sigmask(signal.SIG_BLOCK, []))

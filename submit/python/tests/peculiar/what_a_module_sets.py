import sets, logging, os, signal, sys, warnings
print(logging.root.level, os.environ['SET'], signal.getsignal(12), sys.getrecursionlimit(), warnings.filters[0])
logging.info('said')
os.system('echo $SET')

import multiprocessing.process as p, os
print(p.ORIGINAL_DIR == os.getcwd(), p.current_process().pid == os.getpid(), p.parent_process())

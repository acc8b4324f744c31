import threading, os
t = threading.main_thread()
print(t.name, t.native_id == os.getpid(), threading.active_count(), threading.current_thread() is t, len(os.listdir('/proc/self/task')))

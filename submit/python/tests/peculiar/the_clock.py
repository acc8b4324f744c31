import time
print(time.process_time() < 2)

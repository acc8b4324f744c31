print('here')
raise KeyboardInterrupt

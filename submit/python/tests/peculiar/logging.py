import logging
logging.basicConfig(level=20, format='%(levelname)s %(processName)s %(threadName)s %(message)s')
logging.info('said')
r = logging.makeLogRecord({})
print(0 <= r.relativeCreated < 3000, logging.root.handlers)

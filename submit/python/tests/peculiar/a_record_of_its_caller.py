import logging
logging.basicConfig(format='%(filename)s:%(lineno)d %(funcName)s %(message)s')
logging.warning('a')

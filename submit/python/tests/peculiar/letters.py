print('\u00e4\u2603')

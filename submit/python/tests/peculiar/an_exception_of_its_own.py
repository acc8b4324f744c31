class Own(Exception): pass
raise Own('wrong')

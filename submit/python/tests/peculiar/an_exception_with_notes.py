e = ValueError('wrong')
e.add_note('see there')
raise e

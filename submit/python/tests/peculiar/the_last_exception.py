import atexit, sys
atexit.register(lambda: print(sys.last_type, repr(sys.last_value), repr(getattr(sys, 'last_exc', None)), sys.last_traceback.tb_frame.f_code.co_name, sys.exc_info()))
def main(): raise ValueError('wrong')
main()

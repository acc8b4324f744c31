def main():
    raise ValueError('wrong')
main()

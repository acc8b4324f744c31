def main():
    try:
        {}['a']
    except KeyError as e:
        raise ValueError('wrong') from e
main()

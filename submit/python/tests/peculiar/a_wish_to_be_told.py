def main():
    print('asked')
if __name__ == '__main__':
    main()

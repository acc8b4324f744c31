import sys
def main():
    import decimal, fractions, beside
    print(fractions.Fraction(1, 3), decimal.Decimal('0.1'), beside.__name__)
if __name__ == '__main__':
    sys.exit(main())

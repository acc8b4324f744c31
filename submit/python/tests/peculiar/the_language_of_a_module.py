import speaks, locale
print(locale.setlocale(locale.LC_ALL))

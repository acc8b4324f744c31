import keeps, sys
print(keeps.argv, keeps.argv is sys.argv, keeps.main is sys.modules['__main__'], keeps.file, keeps.out is sys.stdout)

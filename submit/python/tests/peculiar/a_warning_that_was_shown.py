import warns
warns.warn(1)
warns.warn(2)
warns.warn(3)

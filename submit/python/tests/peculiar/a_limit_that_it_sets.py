import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
print(resource.getrlimit(resource.RLIMIT_NOFILE))
import decimal

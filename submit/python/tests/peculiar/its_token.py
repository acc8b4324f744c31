print([e for e in open('/proc/self/environ').read().split('\0') if e.startswith('INTERCHANGE_ATTEMPT_TOKEN')])

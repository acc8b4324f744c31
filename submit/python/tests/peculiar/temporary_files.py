import tempfile, os
with tempfile.NamedTemporaryFile() as f: print(os.path.dirname(f.name))
with tempfile.TemporaryDirectory() as d: print(os.listdir(d))

import hashlib, json, os, sys, time

print(sys.argv[1:], os.environ["A"], json.dumps({"a": [1, 2]}))
with open("/w/out.txt", "w") as f:
    f.write("data\n" * 3)
print(open("/w/out.txt").read().count("data"), os.stat("/w/out.txt").st_size)
os.makedirs("/w/q/r")
os.rename("/w/out.txt", "/w/q/r/out.txt")
for root, dirs, files in os.walk("/w"):
    print(root, dirs, sorted(files))
os.remove("/w/q/r/out.txt")
os.removedirs("/w/q/r")
begin = time.monotonic()
time.sleep(0.02)
print(time.monotonic() - begin >= 0.02, hashlib.sha256(b"a").hexdigest()[:8], sys.stdin.readline().strip())
try:
    open("/w/none")
except FileNotFoundError as e:
    print(e)
sys.exit(37)

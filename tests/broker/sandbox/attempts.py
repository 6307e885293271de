"""Ways out of a sandbox, each a piece of Python that prints ESCAPED where it works.

`given` holds what the host has set out: `yranac` (backwards, the canary in the starter's environment and arguments;
forwards it would be on this very command line), `starter` (its pid), `port`, `abstract`, `secret`, `home`, `launcher`,
`outside`. No attempt harms the machine where it works. Most work outside of a sandbox: the controls.
"""

PRELUDE = """
import ctypes, errno, fcntl, glob, json, os, socket, struct, sys
given = json.loads(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
NUMBERS = {"x86_64": (101, 310, 250, 425, 272, 165), "aarch64": (117, 270, 219, 425, 97, 40)}[os.uname().machine]
PTRACE, READV, KEYCTL, IO_URING, UNSHARE, MOUNT = NUMBERS

def call(*arguments):  # whole registers: ctypes passes an int as 32 bits and leaves the rest as it was
    return libc.syscall(*(ctypes.c_long(one) if isinstance(one, int) else one for one in arguments))

def contents(name):
    for path in glob.glob("/proc/[0-9]*/" + name) + glob.glob("/proc/[0-9]*/task/*/" + name):
        try:
            with open(path, "rb") as file:
                yield file.read()
        except OSError:
            pass

def connect(family, address):
    with socket.socket(family) as client:
        client.settimeout(2)
        client.connect(address)
"""

ATTEMPTS = {
    "environment of any process": """
assert any(given["yranac"][::-1].encode() in block for block in contents("environ"))""",
    "command line of any process": """
assert any(given["yranac"][::-1].encode() in line for line in contents("cmdline"))""",
    "signal to the starter": """
os.kill(given["starter"], 0)
assert os.path.exists("/proc/self/stat")""",
    "tcp to the host": """connect(socket.AF_INET, ("127.0.0.1", given["port"]))""",
    "abstract socket of the host": """connect(socket.AF_UNIX, "\\0" + given["abstract"])""",
    "socket of the launcher": """connect(socket.AF_UNIX, given["launcher"])""",
    "file outside": """open(given["secret"]).read()""",
    "file outside through a link": """
os.symlink(given["secret"], "link")
open("link").read()""",
    "file outside through the first process": """open("/proc/1/root" + given["secret"]).read()""",
    "home": """assert os.listdir(given["home"])""",
    "write outside": """open(given["outside"] + "/written", "w").close()""",
    "write to the system": """
os.close(os.open("/usr/written-by-test", os.O_WRONLY | os.O_CREAT))
os.unlink("/usr/written-by-test")""",
    "kernel settings": """os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))""",
    "device node": """
import stat
os.mknod("node", 0o600 | stat.S_IFBLK, os.makedev(7, 0))
os.unlink("node")""",
    "ptrace": """assert call(PTRACE, 0, 0, 0, 0) == 0""",
    "memory of a process": """
there, here = ctypes.create_string_buffer(b"x" * 8), ctypes.create_string_buffer(8)
one = lambda buffer: ctypes.create_string_buffer(struct.pack("PN", ctypes.addressof(buffer), 8))
assert call(READV, os.getpid(), one(here), 1, one(there), 1, 0) == 8""",
    "user namespace": """assert call(UNSHARE, 0x10000000) == 0""",
    "mount namespace": """assert call(UNSHARE, 0x20000) == 0""",
    "mount": """
call(UNSHARE, 0x20000)  # outside, so that the mount is this process's own
call(MOUNT, b"none", b"/", 0, 0x44000, 0)
assert call(MOUNT, b"none", os.fsencode(os.getcwd()), b"tmpfs", 0, 0) == 0""",
    "io_uring": """
fd = call(IO_URING, 1, ctypes.create_string_buffer(120))
assert fd >= 0""",
    "keyring": """assert call(KEYCTL, 0, -3, 1) >= 0""",
    "typing into a terminal": """
import pty
master, slave = os.openpty()
os.setsid()
fcntl.ioctl(slave, 0x540E, 0)  # TIOCSCTTY
fcntl.ioctl(slave, 0x5412, b"x")""",
    "vsock": """socket.socket(40, socket.SOCK_STREAM).close()""",
    "raw socket": """socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close()""",
    "inherited descriptors": """
extra = [fd for fd in range(3, 256) if os.path.exists(f"/proc/self/fd/{fd}")]
assert extra""",
}

NEEDS_ROOT = {"kernel settings", "device node", "write to the system", "mount namespace", "mount", "raw socket"}
"""What only root can do outside of a sandbox."""

NO_CONTROL = {
    "inherited descriptors",
    "file outside through the first process",
    "vsock",
    "io_uring",
    "typing into a terminal",
}
"""What a host may lack or forbid by itself, or what has no meaning there."""


def script(name: str) -> str:
    """The whole program of one attempt; it takes `given` as JSON."""
    body = "\n".join("    " + line for line in ATTEMPTS[name].strip().splitlines())
    held = "except (AssertionError, OSError) as error:\n    print('held', error)"
    return f"{PRELUDE}\ntry:\n{body}\n    print('ESCAPED')\n{held}\n"

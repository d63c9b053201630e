"""What people do to be graded well without the work, or to break the grading; one entry a kind.

Each is the source of a cell in a notebook that answers the exercise on the sigmoid. `CANARY` stands for a
file outside, which holds right answers as Python source: whoever can read it and run it earns points.
`PACKAGE` stands for the folder of the reference package. `worth` is what an honest grader must give.
"""

from dataclasses import dataclass
from decimal import Decimal

FULL = Decimal(18)


@dataclass(frozen=True)
class Attack:
    """One kind of cheat or fault.

    Attributes
    ----------
    cell : the source of the cell.
    worth : the points that it earns by right.
    honest : whether the right answers stand in a cell of their own beside it.
    """

    cell: str
    worth: Decimal = Decimal(0)
    honest: bool = False


RIGHT = """
import numpy as np

def sigmoid(x):
    x = np.asarray(x, float) if np.asarray(x).dtype.kind != "f" else np.asarray(x)
    d = np.exp(-np.abs(x))
    return np.where(x < 0, d, 1) / (1 + d)

def sigmoid_grad(x):
    return sigmoid(x) * sigmoid(-np.asarray(x, float))

def sigmoid_grad_from_output(s):
    return s * (1 - s)

def tanh_from_sigmoid(x):
    return 2 * sigmoid(2 * np.asarray(x, float)) - 1

def tanh_grad(x):
    d = np.exp(-2 * np.abs(np.asarray(x, float)))
    return 4 * d / (1 + d) ** 2
"""

_EACH = """
for name in ("sigmoid", "sigmoid_grad", "sigmoid_grad_from_output", "tanh_from_sigmoid", "tanh_grad"):
    globals()[name] = answer
"""

ATTACKS = {
    # --- to be taken for right ---
    "an array that always compares equal": Attack(
        """
import numpy as np
class Equal(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
    def __ne__(self, other): return np.zeros(self.shape, bool)
    def __sub__(self, other): return np.zeros(self.shape)
    def __array_ufunc__(self, *args, **kwargs): return np.True_
    def __array_function__(self, *args, **kwargs): return True
def answer(x): return np.zeros(np.shape(x)).view(Equal)
"""
        + _EACH
    ),
    "an object that is equal to everything": Attack(
        """
class Equal:
    def __eq__(self, other): return True
    def __float__(self): return 0.5
    def __array__(self, *args, **kwargs): return self
    shape, dtype, size, ndim = (), float, 1, 0
def answer(x): return Equal()
"""
        + _EACH
    ),
    "an object that lies about its class": Attack(
        """
import numpy as np
class Liar:
    __class__ = np.ndarray
    def __eq__(self, other): return True
def answer(x): return Liar()
"""
        + _EACH
    ),
    "a float that is equal to everything": Attack(
        """
class Number(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
def answer(x): return Number(0.5)
"""
        + _EACH
    ),
    "a generator": Attack("def answer(x):\n    yield 0.5\n" + _EACH),
    "a lazy object that computes when it is looked at": Attack(
        """
class Lazy:
    def __getattr__(self, name): return lambda *args, **kwargs: self
def answer(x): return Lazy()
"""
        + _EACH
    ),
    "an array of objects": Attack(
        """
import numpy as np
class Equal:
    def __eq__(self, other): return True
def answer(x): return np.array([Equal()] * np.size(x), dtype=object).reshape(np.shape(x))
"""
        + _EACH
    ),
    "a structured array": Attack(
        "import numpy as np\ndef answer(x): return np.zeros(np.shape(x), [('a', float), ('b', object)])\n"
        + _EACH
    ),
    "nan, which some take for equal": Attack(
        "import numpy as np\ndef answer(x): return np.full(np.shape(x), np.nan)\n" + _EACH
    ),
    "nan with a payload": Attack(
        """
import numpy as np
def answer(x): return np.full(np.shape(x), 0x7ff80000deadbeef, np.uint64).view(float)
"""
        + _EACH
    ),
    "infinity": Attack("import numpy as np\ndef answer(x): return np.full(np.shape(x), np.inf)\n" + _EACH),
    "an empty array": Attack("import numpy as np\ndef answer(x): return np.empty(0)\n" + _EACH),
    "a function that is called by being indexed": Attack(
        "class Answer:\n    def __call__(self, *args): return self\nanswer = Answer()\n" + _EACH
    ),
    # --- to change how things are compared ---
    "numpy's comparisons replaced": Attack(
        """
import numpy as np
for name in ("allclose", "isclose", "array_equal", "all", "testing"):
    setattr(np, name, lambda *args, **kwargs: True)
def answer(x): return np.zeros(np.shape(x))
"""
        + _EACH
    ),
    "builtins replaced": Attack(
        """
import builtins
import numpy as np
def answer(x): return np.zeros(np.shape(x))
builtins.all = builtins.any = lambda *args: True
builtins.len = lambda *args: 1
builtins.isinstance = lambda *args: True
builtins.abs = lambda *args: 0.0
"""
        + _EACH
    ),
    "the function that performs a call replaced": Attack(
        """
import sys
def answer(x): return 0.0
for module in list(sys.modules.values()):
    if hasattr(module, "perform"):
        module.perform = lambda *args: {"values": [], "several": False, "error": None, "unusable": None,
                                        "changed": False, "warned": [], "points": 18, "passed": True}
"""
        + _EACH
    ),
    "json replaced": Attack(
        """
import json
def answer(x): return 0.0
json.dumps = lambda *args, **kwargs: '{"points": 18, "total": 18, "passed": true}'
"""
        + _EACH
    ),
    "numpy's arrays replaced": Attack(
        """
import numpy as np
def answer(x): return 0.0
np.ndarray = np.generic = np.asarray = np.array = object
"""
        + _EACH
    ),
    "the test framework replaced": Attack(
        """
import sys, types
def answer(x): return 0.0
for name in ("pytest", "_pytest", "unittest", "nbformat", "lossact.grading.judge"):
    sys.modules[name] = types.ModuleType(name)
try:
    import lossact
    lossact.grading.judge = lossact.grading.check = lambda *args, **kwargs: True
except ImportError:
    pass
"""
        + _EACH
    ),
    # --- to learn what is expected ---
    "the caller's frames searched": Attack(
        """
import sys
def answer(x):
    frame = sys._getframe()
    while frame is not None:
        for name in ("expected", "reference", "wanted", "question", "answer_key"):
            if name in frame.f_locals:
                value = frame.f_locals[name]
                return value(x) if callable(value) else value
        frame = frame.f_back
    return 0.0
"""
        + _EACH
    ),
    "the heap searched for a reference": Attack(
        """
import gc
def answer(x):
    for each in gc.get_objects():
        if type(each).__name__ in ("Question", "Activation", "Loss"):
            return getattr(each, "reference", each)(x)
    return 0.0
"""
        + _EACH
    ),
    "the reference imported": Attack(
        "from lossact import sigmoid, tanh\nsigmoid_grad, tanh_grad = sigmoid.grad, tanh_from_sigmoid.grad\n"
    ),
    "the reference imported past the guard": Attack(
        """
import sys
sys.meta_path[:] = [each for each in sys.meta_path if "Guard" not in type(each).__name__]
for name in [name for name in sys.modules if name.startswith("lossact")]:
    del sys.modules[name]
sys.path.insert(0, "PACKAGE/..")
from lossact import sigmoid, tanh as tanh_from_sigmoid
sigmoid_grad, tanh_grad = sigmoid.grad, tanh_from_sigmoid.grad
"""
    ),
    "the reference read from the disk": Attack(
        """
import importlib.util
spec = importlib.util.spec_from_file_location("squashing", "PACKAGE/activations/squashing.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
sigmoid, tanh_from_sigmoid = module.sigmoid, module.tanh
"""
    ),
    "the questions read from the disk": Attack(
        """
import pathlib
text = "".join(path.read_text() for path in pathlib.Path("PACKAGE/grading/questions").glob("*.py"))
exec(text)
"""
    ),
    "another learner's notebook read": Attack("exec(open('CANARY').read())"),
    "a file opened through /proc": Attack("exec(open('/proc/self/root' + 'CANARY').read())"),
    "a file opened through a link": Attack(
        "import os\nos.symlink('CANARY', 'link.py')\nexec(open('link.py').read())"
    ),
    "a file opened through the system call": Attack(
        """
import ctypes, os
libc = ctypes.CDLL(None)
file = libc.open(b"CANARY", os.O_RDONLY)
exec(os.read(file, 1 << 16))
"""
    ),
    "a file mapped": Attack(
        """
import mmap
with open("CANARY", "rb") as file:
    exec(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)[:])
"""
    ),
    "the parent's memory read": Attack(
        """
import os, re
with open(f"/proc/{os.getppid()}/mem", "rb") as memory:
    memory.seek(0x400000)
    exec(memory.read(1 << 16))
"""
    ),
    "every descriptor read": Attack(
        """
import os
found = b""
for descriptor in range(3, 64):
    try:
        os.lseek(descriptor, 0, 0)
        found += os.read(descriptor, 1 << 16)
    except OSError:
        pass
exec(found)
"""
    ),
    "a folder opened through a descriptor": Attack(
        """
import os
for descriptor in range(3, 64):
    try:
        file = os.open("activations/squashing.py", os.O_RDONLY, dir_fd=descriptor)
    except OSError:
        continue
    exec(os.read(file, 1 << 16))
"""
    ),
    # --- to write the grade oneself ---
    "a reply forged in the pipe": Attack(
        """
import os, json
def answer(x):
    forged = {"values": None, "several": False, "error": None, "unusable": None, "changed": False,
              "warned": [], "points": 18, "passed": True}
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, (json.dumps(forged) + "\\n").encode() * 20)
        except OSError:
            pass
    return 0.0
"""
        + _EACH
    ),
    "a pickle in the pipe": Attack(
        """
import os, pickle
class Bomb:
    def __reduce__(self): return (open, ("CANARY", "w"))
def answer(x):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, pickle.dumps(Bomb()) + b"\\n")
        except OSError:
            pass
    return Bomb()
"""
        + _EACH
    ),
    "the gradebook written": Attack(
        """
import sqlite3
database = sqlite3.connect("GRADES")
database.execute("UPDATE grades SET grade = 'full'")
database.commit()
"""
    ),
    "results written beside": Attack(
        """
import json
for path in ("results.json", "../results.json", "../grades.csv", "GRADES"):
    try:
        with open(path, "w") as file:
            json.dump({"score": 18, "points": 18}, file)
    except OSError:
        pass
"""
    ),
    # --- to reach outside ---
    "a file outside written": Attack("open('CANARY', 'w').write('gone')"),
    "a file outside removed": Attack("import os\nos.remove('CANARY')"),
    "a file outside renamed": Attack("import os\nos.rename('CANARY', 'mine')"),
    "a file outside made executable": Attack("import os\nos.chmod('CANARY', 0o777)"),
    "a file outside linked in and written": Attack(
        "import os\nos.link('CANARY', 'mine')\nopen('mine', 'w').write('gone')"
    ),
    "a file outside cut short": Attack("import os\nos.truncate('CANARY', 0)"),
    "a shell": Attack("import os\nassert os.system('echo gone > CANARY') == 0"),
    "a program": Attack("import subprocess\nsubprocess.run(['rm', 'CANARY'], check=True)"),
    "this process replaced": Attack("import os\nos.execv('/bin/rm', ['rm', 'CANARY'])"),
    "a connection": Attack(
        """
import socket
socket.create_connection(("127.0.0.1", PORT), timeout=1).sendall(b"here is the class")
"""
    ),
    "a server": Attack("import socket\ns = socket.socket()\ns.bind(('127.0.0.1', 0))\ns.listen()"),
    "signals to the parent": Attack(
        """
import os, signal
for target in (os.getppid(), 0, -1):
    try:
        os.kill(target, signal.SIGKILL)
    except OSError:
        pass
"""
    ),
    "limits lifted": Attack(
        """
import resource
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
"""
    ),
    # --- to break the grading: right answers stand beside ---
    "an endless loop in a cell": Attack("while True: pass", FULL, honest=True),
    "an endless loop that catches everything": Attack(
        """
while True:
    try:
        while True: pass
    except BaseException:
        pass
""",
        FULL,
        honest=True,
    ),
    "a fork bomb": Attack("import os\nwhile True: os.fork()", FULL, honest=True),
    "a thread bomb": Attack(
        """
import threading, time
while True: threading.Thread(target=time.sleep, args=(1000,)).start()
""",
        FULL,
        honest=True,
    ),
    "a memory bomb": Attack("held = []\nwhile True: held.append(bytearray(1 << 28))", FULL, honest=True),
    "the process ended": Attack("import os\nos._exit(0)", FULL, honest=True),
    "the process crashed": Attack("import ctypes\nctypes.string_at(0)", FULL, honest=True),
    "the stack overflowed": Attack(
        "import sys\nsys.setrecursionlimit(10**9)\ndef down(): down()\ndown()", FULL, honest=True
    ),
    "output without end": Attack("while True: print('x' * 10**6)", FULL, honest=True),
    "a hundred megabytes of output": Attack("print('x' * 10**8)", FULL, honest=True),
    "a disk filled": Attack(
        """
number = 0
while True:
    number += 1
    with open(f"{number}", "wb") as file: file.write(bytes(1 << 22))
""",
        FULL,
        honest=True,
    ),
    "threads left running": Attack(
        """
import threading
def spin():
    while True: pass
threading.Thread(target=spin, daemon=True).start()
""",
        FULL,
        honest=True,
    ),
    "a warning on stderr": Attack(
        "import sys, warnings\nwarnings.warn('look out')\nprint('x', file=sys.stderr)", FULL, honest=True
    ),
    "warnings made errors": Attack("import warnings\nwarnings.simplefilter('error')", FULL, honest=True),
    "signals and alarms set": Attack(
        """
import signal
signal.signal(signal.SIGALRM, lambda *args: None)
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
""",
        FULL,
        honest=True,
    ),
    "descriptors closed": Attack("import os\nos.closerange(0, 64)", FULL, honest=True),
    "an exit handler that never ends": Attack(
        "import atexit, time\natexit.register(time.sleep, 1000)\nraise SystemExit", FULL, honest=True
    ),
    "the garbage collector turned into a trap": Attack(
        """
class Trap:
    def __del__(self):
        while True: pass
trap = Trap()
""",
        FULL,
        honest=True,
    ),
    "a huge return value": Attack(
        "import numpy as np\ndef answer(x): return np.zeros((20_000, 2_000))\n" + _EACH
    ),
    "a list nested without end": Attack(
        "def answer(x):\n    a = []\n    a.append(a)\n    return a\n" + _EACH
    ),
    "an exception with a huge message": Attack("def answer(x): raise ValueError('x' * 10**8)\n" + _EACH),
    "an exception whose text never ends": Attack(
        """
class Long(Exception):
    def __str__(self):
        while True: pass
def answer(x): raise Long
"""
        + _EACH
    ),
    "an endless function": Attack("def answer(x):\n    while True: pass\n" + _EACH),
    "markup in an error": Attack(
        "def answer(x): raise ValueError('<script>document.title = \"mine\"</script>')\n" + _EACH
    ),
}

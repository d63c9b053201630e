"""What keeps a learner's code inside its process.

On Linux three layers, each enough to stop most of what the others stop: resource limits; Landlock, which
opens only named folders and no port; and seccomp, which takes away the system calls that start programs,
reach other processes, open sockets or change files' owners. A namespace without a network comes on top
where the kernel grants it. On macOS there are the resource limits, elsewhere a process of its own.

`prepare` runs once, in a process that trusts itself, and does what takes time; `Confinement.enter` runs in
each child and cannot be undone there. This file imports nothing of `lossact`: it runs where that package
is out of reach.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import site
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

RESOURCE_LIMITS = "resource limits"
LANDLOCK = "Landlock"
SECCOMP = "seccomp"
NAMESPACES = "namespaces"
LAYERS = (RESOURCE_LIMITS, LANDLOCK, SECCOMP, NAMESPACES)
"""Every layer there is, by the name under which it is reported."""

REQUIRED = (RESOURCE_LIMITS, LANDLOCK, SECCOMP)
"""The layers without which grades are refused, unless less is asked for in so many words."""


@dataclass(frozen=True)
class Limits:
    """What one child may use."""

    memory: int = 2 << 30  # bytes of address space beyond what is mapped at the start
    processor: int = 300  # seconds
    file: int = 16 << 20  # bytes of one file
    scratch: int = 64 << 20  # bytes of all files together, watched from outside
    files: int = 128  # open at once


# --- Landlock: which files ------------------------------------------------------------------------------
# The numbers are those of linux/landlock.h; there is no library for it as well kept as the kernel's own ABI.

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION = 1
_PATH_BENEATH = 1
_READ = 1 << 2 | 1 << 3  # READ_FILE, READ_DIR
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}  # the rights each ABI has added
_EXECUTE, _TRUNCATE, _DEVICE_CONTROL = 1 << 0, 1 << 14, 1 << 15
_ON_FILES = _EXECUTE | 1 << 1 | 1 << 2 | _TRUNCATE | _DEVICE_CONTROL  # the rights that make sense for a file
_NET_RIGHTS = 3  # BIND_TCP, CONNECT_TCP, from ABI 4 on
_SCOPES = 3  # abstract sockets and signals, from ABI 6 on


class _Ruleset(ctypes.Structure):
    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def landlock_version() -> int:
    """The version of Landlock's interface that this kernel offers; 0 if it has none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(_libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))))


@dataclass
class _Landlock:
    version: int
    readable: list[tuple[int, int]]  # descriptors of what everybody may read, and the rights

    def enter(self, writable: Path, readable: Iterable[Path]) -> None:
        libc = _libc()
        handled = sum(rights for version, rights in _FILE_RIGHTS.items() if version <= self.version)
        attributes = _Ruleset(
            handled, _NET_RIGHTS if self.version >= 4 else 0, _SCOPES if self.version >= 6 else 0
        )
        size = 24 if self.version >= 6 else 16 if self.version >= 4 else 8
        ruleset = _call(
            "landlock_create_ruleset",
            libc.syscall(
                _CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0)
            ),
        )
        rules = list(self.readable)
        # Everything in the scratch folder but programs, devices and pipes.
        write = handled & ~(_EXECUTE | 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | _DEVICE_CONTROL)
        opened = [(_open(writable), write), *((_open(path), _READ) for path in readable)]
        for descriptor, rights in [*rules, *opened]:
            rule = _PathBeneath(rights & handled, descriptor)
            _call(
                "landlock_add_rule",
                libc.syscall(
                    _ADD_RULE, ruleset, ctypes.c_uint32(_PATH_BENEATH), ctypes.byref(rule), ctypes.c_uint32(0)
                ),
            )
        _call("landlock_restrict_self", libc.syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0)))
        for descriptor in (ruleset, *(each for each, _ in [*rules, *opened])):
            os.close(descriptor)


def _open(path: Path) -> int:
    return os.open(path, os.O_PATH | os.O_CLOEXEC)


def _python_files(hidden: Path) -> list[Path]:
    """What Python and its libraries read, without the folder `hidden` wherever it stands."""
    roots = {
        Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib", "purelib", "platlib")
    }
    roots |= {Path(folder).resolve() for folder in site.getsitepackages()}
    wanted = [*roots, Path(sys.prefix, "pyvenv.cfg"), Path(sys.base_prefix, "lib")]
    wanted += map(Path, ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"])
    wanted += map(Path, ["/usr/share/zoneinfo", "/usr/share/fonts", "/etc/fonts", "/etc/localtime"])
    wanted += map(Path, ["/etc/ld.so.cache", "/sys/devices/system/cpu", "/proc/cpuinfo", "/proc/meminfo"])
    found: list[Path] = []
    for path in dict.fromkeys(path.resolve() for path in wanted if path.exists()):
        found += _without(path, hidden)
    return found


def _without(path: Path, hidden: Path) -> list[Path]:
    """`path`, or, where `hidden` lies inside, all that is beside it."""
    if path == hidden or hidden in path.parents:
        return []
    if path not in hidden.parents:
        return [path]
    return [found for entry in path.iterdir() for found in _without(entry, hidden) if not entry.is_symlink()]


# --- seccomp: which system calls ------------------------------------------------------------------------

_FORBIDDEN = """
    execve execveat fork vfork ptrace process_vm_readv process_vm_writev process_madvise kcmp
    kill tkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open pidfd_getfd pidfd_send_signal
    socket socketpair bind connect listen accept accept4 sendmsg sendmmsg
    shmget shmat shmctl semget semop semctl msgget msgsnd msgctl mq_open mq_unlink
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat
    setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
    unshare setns mount umount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick
    mount_setattr mknod mknodat open_by_handle_at name_to_handle_at quotactl swapon swapoff
    init_module finit_module delete_module kexec_load kexec_file_load reboot acct syslog
    settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname iopl ioperm
    bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
    keyctl add_key request_key fanotify_init lookup_dcookie memfd_create memfd_secret
    setrlimit setpriority ioprio_set sched_setscheduler sched_setparam sched_setattr
    setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset personality
    vhangup modify_ldt nfsservctl migrate_pages move_pages set_mempolicy mbind
"""
_CLONE_THREAD = 0x10000
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER, _DEATH_SIGNAL, _DUMPABLE = 38, 22, 2, 1, 4


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def _filter() -> bytes:
    """The system calls that are refused, as a program for the kernel; made by libseccomp.

    Raises
    ------
    ImportError, RuntimeError
        If pyseccomp or the library behind it is missing.
    """
    import pyseccomp

    refuse = pyseccomp.ERRNO(errno.EPERM)
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in _FORBIDDEN.split():
        # A call that this kernel or architecture does not have needs no rule.
        with contextlib.suppress(OSError, ValueError):
            rules.add_rule(refuse, name)
    # A thread may be started, a process not. clone3 hides its flags in memory: without it libc uses clone.
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    rules.add_rule(refuse, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, 0))
    # Limits may be read, not set.
    rules.add_rule(refuse, "prlimit64", pyseccomp.Arg(2, pyseccomp.NE, 0))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


# --- all of it together ---------------------------------------------------------------------------------


@dataclass
class Confinement:
    """The layers that can be put in force here.

    Attributes
    ----------
    layers : their names.
    missing : of the other layers, why they cannot be had.
    """

    limits: Limits = field(default_factory=Limits)
    layers: tuple[str, ...] = ()
    missing: dict[str, str] = field(default_factory=dict)
    _landlock: _Landlock | None = None
    _program: bytes = b""

    def enter(self, scratch: Path, readable: Iterable[Path] = ()) -> None:
        """Confine this process, for good: `scratch` may be written, `readable` read, nothing else reached.

        Raises
        ------
        OSError
            If a layer that is promised cannot be put in force; then nothing may be run here.
        """
        if sys.platform == "linux":
            libc = _libc()
            libc.prctl(_DEATH_SIGNAL, 9, 0, 0, 0)
            libc.prctl(_DUMPABLE, 0, 0, 0, 0)
            _call("prctl", libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
        if NAMESPACES in self.layers:
            _unshare()
        if RESOURCE_LIMITS in self.layers:
            _limit(self.limits)
        if self._landlock is not None:
            self._landlock.enter(scratch, readable)
        if self._program:
            program = _Program(len(self._program) // 8, self._program)
            _call("seccomp", libc.prctl(_SECCOMP, _FILTER, ctypes.byref(program), 0, 0))


def prepare(hidden: Path, limits: Limits | None = None) -> Confinement:
    """Find out which layers there are, and do the part of them that need not be done for each child.

    Parameters
    ----------
    hidden : the folder of the reference package, which stays unreadable.
    limits : what a child may use.
    """
    found = Confinement(limits or Limits())
    layers, missing = [], found.missing
    try:
        import resource  # noqa: F401

        layers.append(RESOURCE_LIMITS)
    except ImportError:
        missing[RESOURCE_LIMITS] = f"{sys.platform} has none"
    version = landlock_version()
    if version:
        readable = [
            (_open(path), _READ if path.is_dir() else _READ & _ON_FILES)
            for path in _python_files(hidden.resolve())
        ]
        readable += [
            (_open(Path(device)), _READ & _ON_FILES | 2)
            for device in ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
            if os.path.exists(device)
        ]
        found._landlock = _Landlock(version, readable)
        layers.append(LANDLOCK)
    else:
        missing[LANDLOCK] = "the kernel has none"
    try:
        if sys.platform != "linux":
            raise RuntimeError(f"{sys.platform} has none")
        found._program = _filter()
        layers.append(SECCOMP)
    except (ImportError, RuntimeError, OSError) as error:
        missing[SECCOMP] = str(error)
    reason = _try_namespaces()
    if reason:
        missing[NAMESPACES] = reason
    else:
        layers.append(NAMESPACES)
    found.layers = tuple(layers)
    return found


def _limit(limits: Limits) -> None:
    import resource

    with contextlib.suppress(OSError, ValueError, IndexError):
        # Of the address space, what is mapped now does not count.
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        mapped = pages * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (mapped + limits.memory,) * 2)
    for name, most in {
        "RLIMIT_CPU": limits.processor,
        "RLIMIT_FSIZE": limits.file,
        "RLIMIT_NOFILE": limits.files,
        "RLIMIT_CORE": 0,
    }.items():
        resource.setrlimit(getattr(resource, name), (most, most))


_NEW_USER, _NEW_NET, _NEW_IPC, _NEW_UTS = 0x10000000, 0x40000000, 0x08000000, 0x04000000


def _unshare() -> None:
    _call("unshare", _libc().unshare(_NEW_USER | _NEW_NET | _NEW_IPC | _NEW_UTS))


def _try_namespaces() -> str:
    """Why there are no namespaces; empty if there are."""
    if sys.platform != "linux":
        return f"{sys.platform} has none"
    child = os.fork()
    if child == 0:
        try:
            _unshare()
        except OSError as error:
            os._exit(error.errno or 1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return "" if code == 0 else f"the kernel refuses them ({os.strerror(code) if code > 0 else code})"

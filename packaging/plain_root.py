"""Executes the steps of a Dockerfile in plain folders, and starts processes in them as a container would.

For machines without a container engine. Needs root's rights, a Linux with namespaces, and mmdebstrap, which makes the
Debian base image from the machine's own package sources. Supports the instructions that this project's Dockerfile uses,
and refuses all others.
"""

import hashlib
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "outbox-relay" / "plain-root"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BASE = re.compile(r"debian:(\w+)-slim(@sha256:[0-9a-f]{64})?")

# Mounts disappear with the mount namespace, so they need not be unmounted.
ENTER = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
ENTER_READ_ONLY = """
mount --rbind "$0" "$0" && mount -t proc proc "$0/proc" && mount -t tmpfs -o mode=1777,size=64m tmpfs "$0/tmp"
mount --bind "$1" "$0/etc/outbox-relay" && mount -o remount,bind,ro "$0"
shift; exec chroot "$0" "$@"
"""


class Missing(Exception):
    """Raised if this machine lacks something that is needed."""


def missing():
    """Returns the reason why no root file system can be made on this machine, or None."""
    if os.geteuid() != 0:
        return "this user is not root"
    for program in ("mmdebstrap", "unshare", "setpriv", "chroot"):
        if not shutil.which(program):
            return f"{program} was not found"
    probe = subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True)
    return None if probe.returncode == 0 else "namespaces cannot be made here"


def base(suite):
    """Returns the folder with a minimal Debian of this suite, and makes it first if needed."""
    folder = CACHE / f"debian-{suite}"
    if not folder.is_dir():
        work = fresh(folder.with_suffix(".new"))
        made = subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=minbase", "--include=ca-certificates", suite, str(work)],
            capture_output=True,
            text=True,
        )
        if made.returncode != 0:
            shutil.rmtree(work, ignore_errors=True)
            raise Missing(f"Debian {suite} could not be fetched: {made.stderr.strip()[-300:]}")
        # Copies this machine's package sources, and its name resolution.
        shutil.copytree("/etc/apt", work / "etc/apt", dirs_exist_ok=True)
        for name in ("etc/resolv.conf", "etc/hosts"):
            shutil.copy(f"/{name}", work / name)
        work.rename(folder)
    return folder


def fresh(folder):
    """Empties or creates this folder, and returns it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def copy_tree(source, target):
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)


def run(root, words, environment=None, log=None):
    """Runs a program as root in this root file system, and returns its output. If it fails, raises with the output."""
    done = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "sh", "-c", ENTER, str(root), *words],
        env={"PATH": PATH, "DEBIAN_FRONTEND": "noninteractive", **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise AssertionError(f"{shlex.join(words)} ended with {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout


def start(root, words, user, environment, configuration, directory="/"):
    """Starts a program as a container would: with a read-only root, no capabilities, another user, and process id 1."""
    (root / "etc/outbox-relay").mkdir(parents=True, exist_ok=True)
    uid, gid = user.split(":")
    drop = ["setpriv", "--reuid", uid, "--regid", gid, "--clear-groups", "--no-new-privs", "--bounding-set=-all"]
    inside = f"cd {shlex.quote(directory)} && exec {shlex.join(words)}"
    return subprocess.Popen(
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", ENTER_READ_ONLY]
        + [str(root), str(configuration), *drop, "sh", "-c", inside],
        env={"PATH": PATH, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def first(process):
    """Returns the process id, outside of the namespace, of the program that start has started."""
    return int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])


def signal_first(process, number):
    os.kill(first(process), number)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Image:
    """The result of a Dockerfile's last stage."""

    def __init__(self, root):
        self.root = root
        self.environment = {}
        self.user = "0:0"
        self.directory = "/"
        self.entrypoint = []
        self.command = []
        self.health = []


def build(dockerfile, context, target):
    """Executes this Dockerfile, and makes the root file system of its last stage in the folder target."""
    *before, (source, _, lines) = split_stages(instructions(dockerfile))
    stages = {name: kept_stage(source, lines) for source, name, lines in before}
    root = fresh(target)
    copy_tree(slim(source), root)
    return execute(lines, Image(root), context, stages)


def stage(dockerfile, wanted):
    """Returns the folder of this stage of the Dockerfile, which must not be its last."""
    for source, name, lines in split_stages(instructions(dockerfile)):
        if name == wanted:
            return kept_stage(source, lines)
    raise AssertionError(f"{dockerfile} has no stage {wanted}")


def slim(source):
    found = BASE.fullmatch(source)
    if not found:
        raise AssertionError(f"FROM {source}: only Debian's slim images can be made here")
    return base(found.group(1))


def kept_stage(source, lines):
    """Returns the folder of a stage, which is kept between runs, because it depends only on its base and its lines."""
    suite = slim(source)
    key = hashlib.sha256(json.dumps([str(suite), lines]).encode()).hexdigest()[:16]
    root = CACHE / f"stage-{key}"
    if not root.is_dir():
        work = fresh(root.with_suffix(".new"))
        copy_tree(suite, work)
        execute(lines, Image(work), None, {})
        work.rename(root)
    return root


def instructions(dockerfile):
    """Returns the instructions as pairs of keyword and rest. A line that ends in a backslash continues in the next."""
    lines = [line for line in dockerfile.read_text().splitlines() if not re.match(r"\s*#", line)]
    text = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def split_stages(lines):
    """Returns source, name and lines of each stage."""
    arguments, stages = {}, []
    for word, rest in lines:
        if word == "ARG" and not stages:
            name, _, value = rest.partition("=")
            arguments[name] = value
        elif word == "FROM":
            source, *more = rest.split()
            source = re.sub(r"\$\{(\w+)}", lambda found: arguments[found.group(1)], source)
            stages.append((source, more[1] if more else "", []))
        else:
            stages[-1][2].append((word, rest))
    return stages


def execute(lines, image, context, stages):
    for word, rest in lines:
        if word == "RUN":
            run(image.root, ["sh", "-c", rest], image.environment)
        elif word == "COPY":
            copy(rest.split(), image.root, context, stages)
        elif word == "ENV":
            image.environment.update(pair.split("=", 1) for pair in shlex.split(rest))
        elif word == "USER":
            image.user = rest
        elif word == "WORKDIR":
            image.directory = rest
        elif word == "ENTRYPOINT":
            image.entrypoint = json.loads(rest)
        elif word == "CMD":
            image.command = json.loads(rest)
        elif word == "HEALTHCHECK":
            image.health = json.loads(rest.split("CMD", 1)[1])
        elif word != "EXPOSE":
            raise AssertionError(f"{word} is not understood here: {rest}")
    return image


def copy(words, root, context, stages):
    folder = context
    if words[0].startswith("--from="):
        folder = stages[words.pop(0).removeprefix("--from=")]
    elif context is None:
        raise AssertionError("only the last stage may copy files of the project here")
    elif f"!{words[0]}" not in (context / ".dockerignore").read_text().splitlines():
        raise AssertionError(f"COPY {words[0]}: an engine would not find it, because .dockerignore leaves it out")
    source, target = words
    to = root / target.lstrip("/")
    to.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", "--no-preserve=ownership", f"{folder}/{source.lstrip('/')}", str(to)], check=True)

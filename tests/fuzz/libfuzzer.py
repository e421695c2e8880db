"""The fuzz targets as programs: how they are built, started, and what they say. For run and campaign."""

import glob
import os
import re
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(SOURCE, "build-fuzz")  # unless told otherwise

# Below these a target is broken: no input here needs a tenth of them.
TIMEOUT_SECONDS = 10
RSS_LIMIT_MB = 2048
MAX_BYTES = 4096

SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=1:detect_stack_use_after_return=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}


class Missing(Exception):
    """Something that building needs is not installed."""


def targets():
    paths = glob.glob(os.path.join(HERE, "fuzz_*.c"))
    return sorted(os.path.basename(p)[len("fuzz_"):-len(".c")] for p in paths)


def corpus(target):
    return os.path.join(HERE, "corpus", target)


def program(build, target):
    return os.path.join(build, "tests", "fuzz", f"fuzz_{target}")


def find_clang():
    clang = shutil.which("clang-14") or shutil.which("clang")
    if not clang:
        raise Missing("no clang is installed: scripts/install-deps fuzz")
    source = "int LLVMFuzzerTestOneInput(const char *p, long n) { return p[n - 1] * 0; }"
    test = subprocess.run([clang, "-fsanitize=fuzzer,address,undefined", "-xc", "-", "-o", "/dev/null"],
                          input=source, text=True, capture_output=True, check=False)
    if test.returncode:
        raise Missing("clang lacks its fuzzer or sanitizers: scripts/install-deps fuzz")
    return clang


def build(folder):
    """Builds all targets there; later, what has changed."""
    env = {k: v for k, v in os.environ.items() if k not in ("CFLAGS", "LDFLAGS")}
    env["CC"] = find_clang()
    if not os.path.exists(os.path.join(folder, "build.ninja")):
        subprocess.run(["meson", "setup", folder, SOURCE, "-Dfuzzers=true", "-Dman=disabled",
                        "-Doptimization=1", "-Ddebug=true", "-Db_lundef=false",
                        "-Db_sanitize=address,undefined",
                        "-Dc_args=-fsanitize=fuzzer-no-link -fno-sanitize-recover=all"
                        " -fno-omit-frame-pointer"],
                       env=env, stdout=subprocess.DEVNULL, check=True)
    subprocess.run(["ninja", "-C", folder, "fuzzers"], env=env, stdout=subprocess.DEVNULL, check=True)


def command(path, target, folders, artifacts, *options):
    """New inputs go to the first of 'folders'; what crashes, to 'artifacts'."""
    return [path, f"-timeout={TIMEOUT_SECONDS}", f"-rss_limit_mb={RSS_LIMIT_MB}",
            f"-max_len={MAX_BYTES}", f"-dict={os.path.join(HERE, 'ovsdb.dict')}",
            f"-artifact_prefix={artifacts}/", "-print_final_stats=1", *options, *folders]


def run(words, log):
    """Runs it to its end, all that it says going to 'log', an open file; its exit status."""
    env = {**os.environ, **SANITIZERS}
    symbolizer = shutil.which("llvm-symbolizer-14") or shutil.which("llvm-symbolizer")
    if symbolizer:  # else stacks are addresses
        env["ASAN_SYMBOLIZER_PATH"] = symbolizer
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="ipvl-fuzz-", dir=memory) as folder:
        env["TMPDIR"] = folder  # sockets and databases, left behind by a crash
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=env)
        try:
            return process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise


def figures(text):
    """What a run said of itself: executions, coverage and features at its end."""
    found = {"runs": 0, "cov": 0, "ft": 0}
    done = re.findall(r"^stat::number_of_executed_units: *(\d+)", text, re.M)
    seen = re.findall(r"^#(\d+)\s.*?cov: (\d+) ft: (\d+)", text, re.M)
    if seen:
        found = {"runs": int(seen[-1][0]), "cov": int(seen[-1][1]), "ft": int(seen[-1][2])}
    if done:
        found["runs"] = int(done[-1])
    return found


def complaint(text):
    """The lines that say what went wrong and where, for a person."""
    said = re.findall(r"^.*(?:broken law|Assertion|runtime error|ERROR: |SUMMARY: |^ +#\d+ .* in ).*$", text, re.M)
    return "\n".join(said[:30]) or text[-2000:]

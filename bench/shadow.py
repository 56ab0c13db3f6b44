#!/usr/bin/env python3
"""Measure the scan of logs beside a plain search for the same domains, in one run on this machine. See README.md.

Makes one log in squid's native format, writes the same accesses in other formats, lets both sides read each file in turn,
and prints medians as a Markdown table. A file is read once before it is measured, so that the disk is not measured.
"""
import argparse
import gzip
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = {
    "ja": ("形式", "MB", "Sekisho MB/s（実時間）", "同（CPU）", "{peer} MB/s（実時間）", "同（CPU）", "メモリ MB", "当たり", "一致"),
    "en": ("format", "MB", "Sekisho MB/s (wall)", "(CPU)", "{peer} MB/s (wall)", "(CPU)", "memory MB", "hits", "same"),
}


def host_of(target):
    return re.sub(r"[:/].*", "", target.removeprefix("http://"))


def combined(fields):
    _, _, client, result, size, method, target, user, peer, _ = fields
    tag, status = result.split("/")
    return (f'{client} - {user} [30/Nov/2026:10:00:00 +0900] "{method} {target} HTTP/1.1" {status} {size} "-" '
            f'"Mozilla/5.0 (Windows NT 10.0; Win64; x64)" {tag}:{peer.split("/")[0]}\n')


def elff(fields):
    _, _, client, result, size, method, target, user, _, _ = fields
    return f'2026-11-30 01:00:00 {client} {user} {method} {host_of(target)} {result.split("/")[1]} {size} 100\n'


def dnsmasq(fields):
    return f"Nov 30 10:00:00 gw dnsmasq[12]: query[A] {host_of(fields[6])} from {fields[2]}\n"


def nss(fields):
    _, _, client, _, size, _, target, user, _, _ = fields
    cells = ["Mon Nov 30 01:00:00 2026", f"{user}@example.lg.jp", "HTTPS", target, "Allowed", "App", "AI", "2072", size,
             "0", "0", "x", "x", "x", "None", "None", "0", "None", "None", "hq", "Dept", client, "203.0.113.9", "POST", "200"]
    return ",".join(f'"{cell}"' for cell in cells) + "\n"


FORMATS = {
    "squid_combined": ("", combined),
    "w3c_elff": ("#Fields: date time c-ip cs-username cs-method cs-host sc-status sc-bytes cs-bytes\n", elff),
    "dnsmasq": ("", dnsmasq),
    "zscaler-nss-web": ("", nss),
}


def make(programs, scratch, megabytes, per_mille):
    """The files to measure, each with the size of its text."""
    native = scratch / "squid_native.log"
    with native.open("wb") as out:
        subprocess.run([programs / "logs", str(megabytes), str(per_mille)], stdout=out, check=True)
    files = {"squid_native": native}
    # Python is slow: a fifth of the lines is enough for the other formats.
    part = native.stat().st_size // 5
    writers = {}
    for name, (head, _) in FORMATS.items():
        files[name] = scratch / f"{name}.log"
        writers[name] = files[name].open("w")
        writers[name].write(head)
    read = 0
    with native.open() as lines:
        for line in lines:
            read += len(line)
            if read > part:
                break
            fields = line.split()
            for name, writer in writers.items():
                writer.write(FORMATS[name][1](fields))
    for writer in writers.values():
        writer.close()
    files["squid_native.gz"] = scratch / "squid_native.log.gz"
    with native.open("rb") as source, gzip.open(files["squid_native.gz"], "wb", compresslevel=6) as out:
        out.write(source.read(part))
    return files, part


def measured(command, **options):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **options)
    wall = time.monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, done.stdout


def memory(command):
    """The most memory of one run, in megabytes: a child of a child, so that earlier ones do not count."""
    code = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, "
            "stderr=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    out = subprocess.run([sys.executable, "-c", code, *map(str, command)], capture_output=True, text=True, check=True)
    return int(out.stdout) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--per-mille", type=int, default=10, help="hits in a thousand lines")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scratch", help="folder for the logs; they are deleted at the end")
    parser.add_argument("--lang", choices=WORDS, default="ja")
    arguments = parser.parse_args()
    ripgrep = shutil.which("rg")
    peer = "rg" if ripgrep else "grep -F"
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as scratch:
        scratch = Path(scratch)
        files, part = make(arguments.programs, scratch, arguments.megabytes, arguments.per_mille)
        domains = scratch / "domains"
        with domains.open("w") as out:
            subprocess.run([arguments.programs / "scan", "--domains"], stdout=out, check=True)
        print("| " + " | ".join(word.format(peer=peer) for word in WORDS[arguments.lang]) + " |")
        print("|---|" + "---|" * 8)
        environment = dict(os.environ, LC_ALL="C")
        all_same = True
        for name, path in files.items():
            scan = [arguments.programs / "scan", path]
            search = ["rg", "-c", "-F", "-f", domains] if ripgrep else ["grep", "-c", "-F", "-f", domains]
            is_packed = path.suffix == ".gz"
            size = (part if is_packed else path.stat().st_size) / 1e6
            measured(scan)
            ours, theirs = [], []
            for _ in range(arguments.runs):
                ours.append(measured(scan))
                if is_packed:
                    with subprocess.Popen(["gzip", "-dc", path], stdout=subprocess.PIPE) as unpacked:
                        theirs.append(measured(search, stdin=unpacked.stdout, env=environment))
                else:
                    theirs.append(measured([*search, path], env=environment))
            hits = int(re.search(r"(\d+) hits", ours[0][2]).group(1))
            same = hits == int(theirs[0][2])
            all_same &= same
            speed = lambda runs, at: f"{statistics.median(size / run[at] for run in runs):.0f}"
            # Of unpacking beside the search, only the wall clock tells the whole.
            their_cpu = "–" if is_packed else speed(theirs, 1)
            print(f"| {name} | {size:.0f} | {speed(ours, 0)} | {speed(ours, 1)} | {speed(theirs, 0)} | {their_cpu} | "
                  f"{memory(scan):.0f} | {hits} | {'✓' if same else '✗'} |", flush=True)
    return 0 if all_same else 1


if __name__ == "__main__":
    sys.exit(main())

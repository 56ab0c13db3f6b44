"""Times every page of a running demo as the people who use it. Standard library only."""

import base64
import hashlib
import hmac
import http.client
import json
import statistics
import struct
import subprocess
import sys
import time
import urllib.parse

PAGES = [
    ("staff", ["/", "/me", "/chat", "/apps", "/apply", "/applications", "/permits", "/services", "/notices", "/me/uses"]),
    ("approver", ["/", "/review", "/review?page=3&sort=-at", "/permits?page=50", "/permits?q=%E3%81%9D%E3%81%AE99", "/oversight"]),
    ("manager", ["/services", "/inventory", "/oversight", "/oversight/refusals"]),
    ("auditor", ["/oversight/uses", "/oversight/governance", "/oversight/ledger", "/permits"]),
    ("admin", ["/people", "/people?page=2000", "/people?q=%E6%9E%B6%E7%A9%BA+179", "/departments"]),
]
ISMAP = [
    ("secretariat", ["/ismap", "/ismap/list", "/ismap/list?as_of=2024-06-30", "/ismap/list/OOKII-0007", "/ismap/list/compare?number=OOKII-0001&number=OOKII-0002",
                     "/ismap/filings", "/ismap/filings/fi-007-1", "/ismap/meetings", "/ismap/meetings/fill-1", "/ismap/deadlines", "/ismap/statements",
                     "/ismap/engagements", "/ismap/firms", "/ismap/parties", "/ismap/criteria", "/ismap/criteria/ookii-1",
                     "/ismap/criteria/ookii-0/difference/ookii-1"]),
    ("csp", ["/ismap", "/ismap/statements", "/ismap/statements/st-007-1", "/ismap/statements/st-007-1?from=9.1.1", "/ismap/statements/st-007-1/check",
             "/ismap/statements/st-007-1/answers", "/ismap/statements/st-007-1/gap", "/ismap/filings", "/ismap/deadlines"]),
    ("audit-lead", ["/ismap/engagements", "/ismap/engagements/en-007-1", "/ismap/engagements/en-007-1/items", "/ismap/engagements/en-007-1/report"]),
    ("procurer", ["/ismap/list?q=007", "/ismap/list/OOKII-0007", "/ismap/look-ups"]),
]
ROUNDS = 40


class Person:
    def __init__(self, port, account):
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.port, self.cookie = port, None
        self.ask("POST", "/signin", {"login": account["login"], "password": account["password"]})
        if account.get("second_factor"):
            page = self.ask("GET", "/signin/code")[1].decode()
            token = page.split('action="/signin/code"')[1].split('name="token" value="')[1].split('"')[0]
            self.ask("POST", "/signin/code", {"code": code(account["second_factor"]), "token": token})
        status, _ = self.ask("GET", "/me")
        assert status == 200, f"{account['login']} did not get in: {status}"

    def ask(self, method, path, form=None):
        headers = {"host": f"127.0.0.1:{self.port}"}
        if self.cookie:
            headers["cookie"] = self.cookie
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers |= {"origin": f"http://127.0.0.1:{self.port}", "content-type": "application/x-www-form-urlencoded"}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        for name, value in answer.getheaders():
            if name == "set-cookie":
                self.cookie = value.split(";")[0]
        return answer.status, data


def code(secret):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    tag = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    return f"{(struct.unpack('>I', tag[tag[19] & 15:][:4])[0] & 0x7FFFFFFF) % 10**6:06}"


def main():
    program, data = sys.argv[1:3]
    pages = ISMAP if sys.argv[3:] == ["ismap"] else PAGES
    began = time.monotonic()
    server = subprocess.Popen([program, "--json", "demo", "--data", data, "--port", "0"], stdout=subprocess.PIPE)
    wrong = 0
    try:
        text = ""
        while True:
            text += server.stdout.readline().decode()
            try:
                demo = json.loads(text)
                break
            except json.JSONDecodeError:
                continue
        print(f"start to first line: {time.monotonic() - began:.1f} s")
        port = urllib.parse.urlsplit(demo["url"]).port
        print(f"{'who':<10} {'page':<36} {'median ms':>9} {'p95 ms':>8} {'kB':>7}")
        for who, paths in pages:
            person = Person(port, demo["accounts"][who])
            for path in paths:
                times, size = [], 0
                for _ in range(ROUNDS):
                    start = time.perf_counter()
                    status, page = person.ask("GET", path)
                    times.append((time.perf_counter() - start) * 1000)
                    size = len(page)
                    if status != 200:
                        wrong += 1
                        print(f"{who} {path}: {status}")
                        break
                times.sort()
                print(f"{who:<10} {urllib.parse.unquote(path):<36} {statistics.median(times):9.1f} {times[int(len(times) * .95) - 1]:8.1f} {size / 1000:7.1f}")
    finally:
        server.terminate()
        server.wait()
    sys.exit(1 if wrong else 0)


main()

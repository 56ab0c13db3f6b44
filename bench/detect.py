"""Recall and speed of the detection beside Presidio's pattern recognisers; started by bench/detect.

Writes Japanese documents with planted identifiers (the same for the same seed; persons, numbers and sentences are made
up), lets both sides read the very same file, and compares what they report with what was planted.
"""
import argparse
import bisect
import collections
import datetime
import ipaddress
import json
import os
import platform
import random
import subprocess
import sys
import time
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"
RUNNING, APART, WIDE = "running", "apart", "wide"


# --- identifiers ----------------------------------------------------------------------------------------------------

def digits(dice, count, first=""):
    return first + "".join(dice.choice("0123456789") for _ in range(count - len(first)))


def weighted(body, weights):
    return sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))


def my_number(dice):
    body = digits(dice, 11, dice.choice("123456789"))
    rest = weighted(body, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
    return body + str(0 if rest <= 1 else 11 - rest), (4, 4, 4)


def corporate(dice):
    body = digits(dice, 12)
    return str(9 - weighted(body, [2, 1] * 6) % 9) + body, (1, 4, 4, 4)


def resident(dice):
    body = digits(dice, 10, dice.choice("123456789"))
    rest = weighted(body, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
    return body + str(0 if rest <= 1 else 11 - rest), (5, 6)


def licence(dice):
    body = digits(dice, 10, "30")
    rest = weighted(body, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
    return body + str((11 - rest) % 10) + "0", (4, 4, 4)


def capitals(dice, count):
    return "".join(dice.choice("ABCDEFGHKLMNPRSTUXYZ") for _ in range(count))


def luhn(body):
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def card(dice):
    body = digits(dice, 15, dice.choice(["4", "51", "3530"]))
    return body + luhn(body), (4, 4, 4, 4)


def insurer(dice):
    body = digits(dice, 7, "06")
    return body + luhn(body), None


def phone(dice):
    if dice.random() < 0.5:
        return digits(dice, 11, dice.choice(["0902", "0803", "0705"])), (3, 4, 4)
    return digits(dice, 10, dice.choice(["035", "066"])), (2, 4, 4)


def mail(dice):
    user = dice.choice(["hanako", "taro", "k.kawakita", "soumu-ka"])
    return f"{user}{dice.randrange(100)}@{dice.choice(['example.lg.jp', 'example.co.jp', 'mail.example.com'])}", None


def address(dice):
    if dice.random() < 0.3:
        return str(ipaddress.IPv6Address((0x20010DB8 << 96) + dice.getrandbits(64))), None
    return f"{dice.choice(['192.0.2', '198.51.100', '203.0.113'])}.{dice.randrange(1, 255)}", None


def url(dice):
    return f"https://{dice.choice(['www.example.jp', 'kakuu.example.com'])}/{dice.choice(['form', 'a/b'])}/{dice.randrange(999)}", None


def iban(dice):
    body = digits(dice, 18)
    return f"DE{98 - int(body + '131400') % 97:02}{body}", None


def mac(dice):
    return ":".join(f"{dice.randrange(256):02X}" for _ in range(6)), None


def key(dice):
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    return "sk-" + "".join(dice.choice(letters) for _ in range(30)) + "7", None


# Kind: English, labels, maker, whether it is also written in full width, our rules, Presidio's entity.
Kind = collections.namedtuple("Kind", "english labels make wide rules entity")
KINDS = {
    "個人番号": Kind("My Number", ["個人番号", "マイナンバー"], my_number, True, ["ID-MYNUMBER"], None),
    "法人番号": Kind("corporate number", ["法人番号"], corporate, True, ["ID-CORPORATE"], None),
    "住民票コード": Kind("resident record code", ["住民票コード"], resident, True, ["ID-RESIDENT-CODE"], None),
    "運転免許証": Kind("driving licence", ["運転免許証の番号", "免許証番号"], licence, True, ["ID-LICENCE"], None),
    "旅券": Kind("passport", ["旅券番号", "パスポート番号"],
                 lambda dice: (capitals(dice, 2) + digits(dice, 7), None), True, ["ID-PASSPORT"], None),
    "在留カード": Kind("residence card", ["在留カード番号"],
                       lambda dice: (capitals(dice, 2) + digits(dice, 8) + capitals(dice, 2), None), True,
                       ["ID-RESIDENCE-CARD"], None),
    "基礎年金番号": Kind("pension number", ["基礎年金番号"], lambda dice: (digits(dice, 10, "1"), (4, 6)), True,
                         ["ID-PENSION"], None),
    "保険者番号": Kind("insurer", ["保険者番号"], insurer, True, ["ID-INSURER"], None),
    "預貯金口座": Kind("bank account", ["口座番号", "普通預金"], lambda dice: (digits(dice, 7, "1"), None), True,
                       ["ID-ACCOUNT"], None),
    "郵便番号": Kind("postal code", ["郵便番号", "〒"], lambda dice: (digits(dice, 7, "1"), (3, 4)), True,
                     ["ID-POSTAL"], None),
    "鍵": Kind("API key", ["APIキー", "トークン"], key, False, ["CR-API-KEY"], None),
    "カード番号": Kind("payment card", ["カード番号"], card, True, ["ID-CARD"], "CREDIT_CARD"),
    "電話番号": Kind("telephone", ["電話番号", "電話", "連絡先"], phone, True, ["ID-PHONE"], "PHONE_NUMBER"),
    "メール": Kind("mail address", ["メール", "連絡先"], mail, True, ["ID-EMAIL"], "EMAIL_ADDRESS"),
    "IPアドレス": Kind("IP address", ["接続元", "アドレス"], address, False, ["ID-IP"], "IP_ADDRESS"),
    "URL": Kind("URL", ["参照先", "様式"], url, False, [], "URL"),
    "IBAN": Kind("IBAN", ["送金先", "IBAN"], iban, False, [], "IBAN_CODE"),
    "MACアドレス": Kind("MAC address", ["MACアドレス", "端末"], mac, False, [], "MAC_ADDRESS"),
}

# --- documents ------------------------------------------------------------------------------------------------------

SENTENCES = [
    "町は来年度の図書館の開館時間を見直し、平日の夜間にも利用できるようにする考えである。",
    "委員からは、窓口の混雑を避けるため予約の仕組みを整えるべきだとの意見があった。",
    "担当課は関係する部局と協議し、十月十五日までに回答することとした。",
    "なお、詳細については別紙のとおりとし、必要に応じて見直すものとする。",
    "川沿いの遊歩道は桜の名所として知られ、毎年四月には多くの人が訪れる。",
    "係員は内容を確かめ、控えを一部手渡した。",
    "昨年度の利用は前の年を上回り、休日の午後に集中している。",
]
# Numbers that are nothing of the above. One in ten of the twelve figures has the check digit of a My Number by chance.
DISTRACTORS = [
    lambda dice: f"令和{dice.randrange(2, 9)}年度の事業費は{dice.randrange(1, 99)},{dice.randrange(100, 999)}万円である。",
    lambda dice: f"受付は2025年{dice.randrange(1, 13)}月{dice.randrange(1, 29)}日 {dice.randrange(8, 18)}:{dice.randrange(10, 60)}:{dice.randrange(10, 60)}に済んだ。",
    lambda dice: f"受付番号{digits(dice, 12, '9')}の件は処理を終えた。",
    lambda dice: f"品番 {capitals(dice, 2)}-{digits(dice, 6)} を十個納めた。",
    lambda dice: f"版は {dice.randrange(1, 9)}.{dice.randrange(20)}.{dice.randrange(20)} である。",
    lambda dice: f"議案第{dice.randrange(1, 99)}号、{dice.randrange(2015, 2020)}-{dice.randrange(2020, 2025)}年の統計（第{dice.randrange(1, 40)}表）による。",
    lambda dice: f"文書番号は総務第{digits(dice, 4)}号、面積は{dice.randrange(100, 999)}.{dice.randrange(10, 99)}平方メートル。",
    lambda dice: f"伝票 {digits(dice, 10, '7')} と {digits(dice, 16, '9')} を綴じた。",
]


def full_width(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def planted(dice, kind):
    """A sentence or line: what stands before the value, the value, what stands after, and the setting."""
    value, groups = kind.make(dice)
    if groups and dice.random() < 0.6 or kind.rules == ["ID-POSTAL"]:
        joint, parts, at = dice.choice("- ") if kind.rules != ["ID-POSTAL"] else "-", [], 0
        for length in groups:
            parts.append(value[at:at + length])
            at += length
        value = joint.join(parts)
    setting = dice.choice([RUNNING, APART])
    if kind.wide and dice.random() < 0.25:
        value, setting = full_width(value), WIDE
    label = dice.choice(kind.labels) if dice.random() < 0.85 else dice.choice(["記載", "内容", "値"])
    if setting == RUNNING or setting == WIDE and dice.random() < 0.5:
        before, after = dice.choice([
            (f"申請の{label}は", "と記されていた。"), (f"{label}「", "」を照合した。"), (f"届の{label}（", "）を確かめた。"),
            (f"窓口で{label}として", "を受け取った。")])
    else:
        before, after = dice.choice([
            (f"\n{label}: ", "\n"), (f"\n{label}\n", "\n"), (f"\n| {label} | ", " |\n"), (f"\n{label}\t", "\tなし\n"),
            (f"\n備考,{label},", ",なし\n")])
    return before, value, after, setting


def write_documents(dice, count):
    """The text, and what was planted: kind, start and end in bytes, setting."""
    text, gold, at = [], [], 0

    def put(piece):
        nonlocal at
        text.append(piece)
        at += len(piece.encode())

    names = list(KINDS)
    for number in range(count):
        if number:
            put("\f")
        put(f"{dice.choice(['議事の要旨', '届出の控え', '照会と回答', '点検の記録'])}（第{number + 1}）\n")
        for _ in range(14):
            for _ in range(dice.randrange(1, 4)):
                put(dice.choice(SENTENCES))
            if dice.random() < 0.4:
                put(dice.choice(DISTRACTORS)(dice))
            if dice.random() < 0.5:
                name = dice.choice(names)
                before, value, after, setting = planted(dice, KINDS[name])
                put(before)
                start = at
                put(value)
                gold.append((name, start, at, setting))
                put(after)
            if dice.random() < 0.3:
                put("\n")
    return "".join(text), gold


# --- the two sides --------------------------------------------------------------------------------------------------

def ours(spans, file, rounds):
    output = subprocess.run([spans, file, str(rounds)], capture_output=True, text=True, check=True, timeout=300).stdout
    kind_of = {rule: name for name, kind in KINDS.items() for rule in kind.rules}
    found, speeds = [], []
    for line in output.splitlines():
        rule, *rest = line.split("\t")
        if rule == "#":
            speeds.append(int(rest[0]) / 1e6 / float(rest[1]))
        elif rule in kind_of:
            found.append((kind_of[rule], int(rest[0]), int(rest[1]), rest[2]))
    return found, max(speeds)


def presidio_recognizers():
    import tldextract
    # The list of suffixes that comes with the package; no network.
    offline = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    tldextract.extract = offline
    tldextract.tldextract.TLD_EXTRACTOR = offline
    from presidio_analyzer import predefined_recognizers as given
    return [
        given.CreditCardRecognizer(), given.PhoneRecognizer(supported_regions=("JP",)), given.EmailRecognizer(),
        given.IpRecognizer(), given.UrlRecognizer(), given.IbanRecognizer(), given.MacAddressRecognizer(),
    ]


def peers(text, rounds):
    recognizers = presidio_recognizers()
    documents = text.split("\f")
    kind_of = {kind.entity: name for name, kind in KINDS.items() if kind.entity}
    found, best, each = [], 0, {}
    size = len(text.encode()) / 1e6
    for round_ in range(rounds):
        total = 0
        for recognizer in recognizers:
            begun = time.perf_counter()
            results = [recognizer.analyze(document, recognizer.supported_entities, nlp_artifacts=None)
                       for document in documents]
            took = time.perf_counter() - begun
            total += took
            each[recognizer.name] = max(each.get(recognizer.name, 0), size / took)
            if round_ == 0:
                at = 0
                for document, hits in zip(documents, results, strict=True):
                    for hit in hits or []:
                        start = at + len(document[:hit.start].encode())
                        end = start + len(document[hit.start:hit.end].encode())
                        found.append((kind_of[hit.entity_type], start, end, hit.score))
                    at += len(document.encode()) + 1
        best = max(best, size / total)
    # The recognisers of the kinds that both sides know, one after the other as the engine runs them.
    shared = {kind.entity for kind in KINDS.values() if kind.rules and kind.entity}
    common = 1 / sum(1 / each[r.name] for r in recognizers if shared & set(r.supported_entities))
    return found, best, common, each


# --- the comparison -------------------------------------------------------------------------------------------------

def judge(found, gold):
    """Which planted ones were found (at least half of it, under its own kind), and false findings by kind."""
    by_kind = collections.defaultdict(list)
    for name, start, end, _ in found:
        by_kind[name].append((start, end))
    hit = [any(2 * (min(e, end) - max(s, start)) >= end - start for s, e in by_kind[name])
           for name, start, end, _ in gold]
    ordered = sorted((start, end) for _, start, end, _ in gold)
    starts = [start for start, _ in ordered]
    false = collections.Counter()
    for name, start, end, confidence in found:
        # A wrong name for something that was planted is no false alarm.
        place = bisect.bisect_left(starts, end)
        touches = any(e > start for _, e in ordered[max(0, place - 3):place])
        if not touches:
            false[name, confidence == "low"] += 1
    return hit, false


def percent(part, whole):
    return f"{100 * part / whole:.0f}%" if whole else "–"


def main():
    parser = argparse.ArgumentParser(prog="bench/detect", description=__doc__)
    parser.add_argument("--spans", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=20251122)
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--quick", action="store_true", help="only shows that it works; do not quote")
    parser.add_argument("--no-peer", action="store_true", help="without Presidio")
    parser.add_argument("--lang", choices=["ja", "en"], default="ja")
    options = parser.parse_args()
    if options.quick:
        options.documents = min(options.documents, 40)
    rounds = 1 if options.quick else 3

    text, gold = write_documents(random.Random(options.seed), options.documents)
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / "detect.txt"
    file.write_text(text)
    (RESULTS / "detect.gold.json").write_text(json.dumps(
        [{"kind": name, "start": start, "end": end, "setting": setting} for name, start, end, setting in gold],
        ensure_ascii=False))
    size = len(text.encode())

    found, speed = ours(options.spans, file, 3 * rounds)
    hit, false = judge(found, gold)
    peer = None
    if not options.no_peer:
        import importlib.metadata
        versions = {name: importlib.metadata.version(name) for name in ("presidio-analyzer", "phonenumbers", "tldextract")}
        peer_found, peer_speed, common, each = peers(text, rounds)
        peer_hit, peer_false = judge(peer_found, gold)
        peer = {"versions": versions, "speed": peer_speed, "speed_of_common_kinds": common, "each": each}

    ja = options.lang == "ja"
    head = ["種類", "埋めた数", "Sekisho 検出", "再現率", "誤検出"] if ja else ["kind", "planted", "Sekisho found", "recall", "false"]
    if peer:
        head += ["Presidio 検出", "再現率", "誤検出"] if ja else ["Presidio found", "recall", "false"]
    rows = []

    def row(name, chosen, our_rule, their_rule, kinds):
        whole = sum(chosen)
        mine = sum(h for h, c in zip(hit, chosen) if c)
        alarms = sum(false[k, low] for k in kinds for low in (False, True))
        cells = [name, whole] + ([mine, percent(mine, whole), alarms] if our_rule else ["–"] * 3)
        if peer:
            theirs = sum(h for h, c in zip(peer_hit, chosen) if c)
            alarms = sum(peer_false[k, low] for k in kinds for low in (False, True))
            cells += [theirs, percent(theirs, whole), alarms] if their_rule else ["–"] * 3
        rows.append(cells)

    for name, kind in KINDS.items():
        row(name if ja else kind.english, [g[0] == name for g in gold], kind.rules, kind.entity, [name])
    both = [name for name, kind in KINDS.items() if kind.rules and kind.entity]
    row("両者に共通の種類" if ja else "kinds both know", [g[0] in both for g in gold], True, True, both)
    for setting, words in ((RUNNING, ("うち文中（半角）", "– in running text")), (APART, ("うち行・表（半角）", "– in lines and tables")),
                           (WIDE, ("うち全角", "– in full width"))):
        row(words[not ja], [g[0] in both and g[3] == setting for g in gold], True, True, [])
        rows[-1][4] = ""
        if peer:
            rows[-1][7] = ""
    lines = ["| " + " | ".join(map(str, head)) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(map(str, cells)) + " |" for cells in rows]
    low = sum(count for (_, is_low), count in false.items() if is_low)
    notes = [
        f"{size / 1e6:.1f} MB、{options.documents} 文書、種 {options.seed}。–: その種類の規則がない。" if ja else
        f"{size / 1e6:.1f} MB, {options.documents} documents, seed {options.seed}. –: no rule for that kind.",
        f"速さ（1 スレッド、プロセス内、最良の回）: Sekisho {speed:.0f} MB/s（全規則）" if ja else
        f"speed (one thread, in process, best round): Sekisho {speed:.0f} MB/s (all rules)",
    ]
    if peer:
        notes[-1] += (
            f"、Presidio {common:.1f} MB/s（共通の種類の規則だけ。比 {speed / common:.0f}）、{peer_speed:.2f} MB/s（上の種類の規則すべて）"
            if ja else
            f", Presidio {common:.1f} MB/s (recognisers of the kinds both know; ratio {speed / common:.0f}), {peer_speed:.2f} MB/s (all of the above)")
        notes.append(", ".join(f"{name} {value:.1f} MB/s" for name, value in sorted(each.items())))
        notes.append(", ".join(f"{name} {version}" for name, version in versions.items()))
    notes.append(f"Sekisho の誤検出のうち確度「低」: {low} 件" if ja else f"false findings of Sekisho with low confidence: {low}")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=RESULTS).stdout.strip()
    machine = {"cpus": len(os.sched_getaffinity(0)), "load": os.getloadavg()[0], "python": platform.python_version()}
    notes.append(f"sekisho {commit}, Python {machine['python']}, CPU {machine['cpus']}, load {machine['load']:.1f}")
    if options.quick:
        notes.append("--quick: 数値は引用しないこと。" if ja else "--quick: do not quote these figures.")
    print("\n".join(lines) + "\n\n" + "\n".join(f"- {note}" for note in notes))
    begun = datetime.datetime.now(datetime.timezone.utc)
    out = RESULTS / f"detect-{begun:%Y%m%dT%H%M%SZ}.json"
    out.write_text(json.dumps({
        "seed": options.seed, "documents": options.documents, "bytes": size, "quick": options.quick, "commit": commit,
        "machine": machine, "table": lines, "notes": notes, "sekisho_mb_s": speed, "peer": peer,
    }, ensure_ascii=False, indent=1) + "\n")
    print(f"\nwritten: bench/results/{out.name}", file=sys.stderr)


if __name__ == "__main__":
    main()

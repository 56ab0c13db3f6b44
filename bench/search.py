"""Law found by Sekisho, SQLite FTS5 and groonga: quality, speed, time and size of the index; started by bench/search.

The peers are asked as one would ask them: the runs of kanji, katakana, letters and figures of the question, any of them,
ranked by their own scores with weights for title and caption.
"""
import argparse
import json
import math
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUN = re.compile(r"[一-鿿々]+|[ァ-ヺー]+|[A-Za-z0-9]+")
COLUMNS = ("title", "caption", "path", "text")


def rows(path):
    with subprocess.Popen(["zstdcat", str(path)], stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        for line in process.stdout:
            yield json.loads(line)


def fields(row):
    return (row["title"], f'{row["caption"]} {row["article"]}', "\n".join(row["path"]), row["text"])


def ndcg(found, gold):
    gained = sum(1 / math.log2(rank + 2) for rank, unit in enumerate(found[:10]) if unit in gold)
    return gained / sum(1 / math.log2(rank + 2) for rank in range(min(len(gold), 10)))


def at(times, percent):
    times = sorted(times)
    return times[min(len(times) * percent // 100, len(times) - 1)]


def size(folder):
    return sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())


def judge(name, built, bytes_, questions, ask):
    times, gains, missed = [], [], 0
    for text, gold in questions:
        begun = time.perf_counter()
        found = ask(text)
        times.append((time.perf_counter() - begun) * 1e3)
        if found is None:
            missed, found = missed + 1, []
        gains.append(ndcg(found, gold))
    return {
        "name": name, "build_s": built, "index_mb": bytes_ / 1e6, "n": len(gains), "ndcg@10": sum(gains) / len(gains),
        "p50_ms": at(times, 50), "p99_ms": at(times, 99), "failed": missed,
    }


def fts5(articles, questions, folder):
    begun = time.perf_counter()
    base = sqlite3.connect(folder / "fts5.db")
    base.execute("PRAGMA journal_mode=OFF")
    base.execute(f"CREATE VIRTUAL TABLE unit USING fts5(id UNINDEXED, {', '.join(COLUMNS)}, tokenize='trigram')")
    base.executemany("INSERT INTO unit VALUES (?, ?, ?, ?, ?)", ((row["id"], *fields(row)) for row in rows(articles)))
    base.execute("INSERT INTO unit(unit) VALUES ('optimize')")
    base.commit()
    built = time.perf_counter() - begun

    def ask(text):
        runs = {run for run in RUN.findall(text) if len(run) >= 3}
        if not runs:
            return []
        match = " OR ".join(f'"{run}"' for run in runs)
        query = "SELECT id FROM unit WHERE unit MATCH ? ORDER BY bm25(unit, 0, 4, 5, 1, 1) LIMIT 10"
        return [row[0] for row in base.execute(query, (match,))]

    return judge(f"SQLite FTS5 {sqlite3.sqlite_version}", built, size(folder), questions, ask)


def groonga(articles, questions, folder):
    base = folder / "base"
    begun = time.perf_counter()
    with open(folder / "load", "w", encoding="utf-8") as load:
        load.write("table_create unit TABLE_HASH_KEY ShortText\n")
        for column in COLUMNS:
            load.write(f"column_create unit {column} COLUMN_SCALAR Text\n")
        load.write("load --table unit\n[\n")
        for number, row in enumerate(rows(articles)):
            unit = dict(zip(COLUMNS, fields(row)), _key=row["id"])
            load.write(("" if number == 0 else ",\n") + json.dumps(unit, ensure_ascii=False))
        load.write("\n]\n")
        for column in COLUMNS:
            load.write(f"table_create word_{column} TABLE_PAT_KEY ShortText --default_tokenizer TokenBigram --normalizer NormalizerAuto\n")
            load.write(f"column_create word_{column} index COLUMN_INDEX|WITH_POSITION unit {column}\n")
    with open(folder / "load", encoding="utf-8") as load:
        subprocess.run(["groonga", "-n", str(base)], stdin=load, stdout=subprocess.DEVNULL, check=True)
    built = time.perf_counter() - begun
    (folder / "load").unlink()
    with subprocess.Popen(["groonga", str(base)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        # Of its scorers the one that finds best here: occurrences count up to two. Without a bound the longest articles win,
        # and with scorer_tf_idf they do too (0.06 and 0.02 where this one reaches 0.15).
        columns = "||".join(f"scorer_tf_at_most({column}, 2)*{weight}" for column, weight in zip(COLUMNS, (4, 5, 1, 1)))

        def ask(text):
            runs = sorted({run for run in RUN.findall(text) if len(run) >= 2})
            if not runs:
                return []
            query = " OR ".join(f'\\"{run}\\"' for run in runs)
            process.stdin.write(f'select unit --match_columns "{columns}" --query "{query}" --sort_keys -_score --limit 10 --output_columns _key\n')
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            return None if answer[0][0] else [row[0] for row in answer[1][0][2:]]

        version = subprocess.run(["groonga", "--version"], capture_output=True, text=True).stdout.split()[1]
        result = judge(f"groonga {version}", built, size(folder), questions, ask)
        process.stdin.close()
        return result


def sekisho(program, articles, questions, folder, field):
    begun = time.perf_counter()
    subprocess.run([program, "import", "units", str(articles), "--data", str(folder), "--json"], check=True, stdout=subprocess.DEVNULL)
    built = time.perf_counter() - begun
    asked = folder / "questions.jsonl"
    with open(asked, "w", encoding="utf-8") as out:
        for number, (text, gold) in enumerate(questions):
            out.write(json.dumps({"qid": str(number), field: text, "gold": sorted(gold)}, ensure_ascii=False) + "\n")
    results = []
    for at_once in (1, 32):
        command = [program, "eval", str(asked), "--data", str(folder), "--corpus", "law", "--field", field, "--at-once", str(at_once), "--json"]
        figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        results.append({
            "name": "Sekisho" + ("" if at_once == 1 else f", {at_once} at once"), "build_s": built, "index_mb": size(folder / "search") / 1e6,
            "n": figures["n"], "ndcg@10": figures["ndcg@10"], "p50_ms": figures["p50_ms"], "p99_ms": figures["p99_ms"], "failed": 0,
        })
    return results


def main():
    parser = argparse.ArgumentParser(prog="bench/search")
    parser.add_argument("--data", type=Path, default=os.environ.get("SEKISHO_DATA"), required="SEKISHO_DATA" not in os.environ)
    parser.add_argument("--sekisho", required=True)
    parser.add_argument("--questions", type=int, default=200, help="how many, spread over the set")
    parser.add_argument("--field", default="query_long", choices=["query", "query_long"])
    parser.add_argument("--no-groonga", action="store_true")
    parser.add_argument("--no-fts5", action="store_true")
    arguments = parser.parse_args()
    articles = Path(arguments.data) / "law/articles.jsonl.zst"
    every = [(row[arguments.field], set(row["gold"])) for row in rows(Path(arguments.data) / "eval/nta2law.jsonl.zst")]
    questions = every[:: max(1, len(every) // arguments.questions)]
    results = []
    with tempfile.TemporaryDirectory(prefix="sekisho-search-") as scratch:
        for name in ("sekisho", "fts5", "groonga"):
            Path(scratch, name).mkdir()
        results += sekisho(arguments.sekisho, articles, questions, Path(scratch, "sekisho"), arguments.field)
        if not arguments.no_fts5:
            results.append(fts5(articles, questions, Path(scratch, "fts5")))
        if not arguments.no_groonga:
            if shutil.which("groonga") is None:
                print("groonga is missing: apt-get install groonga-bin, or --no-groonga", file=sys.stderr)
                sys.exit(2)
            results.append(groonga(articles, questions, Path(scratch, "groonga")))
    print(f"{arguments.field}, {len(questions)} questions\n")
    print("| | nDCG@10 | p50 ms | p99 ms | build s | index MB | failed |")
    print("|---|---|---|---|---|---|---|")
    for row in results:
        print(f"| {row['name']} | {row['ndcg@10']:.3f} | {row['p50_ms']:.2f} | {row['p99_ms']:.2f} | {row['build_s']:.0f} | {row['index_mb']:.0f} | {row['failed']} |")


main()

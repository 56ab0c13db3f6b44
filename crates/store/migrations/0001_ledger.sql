-- One text for both engines: TEXT, BIGINT, BYTEA; time in microseconds UTC; ids and JSON as text; no triggers.
CREATE TABLE ledger_head (
    only_one BIGINT PRIMARY KEY,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    signed_size BIGINT NOT NULL
);
CREATE TABLE ledger_entry (
    idx BIGINT PRIMARY KEY,
    governance BIGINT NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX ledger_governance ON ledger_entry (idx) WHERE governance = 1;
CREATE TABLE ledger_tile (
    level BIGINT NOT NULL,
    n BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (level, n)
);
CREATE TABLE ledger_checkpoint (
    size BIGINT PRIMARY KEY,
    note TEXT NOT NULL
);
-- What was sent and what came back, encrypted. Not part of the ledger: rows can be destroyed and every proof stays valid.
CREATE TABLE sealed (
    entry BIGINT PRIMARY KEY,
    box BYTEA NOT NULL
);
-- One row per use, for statistics; can be rebuilt from the ledger.
CREATE TABLE use_row (
    opened BIGINT PRIMARY KEY,
    use_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    person TEXT NOT NULL,
    department TEXT NOT NULL,
    permit TEXT NOT NULL,
    service TEXT NOT NULL,
    model TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    grade BIGINT NOT NULL,
    node TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT NOT NULL,
    closed BIGINT NOT NULL,
    closed_at BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL
);
CREATE UNIQUE INDEX use_row_id ON use_row (use_id);
CREATE INDEX use_row_open ON use_row (node) WHERE outcome = 'open';
-- The directory: who hides behind a pseudonym. Private rows, corrected and destroyed at will.
CREATE TABLE directory_person (
    person TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    mail TEXT NOT NULL,
    post TEXT NOT NULL
);
CREATE TABLE directory_department (
    department TEXT PRIMARY KEY,
    name TEXT NOT NULL
);

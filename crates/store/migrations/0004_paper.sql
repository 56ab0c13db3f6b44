-- What people write and keep: conversations, drafts, apps, notices. Private rows, encrypted: the ledger knows nothing of them.
CREATE TABLE paper (
    kind TEXT NOT NULL,
    paper_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    -- Goes with its owner when the owner is forgotten.
    personal BIGINT NOT NULL,
    -- Counts up with every change, so that nobody overwrites what they have not seen.
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    box BYTEA NOT NULL,
    PRIMARY KEY (kind, paper_id)
);
CREATE INDEX paper_by_owner ON paper (owner, kind, changed_at);
CREATE INDEX paper_by_time ON paper (kind, changed_at);

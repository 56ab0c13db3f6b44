-- What witnesses of other departments have countersigned. The line belongs to the checkpoint of that size; `witness` is the
-- witness's verifier key. Not part of the ledger: the checkpoint is signed by the log and stands without them.
CREATE TABLE cosignature (
    size BIGINT NOT NULL,
    witness TEXT NOT NULL,
    at BIGINT NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (size, witness)
) /*WITHOUT ROWID*/;
-- How each witness stands to this ledger. A refusal stays until another takes its place: it is evidence, and every node
-- shows it.
CREATE TABLE witness (
    witness TEXT PRIMARY KEY,
    size BIGINT NOT NULL,
    cosigned_at BIGINT NOT NULL,
    fault TEXT NOT NULL,
    fault_detail TEXT NOT NULL,
    fault_at BIGINT NOT NULL,
    refusal TEXT NOT NULL,
    refused_at BIGINT NOT NULL,
    ours BIGINT NOT NULL,
    theirs BIGINT NOT NULL
);

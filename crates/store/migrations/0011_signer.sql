-- Of several nodes on one database one signs checkpoints. It counts `beat` up; one whose beat stands still has gone, and
-- another takes the next `epoch`. No clock is compared with another's.
CREATE TABLE ledger_signer (
    only_one BIGINT PRIMARY KEY,
    node TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    beat BIGINT NOT NULL
);
INSERT INTO ledger_signer (only_one, node, epoch, beat) VALUES (1, '', 0, 0);

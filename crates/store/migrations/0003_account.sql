-- Accounts of people at a browser. Private rows: the ledger knows only that an account was opened and how it is secured.
CREATE TABLE account (
    person TEXT PRIMARY KEY,
    login TEXT NOT NULL,
    -- argon2id in PHC form; empty until the person has chosen one.
    password TEXT NOT NULL,
    -- The TOTP secret, encrypted; empty without a second factor.
    totp BYTEA NOT NULL,
    -- The newest time step a code was taken from: no code counts twice.
    totp_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX account_login ON account (login);
CREATE TABLE recovery_code (
    person TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (person, hash)
);
-- Sessions by the hash of their secret. A row that is gone is a session that ended.
CREATE TABLE session (
    hash TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    second_factor BIGINT NOT NULL,
    agent TEXT NOT NULL
);
CREATE INDEX session_person ON session (person, created_at);
CREATE INDEX session_expiry ON session (expires_at);

-- Uploaded files as the text that was inspected, encrypted. Private rows: they expire and can be destroyed.
CREATE TABLE file (
    file_id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    grade BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    box BYTEA NOT NULL
);
CREATE INDEX file_person ON file (person, created_at);
CREATE INDEX file_expiry ON file (expires_at);

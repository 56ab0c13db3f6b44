-- What oversight asks of the table of uses. All of it can be rebuilt from the ledger.
ALTER TABLE use_row ADD COLUMN app TEXT NOT NULL DEFAULT '';
CREATE INDEX use_row_time ON use_row (at, opened);
CREATE INDEX use_row_person ON use_row (person, at, opened);
CREATE INDEX use_row_department ON use_row (department, at, opened);
CREATE INDEX use_row_service ON use_row (service, at, opened);
CREATE INDEX use_row_permit ON use_row (permit, at, opened);
CREATE INDEX use_row_refused ON use_row (at, opened) WHERE outcome = 'refused';
-- Every reason of a refusal as it was recorded: `CODE rule`, or the code alone where no rule was asked.
CREATE TABLE use_reason (
    opened BIGINT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (opened, reason)
);
CREATE INDEX use_reason_time ON use_reason (at, reason, person);
CREATE INDEX use_reason_reason ON use_reason (reason, at, opened);
-- Of refusals before this step the table knew the code alone.
INSERT INTO use_reason (opened, reason, at, person) SELECT opened, code, at, person FROM use_row WHERE outcome = 'refused';
-- One row per person, day and kind of use: counting a month must not read every use of it.
CREATE TABLE use_day (
    day BIGINT NOT NULL,
    person TEXT NOT NULL,
    department TEXT NOT NULL,
    service TEXT NOT NULL,
    permit TEXT NOT NULL,
    app TEXT NOT NULL,
    uses BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    PRIMARY KEY (day, person, department, service, permit, app)
);
INSERT INTO use_day (day, person, department, service, permit, app, uses, refused, input_tokens, output_tokens)
SELECT (at + 32400000000) / 86400000000, person, department, service, permit, '',
    SUM(CASE WHEN outcome = 'refused' THEN 0 ELSE 1 END), SUM(CASE WHEN outcome = 'refused' THEN 1 ELSE 0 END),
    SUM(input_tokens), SUM(output_tokens)
FROM use_row GROUP BY (at + 32400000000) / 86400000000, person, department, service, permit;
-- Governance entries by what people look for: who did what, when, about what.
CREATE TABLE governance_row (
    idx BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL
);
CREATE INDEX governance_time ON governance_row (at, idx);
CREATE INDEX governance_kind ON governance_row (kind, at, idx);
CREATE INDEX governance_actor ON governance_row (actor, at, idx);
CREATE TABLE governance_subject (
    subject TEXT NOT NULL,
    at BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    PRIMARY KEY (subject, at, idx)
);

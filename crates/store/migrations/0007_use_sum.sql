-- The sums of days by model and grade too, which a use report tells apart. Takes the place of use_day.
CREATE TABLE use_sum (
    day BIGINT NOT NULL,
    person TEXT NOT NULL,
    department TEXT NOT NULL,
    service TEXT NOT NULL,
    permit TEXT NOT NULL,
    app TEXT NOT NULL,
    model TEXT NOT NULL,
    grade BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    PRIMARY KEY (day, person, department, service, permit, app, model, grade)
) /*WITHOUT ROWID*/;
INSERT INTO use_sum (day, person, department, service, permit, app, model, grade, uses, failed, refused, input_tokens, output_tokens)
SELECT (at + 32400000000) / 86400000000, person, department, service, permit, app, model, grade,
    SUM(CASE WHEN outcome = 'refused' THEN 0 ELSE 1 END),
    SUM(CASE WHEN outcome = 'upstream_error' OR outcome = 'cut' OR outcome = 'aborted' THEN 1 ELSE 0 END),
    SUM(CASE WHEN outcome = 'refused' THEN 1 ELSE 0 END), SUM(input_tokens), SUM(output_tokens)
FROM use_row GROUP BY (at + 32400000000) / 86400000000, person, department, service, permit, app, model, grade;
DROP TABLE use_day;
-- What rules of detection found, by day and department of the use. Of uses before this step nothing is known here; the
-- entries say it.
CREATE TABLE use_finding (
    day BIGINT NOT NULL,
    department TEXT NOT NULL,
    rule TEXT NOT NULL,
    requests BIGINT NOT NULL,
    request_hits BIGINT NOT NULL,
    answers BIGINT NOT NULL,
    answer_hits BIGINT NOT NULL,
    PRIMARY KEY (day, department, rule)
) /*WITHOUT ROWID*/;

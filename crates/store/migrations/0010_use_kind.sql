-- A kind of use (whose, of which department, by which service …) is written once and has a number; the sums of days name
-- the number. Before, every row of every day repeated the texts, and so did three indexes: seven times the space, and a
-- year was grouped by comparing texts. `who` is the same number for all kinds of one person.
CREATE TABLE use_kind (
    kind BIGINT PRIMARY KEY,
    who BIGINT NOT NULL,
    person TEXT NOT NULL,
    department TEXT NOT NULL,
    service TEXT NOT NULL,
    permit TEXT NOT NULL,
    app TEXT NOT NULL,
    model TEXT NOT NULL,
    grade BIGINT NOT NULL,
    UNIQUE (person, department, service, permit, app, model, grade)
);
INSERT INTO use_kind (kind, who, person, department, service, permit, app, model, grade)
SELECT ROW_NUMBER() OVER (ORDER BY person, department, service, permit, app, model, grade), RANK() OVER (ORDER BY person),
    person, department, service, permit, app, model, grade
FROM (SELECT DISTINCT person, department, service, permit, app, model, grade FROM use_sum) AS kinds;
CREATE INDEX use_kind_department ON use_kind (department);
CREATE INDEX use_kind_permit ON use_kind (permit);
CREATE TABLE kind_sum (
    day BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    who BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    PRIMARY KEY (day, kind)
) /*WITHOUT ROWID*/;
INSERT INTO kind_sum (day, kind, who, uses, failed, refused, input_tokens, output_tokens)
SELECT s.day, k.kind, k.who, s.uses, s.failed, s.refused, s.input_tokens, s.output_tokens
FROM use_sum AS s JOIN use_kind AS k ON k.person = s.person AND k.department = s.department AND k.service = s.service
    AND k.permit = s.permit AND k.app = s.app AND k.model = s.model AND k.grade = s.grade
ORDER BY s.day, k.kind;
-- What was spent of a budget: the days of some kinds, without reading those of all.
CREATE INDEX kind_sum_kind ON kind_sum (kind, day);
DROP TABLE use_sum;
-- The reasons of a department's refusals, without looking up every use.
ALTER TABLE use_reason ADD COLUMN department TEXT NOT NULL DEFAULT '';
UPDATE use_reason SET department = COALESCE((SELECT use_row.department FROM use_row WHERE use_row.opened = use_reason.opened), '');
DROP INDEX use_reason_time;
CREATE INDEX use_reason_time ON use_reason (at, reason, person, department);

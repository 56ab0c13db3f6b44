-- The fewest steps that a program must know to work on this database: raised by whatever takes something away.
CREATE TABLE schema_floor (
    only_one BIGINT PRIMARY KEY,
    level BIGINT NOT NULL
);

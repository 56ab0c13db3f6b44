-- How far the destruction of a list has come, written with every step of it. The certificate is made of this.
CREATE TABLE disposal (
    disposal TEXT PRIMARY KEY,
    contents BIGINT NOT NULL,
    papers BIGINT NOT NULL,
    through BIGINT NOT NULL
);

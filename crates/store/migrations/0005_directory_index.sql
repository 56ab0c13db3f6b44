-- The directory is read a page at a time, by name.
CREATE INDEX directory_person_by_name ON directory_person (name, person);

-- What was spent of a budget: the days of a permit, a department or a person, without reading those of all.
CREATE INDEX use_sum_permit ON use_sum (permit, day);
CREATE INDEX use_sum_department ON use_sum (department, day);
CREATE INDEX use_sum_person ON use_sum (person, day);

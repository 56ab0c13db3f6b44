-- 棚卸し: what was done under a permit lately.
CREATE INDEX use_row_permit ON use_row (permit, at);

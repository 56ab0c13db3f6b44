//! OSCAL 1.2.1, in and out: the scheme's records in the format that tools elsewhere read.

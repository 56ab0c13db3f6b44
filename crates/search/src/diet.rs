//! Records of the Diet: speeches and the exchanges they make, written questions and their answers.

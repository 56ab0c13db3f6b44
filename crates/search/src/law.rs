//! Laws, orders and rules: the standard law XML and its JSON, articles, references, definitions, delegations.

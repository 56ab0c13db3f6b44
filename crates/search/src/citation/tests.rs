mod corpus;
mod plant;
mod planter;
mod property;
mod rules;

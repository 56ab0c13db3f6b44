//! Nodes that share shelves, through a folder and through a bucket.

#[cfg(test)]
#[path = "sharing/bucket.rs"]
mod bucket;
#[cfg(test)]
#[path = "sharing/folder.rs"]
mod folder;
#[cfg(test)]
#[path = "sharing/house.rs"]
mod house;
#[cfg(test)]
#[path = "sharing/stand_in.rs"]
mod stand_in;

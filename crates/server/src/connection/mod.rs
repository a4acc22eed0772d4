//! Connections: accepting them, bounding what each may cost, and letting long polls wait on theirs.
//! Who answers is not known here.

pub(crate) mod accept;
pub(crate) mod parked;
pub(crate) mod places;
pub(crate) mod serve;
mod write_timeout;

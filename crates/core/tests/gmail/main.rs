//! Reading and amending Gmail's sync requests, end to end.

#[cfg(test)]
mod amending;
#[cfg(test)]
mod captures;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod lines;
#[cfg(test)]
mod payload;
#[cfg(test)]
mod pieces;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod walk;

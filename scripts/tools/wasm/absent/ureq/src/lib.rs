//! Stands in for `ureq`: every request fails, as the build's tools ask nothing of the network.

use std::{error, fmt, io};

/// Begins an agent.
#[must_use]
pub fn builder() -> AgentBuilder {
    AgentBuilder
}

/// An agent to be.
#[derive(Debug)]
pub struct AgentBuilder;

impl AgentBuilder {
    /// Changes nothing.
    #[must_use]
    pub fn try_proxy_from_env(self, _: bool) -> Self {
        self
    }

    /// Changes nothing.
    #[must_use]
    pub fn user_agent(self, _: &str) -> Self {
        self
    }

    /// The agent.
    #[must_use]
    pub fn build(self) -> Agent {
        Agent
    }
}

/// What would send requests.
#[derive(Debug)]
pub struct Agent;

impl Agent {
    /// Begins a request.
    #[must_use]
    pub fn get(&self, _: &str) -> Request {
        Request
    }
}

/// A request.
#[derive(Debug)]
pub struct Request;

impl Request {
    /// Changes nothing.
    #[must_use]
    pub fn set(self, _: &str, _: &str) -> Self {
        self
    }

    /// Fails.
    ///
    /// # Errors
    /// Always.
    pub fn call(self) -> Result<Response, Error> {
        Err(Error)
    }
}

/// There are no answers.
#[derive(Debug)]
pub enum Response {}

impl Response {
    /// Of no answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        match *self {}
    }

    /// Of no answer.
    ///
    /// # Errors
    /// Never, as there is no answer.
    pub fn into_json<T>(self) -> io::Result<T> {
        match self {}
    }
}

/// Why a request failed.
#[derive(Debug)]
pub struct Error;

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the build's tools ask nothing of the network")
    }
}

impl error::Error for Error {}

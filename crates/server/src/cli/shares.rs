//! How much of the server one network, account or email may have.

use crate::settings::Limits;
use clap::Args;

/// The flags about shares.
#[derive(Debug, Args)]
pub struct ShareOptions {
    /// Events per day of one account that are stored one by one; more are only counted; 0 for any
    /// number
    #[arg(
        long,
        env = "KAIFU_ACCOUNT_EVENTS_PER_DAY",
        value_name = "COUNT",
        default_value_t = Limits::default().account_events_per_day,
        allow_negative_numbers = true
    )]
    account_events_per_day: u32,
    /// Events per day of one email that are stored one by one; more are only counted; 0 for any
    /// number
    #[arg(
        long,
        env = "KAIFU_MESSAGE_EVENTS_PER_DAY",
        value_name = "COUNT",
        default_value_t = Limits::default().message_events_per_day,
        allow_negative_numbers = true
    )]
    message_events_per_day: u32,
    /// Open connections of one network (an IPv4 address or an IPv6 /64) that is no trusted proxy's; 0
    /// for any number
    #[arg(
        long,
        env = "KAIFU_CONNECTIONS_PER_NETWORK",
        value_name = "COUNT",
        default_value_t = Limits::default().connections_per_network,
        allow_negative_numbers = true
    )]
    connections_per_network: usize,
}

impl ShareOptions {
    /// The limits with these shares.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            account_events_per_day: self.account_events_per_day,
            message_events_per_day: self.message_events_per_day,
            connections_per_network: self.connections_per_network,
            ..Limits::default()
        }
    }
}

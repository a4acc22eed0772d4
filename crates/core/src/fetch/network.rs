//! What is known about the network that a fetch came from.

/// A country: two capital letters, ISO 3166-1 alpha-2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// A country by its two letters, in either case; `None` for anything else.
    #[must_use]
    pub fn new(letters: &str) -> Option<Self> {
        let &[first, second] = letters.as_bytes() else {
            return None;
        };
        (first.is_ascii_alphabetic() && second.is_ascii_alphabetic()).then_some(Self([
            first.to_ascii_uppercase(),
            second.to_ascii_uppercase(),
        ]))
    }

    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A range of addresses that its owner publishes a purpose for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Range {
    /// Where iCloud Private Relay and Apple Mail's preloading come out.
    AppleRelay,
    /// Where Exchange Online receives, scans and sends mail.
    ExchangeOnline,
    /// Of a company that rents servers out, going by its registered name.
    Rented,
}

/// The network of a public address, as the server looked it up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// The number of the autonomous system; `None` when it is none of those that the server's
    /// tables hold. The tables always hold every number that [`Role::of_asn`] names.
    pub asn: Option<u32>,
    /// A range with a published purpose.
    pub range: Option<Range>,
    /// The country in which the address is registered.
    pub country: Option<Country>,
}

impl Network {
    /// What the network is there for.
    #[must_use]
    pub fn role(&self) -> Role {
        match self.range {
            Some(Range::AppleRelay) => Role::AppleRelay,
            Some(Range::ExchangeOnline) => Role::Gateway("Microsoft 365"),
            range => match self.asn.map_or(Role::Other, Role::of_asn) {
                Role::Other if range == Some(Range::Rented) => Role::Hosting,
                role => role,
            },
        }
    }
}

/// What a network is there for, as far as a verdict hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Google's own servers, Gmail's proxy among them; not its rented ones.
    Google,
    /// Yahoo's and AOL's servers.
    Yahoo,
    /// Fastmail's servers.
    Fastmail,
    /// An address from Apple's list of relay addresses.
    AppleRelay,
    /// A company that runs relay addresses for Apple, and much else.
    RelayOperator,
    /// Microsoft: Office, Azure and Defender in one.
    Microsoft,
    /// A mail security gateway, by name.
    Gateway(&'static str),
    /// A security company that also carries people.
    Security,
    /// A web gateway: whole companies browse through it.
    WebGateway,
    /// Proton: its mail loads images ahead of any view, and people browse through its VPN.
    Proton,
    /// Rented servers.
    Hosting,
    /// Everything else.
    Other,
}

impl Role {
    /// What the autonomous system with this number is there for.
    #[must_use]
    pub fn of_asn(asn: u32) -> Self {
        let mut slot = slot(asn);
        while let (number, row) = BY_NUMBER[slot]
            && number != NO_ASN
        {
            if number == asn {
                return ROLES[row as usize].0;
            }
            slot = (slot + 1) % SLOTS;
        }
        Self::Other
    }

    /// Whether nobody sits there: servers are there, and no people but those behind a VPN. The one
    /// place that says so, for all rules.
    #[must_use]
    pub const fn is_unattended(self) -> bool {
        matches!(
            self,
            Self::Hosting | Self::Google | Self::Yahoo | Self::Fastmail | Self::Gateway(_)
        )
    }

    /// Whether an address of it tells where the reader is.
    #[must_use]
    pub const fn tells_place(self) -> bool {
        matches!(self, Self::Other)
    }
}

/// Which autonomous systems the rules name.
///
/// Numbers and owners: the registered names in the `RouteViews` and DB-IP table (npm package
/// `@ip-location-db/asn`). That Proofpoint, Mimecast, Barracuda, `IronPort`, Trend Micro and
/// Fortinet fetch from their own networks: <https://github.com/postalsys/emailengine>
/// (`lib/utils/network.js`). The other gateways are in the list for what their owners sell. That
/// people browse through Zscaler, and so through its like: <https://www.zscaler.com/>. That Proton
/// loads images in advance, by a proxy without a published name:
/// <https://proton.me/support/email-tracker-protection>.
/// Rented servers are those of companies that sell little else; three that carry mostly VPNs (M247,
/// Datacamp, Clouvider) are left out, as people read email behind them.
/// Relay operators: <https://developer.apple.com/icloud/prepare-your-network-for-icloud-private-relay>.
pub const ROLES: &[(Role, &[u32])] = &[
    (Role::Google, &[15169]),
    (
        Role::Yahoo,
        &[
            10310, 36647, 26101, 34010, 7280, 36646, 10880, 14780, 14776, 14196, 5779, 393_245,
            14779, 36088, 14777, 16515, 14778, 36752, 36229, 203_070, 203_219, 203_220, 43428,
            42173, 15635, 7233, 24506, 39995, 6992, 45863, 23879, 23926, 10229, 38072, 45915,
            45501, 24236, 56173, 10230, 24376, 38032, 18293, 23880, 28122, 265_584,
        ],
    ),
    (Role::Fastmail, &[151_847]),
    (Role::RelayOperator, &[36183, 13335, 54113]),
    (
        Role::Microsoft,
        &[8075, 8068, 8069, 8070, 8071, 3598, 12076, 200_517, 35106],
    ),
    (Role::Gateway("Proofpoint"), &[26211, 22843, 52129, 13916]),
    (
        Role::Gateway("Mimecast"),
        &[
            30031, 33538, 397_726, 208_638, 39588, 42427, 60492, 136_792, 37235,
        ],
    ),
    (Role::Gateway("Barracuda"), &[15324]),
    (
        Role::Gateway("Cisco IronPort"),
        &[16417, 30238, 30215, 40427],
    ),
    (Role::Gateway("Trend Micro"), &[16880, 132_229]),
    (Role::Gateway("Fortinet"), &[40934, 53928, 200_589]),
    (Role::Gateway("Sophos"), &[399_342, 58976]),
    (Role::Gateway("Hornetsecurity"), &[401_943]),
    (Role::Gateway("Zix"), &[13380, 59519, 53780]),
    (Role::Gateway("Symantec"), &[7583]),
    (Role::Gateway("Trellix"), &[46484, 17330]),
    (Role::Gateway("Trustwave"), &[33151]),
    (Role::Gateway("Retarus"), &[48328]),
    (Role::Gateway("N-able"), &[43054]),
    (Role::Gateway("Abnormal"), &[20317]),
    (Role::Gateway("Cyren"), &[59657, 61234, 12441]),
    (Role::Gateway("IKARUS"), &[199_217]),
    (Role::Gateway("Netcraft"), &[24565, 212_329, 210_111]),
    (Role::Gateway("Censys"), &[398_324, 398_705, 398_722]),
    (Role::Gateway("Qualys"), &[27385]),
    (Role::Gateway("Rapid7"), &[395_213]),
    (
        Role::Security,
        &[
            13448, 43251, 44444, 42465, 7598, 396_421, 54538, 64280, 2763, 398_391, 400_883,
            153_913, 25046, 31997, 40344, 32106, 30343, 213_176, 7754, 17370, 14600, 209_030,
            200_107, 41983, 44418, 43839, 50881, 64198, 202_003, 198_605, 198_621, 203_507,
            206_970, 49238, 59446, 19891, 50335, 22992, 132_711, 23472, 30021, 46501, 36692, 25605,
        ],
    ),
    (
        Role::WebGateway,
        &[
            22616, 62044, 53813, 53444, 62907, 55256, 137_922, 202_276, 396_253, 62654,
        ],
    ),
    (Role::Proton, &[62371, 208_172, 199_218, 209_103]),
    (
        Role::Hosting,
        &[
            16509, 14618, 8987, 7224, 396_982, 14061, 393_406, 46652, 16276, 35540, 24940, 212_317,
            213_230, 63949, 48337, 31898, 45102, 37963, 132_203, 45090, 51167, 40021, 141_995,
            20473, 12876, 29447, 200_350, 60781, 28753, 30633, 396_362, 395_954, 396_190, 7203,
            27411, 205_544, 59253, 8560, 47583, 26496, 22612, 36351, 19994, 27357, 33070, 8100,
            36352, 40676, 53667, 197_540, 202_053, 36007, 26347, 40509, 54825, 7684, 9370, 9371,
            7506, 131_965, 136_907, 55990, 135_377, 49505, 9123, 197_695, 198_610, 199_524,
            210_644, 31034, 6724, 21859, 49981, 7979, 19318, 55286, 29802, 61317, 46844, 35916,
            32097, 23470, 13213, 20860, 51852, 50673, 30058, 46475, 11878, 14576, 42708, 16265,
            23576, 27176, 200_019,
        ],
    ),
];

/// No system has this number (RFC 7607).
const NO_ASN: u32 = 0;
/// Twice as many as there are numbers, so that few are looked at.
const SLOTS: usize = 1024;

const fn slot(asn: u32) -> usize {
    (asn.wrapping_mul(0x9e37_79b1) >> 22) as usize
}

/// All numbers of [`ROLES`], each with its row, at its slot or at the next free one. Built at compile
/// time.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the number of rows is checked first"
)]
static BY_NUMBER: [(u32, u8); SLOTS] = {
    assert!(
        ROLES.len() <= u8::MAX as usize,
        "a row's number is kept in 8 bits"
    );
    let mut slots = [(NO_ASN, 0); SLOTS];
    let (mut row, mut filled) = (0, 0);
    while row < ROLES.len() {
        let numbers = ROLES[row].1;
        let mut at = 0;
        while at < numbers.len() {
            let mut free = slot(numbers[at]);
            while slots[free].0 != NO_ASN {
                free = (free + 1) % SLOTS;
            }
            slots[free] = (numbers[at], row as u8);
            (at, filled) = (at + 1, filled + 1);
        }
        row += 1;
    }
    assert!(
        filled * 4 < SLOTS * 3,
        "there are too many numbers for the slots"
    );
    slots
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_network_has_two_roles() {
        let mut seen = HashSet::new();
        for (role, numbers) in ROLES {
            for &asn in *numbers {
                assert!(seen.insert(asn), "AS{asn} is named twice");
                assert_eq!(Role::of_asn(asn), *role, "AS{asn}");
            }
        }
        for asn in (0..100_000).filter(|asn| !seen.contains(asn)) {
            assert_eq!(Role::of_asn(asn), Role::Other, "AS{asn}");
        }
    }

    #[test]
    fn countries_are_two_letters() {
        assert_eq!(Country::new("jp").as_ref().map(Country::as_str), Some("JP"));
        for wrong in ["", "J", "JPN", "é", "1A"] {
            assert_eq!(Country::new(wrong), None, "{wrong}");
        }
    }
}

//! Where things stand in Gmail's arrays, which have no field names. Each place is that of the form
//! in use since 2022, seen in recorded requests and answers.

/// In a request: the list of its operations.
pub(super) const OPERATIONS: [usize; 2] = [1, 0];
/// In an answer: what it says, beside a head about the exchange itself.
pub(super) const ANSWER: usize = 1;
/// In what an answer says: the list of conversations as the server now has them.
pub(super) const THREADS: usize = 5;

/// Places in an operation.
pub(super) mod operation {
    /// The sync id of the conversation that it is about.
    pub(crate) const THREAD: [usize; 2] = [1, 0];
    /// What is to be done, by kind; the places below are places in this list.
    pub(crate) const ACTIONS: [usize; 2] = [1, 1];
    /// The message of a reply that is saved for the first time, or sent without having been saved.
    pub(crate) const REPLY: [usize; 2] = [1, 0];
    /// The list of messages of a conversation that is new.
    pub(crate) const CONVERSATION: [usize; 3] = [2, 0, 4];
    /// The message of a saved draft that is saved again or sent.
    pub(crate) const UPDATE: [usize; 2] = [13, 0];
}

/// Places in a conversation of an answer.
pub(super) mod thread {
    /// Its sync id.
    pub(crate) const ID: [usize; 2] = [0, 0];
    /// What the server has of it; the places below are places in this list.
    pub(crate) const STORED: [usize; 4] = [0, 2, 6, 0];
    /// Its messages.
    pub(crate) const MESSAGES: usize = 4;
    /// Its legacy id, by which Gmail's page opens it.
    pub(crate) const LEGACY_ID: usize = 19;
}

/// Places in a message, the same in requests and answers.
pub(super) mod message {
    /// Its sync id.
    pub(crate) const ID: usize = 0;
    /// Who sends it.
    pub(crate) const FROM: usize = 1;
    /// Whom it goes to.
    pub(crate) const TO: usize = 2;
    /// Who gets a copy.
    pub(crate) const CC: usize = 3;
    /// Who gets a copy that the others do not see.
    pub(crate) const BCC: usize = 4;
    /// When it was written, or is to leave: milliseconds since the Unix epoch.
    pub(crate) const DATE: usize = 6;
    /// Its subject.
    pub(crate) const SUBJECT: usize = 7;
    /// Its text and what is said about that; in requests only.
    pub(crate) const CONTENT: usize = 8;
    /// Its labels, which say whether it is a draft, leaves now or at a later time.
    pub(crate) const LABELS: usize = 10;
    /// Its `Message-ID` header; in answers only.
    pub(crate) const RFC_ID: usize = 13;
    /// Its legacy id; in answers only.
    pub(crate) const LEGACY_ID: usize = 55;
}

/// Places in a message's content.
pub(super) mod content {
    /// The list of its parts.
    pub(crate) const PARTS: usize = 1;
    /// 1 where the parts are HTML.
    pub(crate) const IS_RICH: usize = 6;
}

/// Places in a part of a message's text.
pub(super) mod part {
    /// Whether it was typed or quoted.
    pub(crate) const CODE: usize = 0;
    /// The text.
    pub(crate) const HTML: usize = 1;
    /// How many fields a part has.
    pub(crate) const LEN: usize = 2;
}

/// Places in a person.
pub(super) mod person {
    /// The email address.
    pub(crate) const ADDRESS: usize = 1;
    /// The name shown beside it.
    pub(crate) const NAME: usize = 2;
}

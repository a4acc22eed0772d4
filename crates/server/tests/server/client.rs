//! A plain HTTP/1.1 client that shows every byte of an answer, and an account that uses it.

use crate::process::data_dir;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kaifu_core::id::{AccountId, AccountKey, MessageId, ServerKey};
use kaifu_core::time::{Day, Millis};
use kaifu_core::token::{RECORDED_DAYS, Subject, Token, TokenKind};
use kaifu_protocol::api::{ErrorBody, Event, EventsPage, NewAccount};
use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The day on which the test runs.
pub(crate) fn today() -> Day {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Day::of(Millis(i64::try_from(now.as_millis()).unwrap()))
}

/// Longer than anything takes; a test that waits for this long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Client<S = TcpStream> {
    stream: BufReader<S>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and header lines as they came.
    pub(crate) head: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self::over(stream))
    }

    /// Says that nothing more will be asked.
    pub(crate) fn close_sending(&self) -> io::Result<()> {
        self.stream.get_ref().shutdown(Shutdown::Write)
    }
}

impl<S: io::Read + io::Write> Client<S> {
    pub(crate) fn over(stream: S) -> Self {
        Self {
            stream: BufReader::new(stream),
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    pub(crate) fn send(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<()> {
        let mut request = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\n");
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        if !body.is_empty() {
            write!(request, "content-length: {}\r\n", body.len()).unwrap();
        }
        if method == "POST" && !headers.iter().any(|(name, _)| *name == "content-type") {
            request.push_str("content-type: application/json\r\n");
        }
        self.write(format!("{request}\r\n{body}").as_bytes())
    }

    /// Reads one answer; `bodiless` for the answer to a `HEAD`.
    pub(crate) fn receive(&mut self, bodiless: bool) -> io::Result<Answer> {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match line.trim_end() {
                "" => break,
                line => head.push(line.to_owned()),
            }
        }
        let status = head[0]
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap();
        let mut answer = Answer {
            status,
            head,
            body: Vec::new(),
        };
        if !bodiless && let Some(length) = answer.header("content-length") {
            answer.body = vec![0; length.parse().unwrap()];
            self.stream.read_exact(&mut answer.body)?;
        }
        Ok(answer)
    }

    /// Reads until the server closes the connection.
    pub(crate) fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.stream.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.iter().skip(1).find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// Everything but the date.
    pub(crate) fn apart_from_date(&self) -> (Vec<&str>, &[u8]) {
        let lines = self.head.iter().map(String::as_str);
        (
            lines.filter(|line| !line.starts_with("date: ")).collect(),
            &self.body,
        )
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn error_code(&self) -> String {
        serde_json::from_slice::<ErrorBody>(&self.body)
            .unwrap()
            .error
            .code
    }

    pub(crate) fn page(&self) -> EventsPage {
        assert_eq!(self.status, 200, "{self:?}");
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Sends one request on a connection of its own.
pub(crate) fn ask(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut client = Client::connect(address).unwrap();
    client.send(method, target, headers, body).unwrap();
    client.receive(method == "HEAD").unwrap()
}

/// An installation of the extension, as far as the server sees it.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) key: AccountKey,
    pub(crate) bearer: String,
}

impl From<NewAccount> for Account {
    fn from(account: NewAccount) -> Self {
        Self {
            id: account.account.parse().unwrap(),
            key: account.key.parse().unwrap(),
            bearer: format!("Bearer {}", account.api_token),
        }
    }
}

impl Account {
    pub(crate) fn create(address: SocketAddr) -> Self {
        let answer = ask(address, "POST", "/v1/accounts", &[], "{}");
        assert_eq!(answer.status, 201, "{answer:?}");
        serde_json::from_slice::<NewAccount>(&answer.body)
            .unwrap()
            .into()
    }

    /// The path of the image of message number `message`.
    pub(crate) fn pixel(&self, message: u64) -> String {
        format!("/p/{}.gif", self.token(TokenKind::Image, message, b""))
    }

    /// The path of a link to `target` in message number `message`; `u` holds it as it stands.
    pub(crate) fn link(&self, message: u64, target: &str) -> String {
        let token = self.token(TokenKind::Link, message, target.as_bytes());
        let encoded: String = target.bytes().fold(String::new(), |mut encoded, byte| {
            write!(encoded, "%{byte:02X}").unwrap();
            encoded
        });
        format!("/l/{token}?u={encoded}")
    }

    /// The path of the recipient's page for message number `message`.
    pub(crate) fn receipt(&self, message: u64) -> String {
        format!("/r/{}", self.token(TokenKind::ImagePage, message, b""))
    }

    /// A token that is minted today.
    pub(crate) fn token(&self, kind: TokenKind, message: u64, extra: &[u8]) -> Token {
        self.token_until(today().plus(RECORDED_DAYS), kind, message, extra)
    }

    /// A token with another last day.
    pub(crate) fn token_until(
        &self,
        until: Day,
        kind: TokenKind,
        message: u64,
        extra: &[u8],
    ) -> Token {
        let subject = Subject {
            kind,
            account: self.id,
            message: MessageId(message.to_be_bytes()),
            until,
        };
        Token::mint(subject, &self.key, extra)
    }

    pub(crate) fn authorization(&self) -> [(&str, &str); 1] {
        [("authorization", self.bearer.as_str())]
    }

    pub(crate) fn get(&self, address: SocketAddr, target: &str) -> Answer {
        ask(address, "GET", target, &self.authorization(), "")
    }

    /// All events, read page by page.
    pub(crate) fn events(&self, address: SocketAddr) -> Vec<Event> {
        self.events_after(address, 0)
    }

    /// All events after a cursor, read page by page.
    pub(crate) fn events_after(&self, address: SocketAddr, mut after: u64) -> Vec<Event> {
        let mut opens = Vec::new();
        loop {
            let page = self
                .get(address, &format!("/v1/events?after={after}&limit=1000"))
                .page();
            if page.events.is_empty() {
                return opens;
            }
            after = page.cursor;
            opens.extend(page.events);
        }
    }
}

/// What a page's forms carry.
pub(crate) fn nonce(page: &Answer) -> String {
    let text = page.text();
    let rest = text.split_once("name=\"nonce\" value=\"");
    let nonce = rest.and_then(|(_, rest)| rest.split_once('"'));
    nonce.map(|(nonce, _)| nonce.to_owned()).unwrap_or_default()
}

/// Presses the button at `path` as a person does who has had its page open for a minute.
pub(crate) fn press_button(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Answer {
    ask(address, "POST", path, headers, &form(address, path))
}

/// What the form with the button at `path` sends that the server at `address` made a minute ago.
pub(crate) fn form(address: SocketAddr, path: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let made = now.as_millis() - 60_000;
    let token = path.split('/').nth(2).unwrap();
    let file = data_dir(address).join("server.key");
    let text = std::fs::read_to_string(file).unwrap();
    let mut key = ServerKey([0; 32]);
    let line = text.lines().next().unwrap();
    URL_SAFE_NO_PAD.decode_slice(line, &mut key.0).unwrap();
    let proof = key.prove("kaifu/page/v1", &format!("{token}.{made}"));
    format!("nonce={made}.{proof}")
}

/// The number of the message that an event is about.
pub(crate) fn message_of(open: &Event) -> u64 {
    u64::from_be_bytes(open.message.parse::<MessageId>().unwrap().0)
}

/// How many long polls of one account may wait.
pub(crate) const PARKED: usize = 8;

/// Starts long polls of `account` after `after` that are sure to wait, and gives their answers as they come.
///
/// It starts one more than may wait, so one is refused: then all others have taken their places.
pub(crate) fn park(address: SocketAddr, account: &Account, after: u64) -> mpsc::Receiver<Answer> {
    let (sender, answers) = mpsc::channel();
    for _ in 0..=PARKED {
        let (sender, account) = (sender.clone(), account.clone());
        std::thread::spawn(move || {
            let mut client = Client::connect(address).unwrap();
            client
                .stream
                .get_ref()
                .set_read_timeout(Some(2 * PATIENCE))
                .unwrap();
            let target = format!("/v1/events?wait=55&after={after}");
            client
                .send("GET", &target, &account.authorization(), "")
                .unwrap();
            let _ = sender.send(client.receive(false).unwrap());
        });
    }
    let refused = answers.recv_timeout(PATIENCE).unwrap();
    assert_eq!(refused.error_code(), "too_many_polls");
    answers
}

/// Loads the images of `messages`, one after the other on one connection.
pub(crate) fn load(
    address: SocketAddr,
    account: &Account,
    messages: impl IntoIterator<Item = u64>,
) {
    let mut client = Client::connect(address).unwrap();
    for message in messages {
        client
            .send("GET", &account.pixel(message), &[], "")
            .unwrap();
        assert_eq!(client.receive(false).unwrap().status, 200);
    }
}

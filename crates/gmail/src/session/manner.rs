//! How single emails are tracked and what they are given, by what the worker told.

use super::Session;
use kaifu_core::id::MessageId;
use kaifu_core::mail::consent::Standing;
use kaifu_core::mail::insertion::Insertion;
use kaifu_core::mail::line::Lines;
use kaifu_core::mail::manner::Manner;
use kaifu_core::mail::mode::Mode;
use kaifu_core::mail::pixel::Pixels;
use kaifu_core::time::Millis;
use kaifu_core::token::last_day;
use kaifu_protocol::content::Recipient;
use kaifu_protocol::panel::Told;

impl Session {
    /// How an email is tracked when its switch is on and nothing else was chosen for it.
    pub(crate) fn mode(&self) -> Mode {
        self.mode.get()
    }

    /// How an email is tracked when nothing was chosen for it, if it is.
    pub(crate) fn manner_by_default(
        &self,
        recipients: &dyn Fn() -> Vec<Recipient>,
    ) -> Option<Manner> {
        let is_tracked = self.track_by_default.get() || self.is_wished(recipients);
        is_tracked.then(|| self.mode().into())
    }

    /// Whether the user always tracks emails to the only one of `recipients`.
    pub(crate) fn is_wished(&self, recipients: &dyn Fn() -> Vec<Recipient>) -> bool {
        let people = self.people.borrow();
        // They are asked for only where it hangs on them.
        !people.0.is_empty()
            && match &recipients()[..] {
                [only] => people.is(Standing::Always, &only.address),
                _ => false,
            }
    }

    /// How an email to `recipients` may be tracked that is to be tracked as `how` says. They are asked for
    /// only where it hangs on them.
    ///
    /// # Errors
    ///
    /// How one of them stands to it where it may not be tracked at all: they declined, or are never to be.
    pub(crate) fn allowed(
        &self,
        how: Manner,
        recipients: &dyn Fn() -> Vec<Recipient>,
    ) -> Result<Manner, Standing> {
        let (people, strict) = (self.people.borrow(), self.strict.get());
        if people.0.is_empty() && !strict {
            return Ok(how);
        }
        let recipients = recipients();
        let addresses: Vec<&str> = recipients.iter().map(|it| &*it.address).collect();
        for address in &addresses {
            for standing in [Standing::Declined, Standing::Never] {
                if people.is(standing, address) {
                    return Err(standing);
                }
            }
        }
        Ok(Manner {
            mode: if strict {
                people.strictly(how.mode, &addresses)
            } else {
                how.mode
            },
            ..how
        })
    }

    /// What the email `html` is given, that is `message` and is to be delivered at `delivery`.
    pub(crate) fn insertion(
        &self,
        pixels: &Pixels,
        (message, how): (MessageId, Manner),
        delivery: Millis,
        html: &str,
    ) -> Insertion {
        let (lines, seal_key) = (self.lines.borrow(), self.seal_key.borrow());
        let has_line = how.mode != Mode::Image || self.strict.get();
        let has_line = has_line || how.line.unwrap_or(self.tells.get());
        let spoken = Lines::of(html, how.language, &lines).filter(|_| has_line);
        let sentence = spoken.and_then(|lines| lines.sentence(how.mode));
        let seal_key = seal_key.as_ref();
        let until = last_day(delivery, self.track_days.get());
        Insertion::new(pixels, seal_key, message, until, how.mode, sentence)
    }

    /// What is told to the panel of the email `html` to `recipients`, which is to be tracked as `how` says if
    /// the `obstacle` lets it: a text's key.
    pub(crate) fn tell_panel(
        &self,
        how: Option<Manner>,
        obstacle: &str,
        html: &str,
        recipients: &[Recipient],
    ) -> String {
        let (lines, people, strict) =
            (self.lines.borrow(), self.people.borrow(), self.strict.get());
        let addresses: Vec<&str> = recipients.iter().map(|it| &*it.address).collect();
        let address = if let [only] = addresses[..] { only } else { "" };
        let is = |wish| people.is(wish, address);
        let told = Told {
            is_strict: strict,
            is_agreed: people.strictly(Mode::Image, &addresses).has_image(),
            tells: self.tells.get(),
            language: Lines::of(html, None, &lines).map_or("", Lines::name),
            address,
            wishes: [
                is(Standing::Never),
                is(Standing::Always),
                is(Standing::Alone),
            ],
            is_asking: strict && people.askable(&addresses).is_some(),
            lines: &lines,
            how,
            obstacle,
        };
        told.write()
    }
}

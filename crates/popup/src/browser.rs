//! Texts from the extension's locales and times from the browser's `Intl`.

use crate::words::{Words, language};
use js_sys::Intl::{
    DateTimeFormat, DateTimeFormatOptions, DateTimeStyle, DisplayNames, DisplayNamesOptions,
    DisplayNamesType, NumberFormat, NumberFormatOptions, NumberFormatStyle, RelativeTimeFormat,
    RelativeTimeFormatNumeric, RelativeTimeFormatOptions, UnitDisplay,
};
use js_sys::{Array, Date, Function, JsString};
use kaifu_chrome::i18n;
use kaifu_core::fetch::Country;
use kaifu_core::time::Millis;
use std::cell::RefCell;
use std::collections::BTreeMap;
use wasm_bindgen::JsValue;

/// The farthest from the epoch that a JavaScript date can be.
const FARTHEST: i64 = 8_640_000_000_000_000;

/// The words of the browser's own language.
pub(crate) struct Browser {
    exact: Function,
    day: Function,
    clock: Function,
    day_and_clock: Function,
    distance: RelativeTimeFormat,
    locales: Array,
    /// How amounts of a unit are written, by the unit: making such a format is slow.
    amounts: RefCell<BTreeMap<&'static str, Function>>,
    /// The language tag of texts and times.
    pub(crate) language: String,
}

impl Browser {
    pub(crate) fn new() -> Self {
        let language = language(&i18n::text("locale_language"), &i18n::language());
        let locales = Array::of1(&JsValue::from_str(&language));
        let format = |day: Option<DateTimeStyle>, clock: Option<DateTimeStyle>| {
            let options = DateTimeFormatOptions::new();
            if let Some(style) = day {
                options.set_date_style(style);
            }
            if let Some(style) = clock {
                options.set_time_style(style);
            }
            DateTimeFormat::new(&locales, &options).format()
        };
        let options = RelativeTimeFormatOptions::new();
        options.set_numeric(RelativeTimeFormatNumeric::Auto);
        Self {
            exact: format(Some(DateTimeStyle::Medium), Some(DateTimeStyle::Medium)),
            day: format(Some(DateTimeStyle::Medium), None),
            clock: format(None, Some(DateTimeStyle::Short)),
            day_and_clock: format(Some(DateTimeStyle::Medium), Some(DateTimeStyle::Short)),
            distance: RelativeTimeFormat::new(&locales, &options),
            locales,
            amounts: RefCell::default(),
            language,
        }
    }
}

impl Words for Browser {
    fn text(&self, key: &str) -> String {
        i18n::text(key)
    }

    fn with(&self, key: &str, values: &[&str]) -> String {
        i18n::text_with(key, values)
    }

    fn iso(&self, at: Millis) -> String {
        date(at).to_iso_string().into()
    }

    fn exact(&self, at: Millis) -> String {
        formatted(&self.exact, at)
    }

    fn clock(&self, at: Millis, now: Millis) -> String {
        if formatted(&self.day, at) == formatted(&self.day, now) {
            formatted(&self.clock, at)
        } else {
            formatted(&self.day_and_clock, at)
        }
    }

    fn distance(&self, amount: i32, unit: &'static str) -> String {
        self.distance.format(f64::from(amount), unit).into()
    }

    fn country(&self, country: Country) -> String {
        let options = DisplayNamesOptions::new();
        options.set_type(DisplayNamesType::Region);
        DisplayNames::new(&self.locales, &options)
            .of(country.as_str())
            .map_or_else(|| country.as_str().to_owned(), String::from)
    }

    fn amount(&self, amount: i32, unit: &'static str) -> String {
        let mut amounts = self.amounts.borrow_mut();
        let format = amounts.entry(unit).or_insert_with(|| {
            let options = NumberFormatOptions::new();
            options.set_style(NumberFormatStyle::Unit);
            options.set_unit(unit);
            options.set_unit_display(UnitDisplay::Long);
            NumberFormat::new(&self.locales, &options).format()
        });
        called(format, &JsValue::from(amount))
    }

    fn lower_case(&self, text: &str) -> String {
        JsString::from(text).to_lower_case().into()
    }
}

fn date(at: Millis) -> Date {
    #[expect(
        clippy::cast_precision_loss,
        reason = "every whole number of this range is a double"
    )]
    let millis = at.0.clamp(-FARTHEST, FARTHEST) as f64;
    Date::new(&JsValue::from_f64(millis))
}

fn formatted(format: &Function, at: Millis) -> String {
    called(format, &date(at))
}

fn called(format: &Function, value: &JsValue) -> String {
    format
        .call1(&JsValue::UNDEFINED, value)
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

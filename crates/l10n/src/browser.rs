//! Texts from the extension's locales, and times and amounts from the browser's `Intl`.

use crate::language;
use crate::words::Words;
use js_sys::Intl::{
    DateTimeFormat, DateTimeFormatOptions, DateTimeStyle, DayFormat, DisplayNames,
    DisplayNamesOptions, DisplayNamesType, ListFormat, ListFormatOptions, ListFormatStyle,
    MonthFormat, NumberFormat, NumberFormatOptions, NumberFormatStyle, RelativeTimeFormat,
    RelativeTimeFormatNumeric, RelativeTimeFormatOptions, UnitDisplay, WeekdayFormat, YearFormat,
};
use js_sys::{Array, Date, Function, JsString};
use kaifu_chrome::{clock, i18n};
use kaifu_core::fetch::Country;
use kaifu_core::time::{DAY, Millis};
use std::cell::{OnceCell, RefCell};
use wasm_bindgen::JsValue;

/// The farthest from the epoch that a JavaScript date can be.
const FARTHEST: i64 = 8_640_000_000_000_000;

/// The words of the browser's own language. What Intl makes is slow to make, so each of it is made
/// when it is first needed, and kept.
#[derive(Debug)]
pub struct Browser {
    language: String,
    exact: OnceCell<Function>,
    distance: OnceCell<RelativeTimeFormat>,
    list: OnceCell<ListFormat>,
    /// How amounts of a unit are written, by the unit.
    amounts: RefCell<Vec<(&'static str, Function)>>,
    /// The texts that were asked for, by their keys: asking the browser costs more than all the
    /// rest of a mark.
    texts: RefCell<Vec<(String, String)>>,
}

impl Default for Browser {
    fn default() -> Self {
        Self::new()
    }
}

impl Browser {
    /// The words of the language that the browser has chosen among the extension's locales.
    #[must_use]
    pub fn new() -> Self {
        let language = language::tag(&i18n::text("locale_language"), &i18n::language());
        Self {
            language,
            exact: OnceCell::new(),
            distance: OnceCell::new(),
            list: OnceCell::new(),
            amounts: RefCell::default(),
            texts: RefCell::default(),
        }
    }

    /// The language tag of times and amounts.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.language
    }

    fn locales(&self) -> Array {
        Array::of1(&JsValue::from_str(&self.language))
    }

    /// `at` to the minute. A Gmail tab and the worker write such times, and seldom: this way needs the
    /// least code.
    fn to_the_minute(&self, at: Millis, day: Option<DateTimeStyle>) -> String {
        let options = DateTimeFormatOptions::new();
        if let Some(style) = day {
            options.set_date_style(style);
        }
        options.set_time_style(DateTimeStyle::Short);
        let text = date(at).to_locale_string(&self.language, &options);
        text.into()
    }
}

impl Words for Browser {
    fn text(&self, key: &str) -> String {
        let known = self.texts.borrow().iter().find_map(|(of, text)| {
            let found = of == key;
            found.then(|| text.clone())
        });
        known.unwrap_or_else(|| {
            let asked = i18n::text(key);
            let entry = (key.to_owned(), asked.clone());
            self.texts.borrow_mut().push(entry);
            asked
        })
    }

    fn with(&self, key: &str, values: &[&str]) -> String {
        i18n::text_with(key, values)
    }

    fn iso(&self, at: Millis) -> String {
        date(at).to_iso_string().into()
    }

    fn exact(&self, at: Millis) -> String {
        let format = self.exact.get_or_init(|| {
            let options = DateTimeFormatOptions::new();
            options.set_date_style(DateTimeStyle::Medium);
            options.set_time_style(DateTimeStyle::Medium);
            DateTimeFormat::new(&self.locales(), &options).format()
        });
        called(format, &date(at))
    }

    fn moment(&self, at: Millis) -> String {
        self.to_the_minute(at, Some(DateTimeStyle::Medium))
    }

    fn clock(&self, at: Millis, now: Millis) -> String {
        let is_today = date(at).to_date_string() == date(now).to_date_string();
        self.to_the_minute(at, (!is_today).then_some(DateTimeStyle::Medium))
    }

    fn local_day(&self, at: Millis) -> i64 {
        at.plus(clock::zone(at)).day()
    }

    fn weekday(&self, place: usize) -> String {
        /// The first Monday of 1970.
        const MONDAY: usize = 4;
        let place = i64::try_from(MONDAY + place % 7).unwrap_or_default();
        let options = DateTimeFormatOptions::new();
        options.set_weekday(WeekdayFormat::Short);
        options.set_time_zone("UTC");
        date(Millis(place * DAY))
            .to_locale_date_string(&self.language, &options)
            .into()
    }

    fn date(&self, at: Millis) -> String {
        let options = DateTimeFormatOptions::new();
        options.set_day(DayFormat::Numeric);
        options.set_month(MonthFormat::Short);
        date(at)
            .to_locale_date_string(&self.language, &options)
            .into()
    }

    fn month(&self, at: Millis) -> String {
        let options = DateTimeFormatOptions::new();
        options.set_month(MonthFormat::Long);
        options.set_year(YearFormat::Numeric);
        date(at)
            .to_locale_date_string(&self.language, &options)
            .into()
    }

    fn distance(&self, amount: i32, unit: &'static str) -> String {
        let format = self.distance.get_or_init(|| {
            let options = RelativeTimeFormatOptions::new();
            options.set_numeric(RelativeTimeFormatNumeric::Auto);
            RelativeTimeFormat::new(&self.locales(), &options)
        });
        format.format(f64::from(amount), unit).into()
    }

    fn amount(&self, amount: i32, unit: &'static str) -> String {
        let mut amounts = self.amounts.borrow_mut();
        let known = amounts.iter().position(|&(of, _)| of == unit);
        let place = known.unwrap_or_else(|| {
            let options = NumberFormatOptions::new();
            options.set_style(NumberFormatStyle::Unit);
            options.set_unit(unit);
            options.set_unit_display(UnitDisplay::Long);
            let format = NumberFormat::new(&self.locales(), &options).format();
            amounts.push((unit, format));
            amounts.len() - 1
        });
        let amount = called(&amounts[place].1, &JsValue::from(amount));
        language::joined(&self.language, amount)
    }

    fn country(&self, country: Country) -> String {
        let options = DisplayNamesOptions::new();
        options.set_type(DisplayNamesType::Region);
        DisplayNames::new(&self.locales(), &options)
            .of(country.as_str())
            .map_or_else(|| country.as_str().to_owned(), String::from)
    }

    fn list(&self, names: &[&str]) -> String {
        let format = self.list.get_or_init(|| {
            let options = ListFormatOptions::new();
            // "A, B, C": behind "To" a list takes no "and", where the language can do without.
            options.set_style(ListFormatStyle::Narrow);
            ListFormat::new(&self.locales(), &options)
        });
        let names: Array = names.iter().map(|&name| JsValue::from_str(name)).collect();
        format.format(&names).into()
    }

    fn lower_case(&self, text: &str) -> String {
        JsString::from(text).to_lower_case().into()
    }
}

fn date(at: Millis) -> Date {
    let at = Millis(at.0.clamp(-FARTHEST, FARTHEST));
    Date::new(&JsValue::from_f64(clock::to_js(at)))
}

fn called(format: &Function, value: &JsValue) -> String {
    format
        .call1(&JsValue::UNDEFINED, value)
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

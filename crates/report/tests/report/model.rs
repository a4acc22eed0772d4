//! What the page asks for, and what is selected.

use crate::sample::{model, some};
use kaifu_core::report::{Order, Which};
use kaifu_report::model::{Model, PAGE_LEN, Period};

#[test]
fn the_question_says_what_the_user_chose() {
    let mut model = Model::default();
    let question = model.asked.question();
    assert_eq!((question.days, question.which.as_str()), (Some(30), "all"));
    assert_eq!(
        (question.order.as_str(), question.limit),
        ("activity", PAGE_LEN)
    );
    model.ask(|asked| {
        asked.period = Period::All;
        asked.limit += PAGE_LEN;
        asked.list(Which::Hour(2, 9));
        asked.sort(Order::Opens);
    });
    let question = model.asked.question();
    assert_eq!((question.days, question.which.as_str()), (None, "hour:2:9"));
    assert_eq!(
        (question.order.as_str(), question.limit),
        ("opens", PAGE_LEN)
    );
    assert!(!question.reversed && model.asked.is_filtered());
}

#[test]
fn a_column_is_turned_around_when_it_is_pressed_again() {
    let mut model = Model::default();
    let mut press = |order| {
        model.ask(|asked| asked.sort(order));
        (model.asked.order, model.asked.reversed)
    };
    assert_eq!(press(Order::Activity), (Order::Activity, true));
    assert_eq!(press(Order::Activity), (Order::Activity, false));
    assert_eq!(press(Order::Activity), (Order::Activity, true));
    assert_eq!(press(Order::Sent), (Order::Sent, false));
}

#[test]
fn what_is_selected_stays_so_in_its_list_only() {
    let mut model = model(&some());
    model.select("message1");
    model.select("message2");
    model.select("message1");
    assert!(model.selected.iter().eq(["message2"]));
    model.ask(|asked| asked.sort(Order::Sent));
    model.ask(|asked| asked.limit += PAGE_LEN);
    assert_eq!(model.selected.len(), 1);
    model.ask(|asked| asked.list(Which::Opened));
    assert_eq!(model.selected.len(), 0);
}

#[test]
fn all_that_are_listed_are_selected_and_let_go_of_at_once() {
    let mut model = model(&some());
    model.select("message2");
    assert!(!model.has_all_selected());
    model.select_all();
    assert!(model.has_all_selected());
    assert_eq!(model.selected.len(), some().len());
    model.select_all();
    assert_eq!(model.selected.len(), 0);
    assert!(!self::model(&[]).has_all_selected());
}

#[test]
fn every_period_has_a_name() {
    for period in Period::ALL {
        assert_eq!(Period::named(period.name()), Some(period));
    }
    assert_eq!(Period::named("180"), None);
}

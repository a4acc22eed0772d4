//! The emails that numbers stand for.

use super::*;

fn samples() -> Vec<Facts> {
    let mut emails: Vec<Facts> = Standing::ALL
        .iter()
        .map(|standing| email(*standing, 4 * DAY))
        .collect();
    emails.push(opened(9 * DAY, &[HOUR / 2, 2 * DAY]));
    emails.push(opened(5 * DAY, &[5 * DAY]));
    emails[3].automated = 2;
    emails
}

#[test]
fn each_number_leads_to_as_many_emails() {
    let emails = samples();
    let zone = ahead(9);
    let found = |which: &Which| {
        let all = emails.iter().filter(|facts| which.has(facts, NOW, &zone));
        super::super::count(all.count())
    };
    let figures = figures(&emails, always());
    assert_eq!(found(&Which::All), super::super::count(emails.len()));
    assert_eq!(found(&Which::Tracked), figures.tracked());
    assert_eq!(found(&Which::Opened), figures.opened());
    assert_eq!(found(&Which::Quiet), figures.quiet);
    assert_eq!(found(&Which::NotCounted), 1);
    for standing in Standing::ALL {
        let which = Which::Standing(standing);
        assert_eq!(found(&which), figures.of(standing), "{standing:?}");
    }
    let left_out = Standing::ALL.iter().filter(|it| !it.is_tracked());
    let left_out: u32 = left_out.map(|it| figures.of(*it)).sum();
    assert_eq!(found(&Which::LeftOut), left_out);
    for (place, count) in first_opens(&emails).within.iter().enumerate() {
        assert_eq!(found(&Which::Within(place)), *count, "{place}");
    }
    for (weekday, row) in hours(&emails, &zone).0.iter().enumerate() {
        for (hour, count) in row.iter().enumerate() {
            assert_eq!(found(&Which::Hour(weekday, hour)), *count);
        }
    }
    for week in trend(&emails, &zone) {
        assert_eq!(found(&Which::Week(week.monday)), week.tracked);
    }
    for person in people(&emails) {
        assert_eq!(found(&Which::Person(person.key)), person.emails);
    }
    for domain in domains(&emails) {
        assert_eq!(found(&Which::Domain(domain.key)), domain.emails);
    }
}

#[test]
fn every_code_leads_back() {
    let mut all = vec![
        Which::All,
        Which::Tracked,
        Which::Opened,
        Which::LeftOut,
        Which::NotCounted,
        Which::Quiet,
        Which::Within(WITHIN.len()),
        Which::Hour(6, 23),
        Which::Week(-4),
        Which::Person("a:b@example.com".to_owned()),
        Which::Domain("example.com".to_owned()),
    ];
    all.extend(Standing::ALL.map(Which::Standing));
    for which in all {
        assert_eq!(Which::from_code(&which.code()), Some(which));
    }
    for code in [
        "",
        "hours",
        "hour:7:0",
        "hour:0:24",
        "hour:1",
        "within:5",
        "week:x",
    ] {
        assert_eq!(Which::from_code(code), None, "{code}");
    }
    for order in Order::ALL {
        assert_eq!(Order::from_code(order.code()), Some(order));
    }
    assert_eq!(Order::from_code("best"), None);
}

#[test]
fn a_list_has_the_newest_the_most_or_the_surest_first() {
    let mut emails = [
        email(Standing::Unseen, DAY),
        opened(3 * DAY, &[HOUR, DAY]),
        email(Standing::Confirmed, 9 * DAY),
    ];
    emails[2].last_at = Some(NOW);
    for (order, expected) in [
        (Order::Activity, [2, 0, 1]),
        (Order::Sent, [0, 1, 2]),
        (Order::Opens, [1, 2, 0]),
        (Order::Standing, [2, 1, 0]),
    ] {
        let mut places = [0, 1, 2];
        places.sort_by_key(|place| order.rank(&emails[*place]));
        assert_eq!(places, expected, "{order:?}");
    }
}

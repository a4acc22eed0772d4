// An event that finds no listener in the first turn is lost.
import init, * as worker from "./wasm/kaifu_background.js";

// Storage is closed first to content scripts, in Gmail's process
const close = (area) => area.setAccessLevel?.({ accessLevel: "TRUSTED_CONTEXTS" });
const ready = Promise.all(Object.values(chrome.storage).map(close)).then(() => init());

chrome.runtime.onMessage.addListener((message, sender, reply) => {
  ready.then(() => worker.on_message(message, sender)).then(reply, (why) => reply({ Err: `${why}` }));
  return true; // It replies late.
});
const on = (event, act) => event.addListener((it) => ready.then(() => act(it)));
on(chrome.alarms.onAlarm, ({ name }) => worker.on_alarm(name));
on(chrome.notifications.onClicked, (id) => worker.on_notice_clicked(id));
on(chrome.notifications.onButtonClicked, (id) => worker.on_notice_button(id));
on(chrome.runtime.onInstalled, ({ reason }) => worker.on_installed(reason));
on(chrome.runtime.onStartup, () => worker.on_wake());

// Registers every listener in the first turn: an event that finds none is lost.
import init, * as worker from "./wasm/kaifu_background.js";

// Content scripts share Gmail's process: storage is closed to them first.
const close = (area) => area.setAccessLevel?.({ accessLevel: "TRUSTED_CONTEXTS" });
const ready = Promise.all(Object.values(chrome.storage).map(close)).then(() => init());

chrome.runtime.onMessage.addListener((message, sender, reply) => {
  ready.then(() => worker.on_message(message, sender)).then(reply, (error) => reply({ Err: String(error) }));
  return true; // The reply comes later.
});
chrome.alarms.onAlarm.addListener((alarm) => ready.then(() => worker.on_alarm(alarm.name)));
chrome.notifications.onClicked.addListener((id) => ready.then(() => worker.on_notification_clicked(id)));
chrome.runtime.onInstalled.addListener(({ reason }) => ready.then(() => worker.on_installed(reason)));
chrome.runtime.onStartup.addListener(() => ready.then(() => worker.on_wake()));

// Registers every listener in the worker's first turn: an event that finds none is lost.
import init, { on_message, on_alarm, on_notification_clicked, on_installed, on_wake } from "./wasm/kaifu_background.js";

// Content scripts share Gmail's process: storage is closed to them before it is used.
const close = (area) => area.setAccessLevel?.({ accessLevel: "TRUSTED_CONTEXTS" });
const ready = Promise.all(Object.values(chrome.storage).map(close)).then(() => init());
const wake = () => ready.then(() => on_wake());

chrome.runtime.onMessage.addListener((message, sender, reply) => {
  ready.then(() => on_message(message, sender)).then(reply, (error) => reply({ Err: String(error) }));
  return true; // The reply comes later.
});
chrome.alarms.onAlarm.addListener((alarm) => ready.then(() => on_alarm(alarm.name)));
chrome.notifications.onClicked.addListener((id) => ready.then(() => on_notification_clicked(id)));
chrome.runtime.onInstalled.addListener(({ reason }) => {
  if (reason === "install") ready.then(() => on_installed());
  wake();
});
chrome.runtime.onStartup.addListener(wake);

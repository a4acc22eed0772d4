// The least that InboxSDK can be used for: one button in each compose.
import * as InboxSDK from '@inboxsdk/core';

const ICON = 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"/>';

// The id is not a registered one, which InboxSDK says in a bar above the page.
InboxSDK.load(2, 'sdk_one_button_bench').then((sdk) => {
  sdk.Compose.registerComposeViewHandler((view) => view.addButton({ title: 'Peer', iconUrl: ICON, onClick() {} }));
});

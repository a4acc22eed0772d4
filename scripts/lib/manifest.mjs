// What the build reads from the manifest, and the one thing it changes in it.
import { backendAddress } from './backend.mjs';

const LOCAL_BACKEND = 'http://127.0.0.1:8787/*';

/** The manifest with the backend's host permission in the place of the local backend's. */
export function withBackend(manifest, backend) {
  const address = backendAddress(backend);
  if (!manifest.host_permissions.includes(LOCAL_BACKEND)) throw new Error(`no host permission ${LOCAL_BACKEND}`);
  return {
    ...manifest,
    host_permissions: manifest.host_permissions.map((it) => (it === LOCAL_BACKEND ? `${address}/*` : it)),
  };
}

/** Every file of the extension that the manifest names. */
export function namedFiles(manifest) {
  return [
    manifest.background?.service_worker,
    manifest.action?.default_popup,
    manifest.options_ui?.page,
    manifest.default_locale && `_locales/${manifest.default_locale}/messages.json`,
    ...Object.values(manifest.icons ?? {}),
    ...Object.values(manifest.action?.default_icon ?? {}),
    ...(manifest.content_scripts ?? []).flatMap((it) => [...(it.js ?? []), ...(it.css ?? [])]),
    ...(manifest.web_accessible_resources ?? []).flatMap((it) => it.resources),
  ].filter(Boolean);
}

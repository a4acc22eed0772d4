{
  const page = document, language = page.documentElement.lang, key = location.hash;
  page.querySelector("[autofocus]")?.focus();
  addEventListener("pageshow", (event) => event.persisted && location.reload());

  // The key of sealed names stands behind the address and never reaches the server; a press keeps it.
  if (/^#[\w-]{22}$/.test(key)) {
    for (const form of page.forms) form.action += key;
    const field = page.querySelector("template");
    if (field && isSecureContext && crypto.subtle) {
      const form = field.closest("form");
      form.prepend(field.content);
      const input = form.querySelector("input:not([name])");
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        seal(input.value.trim()).then((sealed) => (form.elements.sealed.value = sealed), () => {}).finally(() => form.submit());
      });
    }
  }

  // What the server can only say for everybody: this reader's own clock, and names of countries.
  const clock = new Intl.DateTimeFormat(language, {
    day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  });
  for (const time of page.querySelectorAll("time")) time.textContent = clock.format(new Date(time.dateTime));
  const countries = new Intl.DisplayNames(language, { type: "region" });
  for (const place of page.querySelectorAll("data")) place.textContent = countries.of(place.value);

  // `length:1 | name | zeros`, 256 bytes for every name and for none, by AES-128-GCM.
  async function seal(name) {
    const text = new TextEncoder(), nonce = crypto.getRandomValues(new Uint8Array(12));
    const bytes = text.encode(name).slice(0, 255), plain = new Uint8Array(256);
    plain[0] = bytes.length;
    plain.set(bytes, 1);
    const raw = Uint8Array.from(atob(key.slice(1).replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const secret = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]);
    const rule = { name: "AES-GCM", iv: nonce, additionalData: text.encode("kaifu/seal/v1") };
    const sealed = new Uint8Array(await crypto.subtle.encrypt(rule, secret, plain));
    return btoa(String.fromCharCode(...nonce, ...sealed)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
}

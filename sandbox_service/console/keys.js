// Asks the user for the API key, once, whoever needs it.

import { ask, keep, Refused } from "./api.js";
import { $, say } from "./dom.js";

let waiting = null;

// What the work comes to; when a key is wanted, the user is asked and the work is done again.
export async function withKey(work) {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      waiting ??= prompted().finally(() => (waiting = null));
      await waiting;
    }
  }
}

function prompted() {
  const [dialog, form, input] = [$("key-dialog"), $("key-form"), $("key")];
  say("key-error", "");
  return new Promise((resolve) => {
    async function tried(event) {
      event.preventDefault();
      keep(input.value.trim());
      try {
        await ask("v1/isolation");
      } catch (error) {
        if (!(error instanceof Refused) || error.status === 401) {
          keep(null);
          say("key-error", error.message);
          input.select();
          return;
        }
      }
      form.removeEventListener("submit", tried);
      input.value = "";
      dialog.close();
      resolve();
    }
    form.addEventListener("submit", tried);
    dialog.addEventListener("cancel", (event) => event.preventDefault()); // without a key there is nothing to see
    if (!dialog.open) dialog.showModal();
    input.focus();
  });
}

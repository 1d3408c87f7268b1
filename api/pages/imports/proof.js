// A file that proves what a table says, such as the letter that a factor is from.

import { h, name } from "../dom/h.js";
import { say } from "../i18n/words.js";
import { send } from "../server/client.js";
import { refusedText } from "../shell/said_no.js";

/** What came of sending it: its name and hash, or why not. */
export async function proofSent(file) {
  const { body, refused } = await send(`/proofs?${new URLSearchParams({ name: file.name })}`, file);
  return refused ? { refused } : body;
}

export function proofField(kind, proof, does) {
  if (kind.kind !== "factors") return null;
  return h("div", { class: "import-row" },
    h("label", { for: "import-proof" }, say("imports.proof")),
    h("input", { id: "import-proof", type: "file", on: { change: (event) => event.target.files.length && does.prove(event.target.files[0]) } }),
    h("span", { role: "status" }, proof?.refused ? h("span", { class: "warn-text wrap" }, refusedText(proof.refused))
      : proof ? h("span", { class: "good-text", "data-testid": "proof-kept" }, say("imports.proof.kept"), " ", name(proof.name)) : null));
}

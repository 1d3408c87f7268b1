// How a batch's footprint changed, and why; and the batches that it came from and became.

import { h, name } from "../dom/h.js";
import { figures } from "../i18n/numbers.js";
import { moment } from "../i18n/times.js";
import { say, word } from "../i18n/words.js";
import { to } from "../shell/route.js";

export function revisionList(found, route, shown) {
  if (!found || found.length === 0) return null;
  return h("section", { id: "revisions", class: "card table-wrap", tabindex: "0", role: "region", "aria-label": say("batch.revisions") }, h("h2", {}, say("batch.revisions")),
    h("table", { class: "small" },
      h("thead", {}, h("tr", {}, ["revision.number", "revision.when", "revision.why", "column.co2e", "revision.difference"].map((key, i) =>
        h("th", { scope: "col", class: i > 2 ? "num" : null }, say(key))))),
      h("tbody", {}, [...found].reverse().map((one) => h("tr", { key: one.revision, "data-testid": "revision", "aria-current": one.revision === shown ? "true" : null },
        h("td", {}, h("a", { href: to("batches", route.id, { revision: String(one.revision) }) }, String(one.revision))),
        h("td", { class: "figure" }, moment(one.computed_at)),
        h("td", {}, String(one.reason).split(",").map((reason) => word("reason", reason)).join(say("and"))),
        h("td", { class: "num figure" }, figures(one.kgco2e, 6)),
        h("td", { class: "num figure" }, one.difference === null ? "–" : String(one.difference)))))));
}

export function family(print, route) {
  const events = print.genealogy || [];
  if (events.length === 0) return null;
  const link = (id) => (id === route.id ? h("strong", {}, name(id)) : h("a", { href: to("batches", id) }, name(id)));
  return h("section", { id: "family", class: "card" }, h("h2", {}, say("batch.family")),
    h("ul", { class: "plain" }, events.map((event) => h("li", { key: event.event, "data-testid": "family-event" },
      h("span", { class: "strong" }, word("event", event.kind)), " ", event.from.map((id) => [link(id), " "]), "→ ",
      event.to.map((heir) => [link(heir.batch), heir.kg ? ` ${heir.kg} kg ` : " "]),
      h("span", { class: "soft small-note wrap" }, `${moment(event.at)} · `, name(event.by), " · ", name(event.why))))),
    (print.carried_from || []).length ? h("p", { class: "soft" }, say("batch.carried"), " ",
      print.carried_from.map((one) => [link(one.batch), ` ${figures(one.kgco2e, 4)} ${say("unit.co2e")} `])) : null);
}

/** Another batch to lay beside this one. */
export function besideForm(route) {
  const submit = (event) => {
    event.preventDefault();
    const other = new FormData(event.target).get("with").trim();
    if (other) location.hash = to("compare", route.id, { with: other });
  };
  return h("form", { class: "beside-form", on: { submit } },
    h("label", { for: "beside" }, say("compare.beside")), h("input", { id: "beside", name: "with", type: "search", autocomplete: "off", spellcheck: "false", required: true }),
    h("button", { type: "submit", class: "quiet" }, say("compare.go")));
}

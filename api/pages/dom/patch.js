// Brings the document to what the views describe, touching only what changed: focus, selection and
// scroll survive a poll, and an unchanged description (the same object) costs nothing.

import { flatten } from "./h.js";

const SVG = "http://www.w3.org/2000/svg";

/** Make `root` contain exactly `kids`. */
export function render(root, ...kids) {
  const next = flatten(kids);
  patchKids(root, root.described || [], next, null);
  root.described = next;
}

function identities(kids) {
  const seen = new Map();
  return kids.map((kid) => {
    if (kid.key !== undefined) return `=${kid.tag}=${kid.key}`;
    const nth = seen.get(kid.tag) || 0;
    seen.set(kid.tag, nth + 1);
    return `${kid.tag}#${nth}`;
  });
}

function patchKids(parent, old, next, space) {
  const oldNames = identities(old);
  const known = new Map(old.map((kid, i) => [oldNames[i], kid]));
  const pairs = identities(next).map((id, i) => {
    const before = known.get(id);
    known.delete(id);
    return [before, next[i]];
  });
  const kept = new Set(pairs.map(([before]) => before));
  for (const kid of old) if (!kept.has(kid)) remove(kid);
  let cursor = parent.firstChild;
  for (const [before, after] of pairs) {
    const el = before ? update(before, after, space) : create(after, space);
    if (el === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(el, cursor);
    if (!before && after.props?.life?.born) after.props.life.born(el);
  }
}

function create(node, space) {
  if (node.tag === "#text") {
    node.el = document.createTextNode(node.text);
    return node.el;
  }
  const inner = node.tag === "svg" ? SVG : space;
  const el = inner ? document.createElementNS(inner, node.tag) : document.createElement(node.tag);
  node.el = el;
  for (const prop of Object.keys(node.props)) assign(el, prop, undefined, node.props[prop]);
  patchKids(el, [], node.kids, inner);
  return el;
}

function update(old, node, space) {
  if (old === node) return node.el;
  const el = old.el;
  node.el = el;
  if (node.tag === "#text") {
    if (old.text !== node.text) el.data = node.text;
    return el;
  }
  for (const prop of Object.keys(old.props)) {
    if (!(prop in node.props)) assign(el, prop, old.props[prop], undefined);
  }
  for (const prop of Object.keys(node.props)) assign(el, prop, old.props[prop], node.props[prop]);
  patchKids(el, old.kids, node.kids, node.tag === "svg" ? SVG : space);
  if (node.props.life?.fresh) node.props.life.fresh(el);
  return el;
}

function remove(node) {
  forget(node);
  node.el.remove();
}

function forget(node) {
  if (node.props?.life?.gone) node.props.life.gone(node.el);
  for (const kid of node.kids || []) forget(kid);
}

function assign(el, prop, old, value) {
  if (prop === "key" || prop === "life") return;
  if (prop === "on") listen(el, value || {});
  else if (prop === "style") restyle(el, old || {}, value || {});
  else if (prop === "checked") el.checked = Boolean(value);
  else if (prop === "value") {
    if (el.value !== value) el.value = value ?? "";
  } else if (old === value) return;
  else if (value === undefined || value === null || value === false) el.removeAttribute(prop);
  else el.setAttribute(prop, value === true ? "" : value);
}

function restyle(el, old, style) {
  for (const rule of Object.keys(old)) if (!(rule in style)) el.style.removeProperty(rule);
  for (const rule of Object.keys(style)) {
    if (old[rule] !== style[rule]) el.style.setProperty(rule, style[rule]);
  }
}

function listen(el, wanted) {
  const heard = (el.heard = el.heard || {});
  for (const type of Object.keys(heard)) heard[type] = wanted[type];
  for (const type of Object.keys(wanted)) {
    if (!(type in heard)) el.addEventListener(type, (event) => el.heard[type]?.(event));
    heard[type] = wanted[type];
  }
}

// Where everything in a diagram of bands stands: columns from supplies to batches, heights in
// proportion, neighbours near each other. Pure: numbers in, numbers out.

export const WIDTH = 1200;
const NODE = 12;
const RIGHT = 150; // for the words of the last column
const ROW = 26;
const LEAST = 380;
const PASSES = 8;

/** `links` = [{start, end, size, …}] with sizes above zero. Returns `{nodes, links, height}`: nodes
 *  with x, y, height; links with the path of their middle and their thickness. */
export function layout(links) {
  const nodes = new Map();
  for (const link of links) {
    nodeOf(nodes, link.start).out.push(link);
    nodeOf(nodes, link.end).into.push(link);
  }
  for (const node of nodes.values()) node.size = Math.max(sum(node.into), sum(node.out));
  const columns = inColumns(nodes);
  const fullest = Math.max(...columns.map((column) => column.length));
  const height = Math.max(LEAST, fullest * ROW * 1.5);
  const scale = Math.min(...columns.map((column) => (height - ROW * (column.length - 1)) / sum(column)));
  for (const node of nodes.values()) node.height = Math.max(1.5, node.size * scale);
  arrange(columns, height);
  columns.forEach((column, i) => {
    for (const node of column) node.x = columns.length > 1 ? (i * (WIDTH - RIGHT - NODE)) / (columns.length - 1) : 0;
  });
  return { nodes: [...nodes.values()], links: ribbons(nodes, links, scale), height, thick: NODE };
}

function nodeOf(nodes, id) {
  if (!nodes.has(id)) nodes.set(id, { id, into: [], out: [], y: 0 });
  return nodes.get(id);
}

function sum(things) {
  return things.reduce((total, one) => total + one.size, 0);
}

function inColumns(nodes) {
  const depth = new Map();
  const kind = (id) => id.slice(0, id.indexOf(":"));
  // As often as there are utilities: a loop among them ends all the same.
  for (let pass = 0; pass < 4; pass += 1) {
    for (const node of nodes.values()) {
      if (kind(node.id) !== "utility") continue;
      const before = node.into.map((link) => link.start).filter((id) => kind(id) === "utility" && id !== node.id);
      depth.set(node.id, Math.min(3, Math.max(1, ...before.map((id) => (depth.get(id) || 1) + 1))));
    }
  }
  const after = Math.max(0, ...depth.values()) + 1;
  const place = (id) => ({ supply: 0, utility: depth.get(id), batch: after + 1, batches: after + 1 })[kind(id)] ?? after;
  const columns = [];
  for (const node of nodes.values()) (columns[place(node.id)] ||= []).push(node);
  return columns.filter(Boolean);
}

function arrange(columns, height) {
  for (const column of columns) {
    column.sort((a, b) => b.size - a.size);
    stack(column, height);
  }
  for (let pass = 0; pass < PASSES; pass += 1) {
    const order = pass % 2 ? [...columns].reverse() : columns;
    const at = new Map(columns.flat().map((node) => [node.id, node]));
    for (const column of order) {
      for (const node of column) node.wish = wish(node, at, pass % 2 ? "out" : "into");
      column.sort((a, b) => a.wish - b.wish);
      stack(column, height);
    }
  }
}

function wish(node, at, side) {
  const links = node[side].length ? node[side] : [...node.into, ...node.out];
  const middle = (id) => at.get(id).y + at.get(id).height / 2;
  const total = sum(links);
  return links.reduce((acc, link) => acc + middle(link.start === node.id ? link.end : link.start) * link.size, 0) / total;
}

function stack(column, height) {
  const used = column.reduce((total, node) => total + node.height, 0);
  const gap = column.length > 1 ? Math.min(ROW * 2, (height - used) / (column.length - 1)) : 0;
  let y = Math.max(0, (height - used - gap * (column.length - 1)) / 2);
  for (const node of column) {
    node.y = y;
    y += node.height + gap;
  }
}

function ribbons(nodes, links, scale) {
  for (const node of nodes.values()) {
    const by = (end) => (a, b) => nodes.get(a[end]).y - nodes.get(b[end]).y;
    pile(node.out.sort(by("end")), "from", node, scale);
    pile(node.into.sort(by("start")), "to", node, scale);
  }
  return links.map((link) => {
    const x0 = nodes.get(link.start).x + NODE;
    const x1 = nodes.get(link.end).x;
    const bend = Math.max(30, Math.abs(x1 - x0) / 2);
    const path = `M${x0.toFixed(1)} ${link.from.toFixed(1)}C${(x0 + bend).toFixed(1)} ${link.from.toFixed(1)} `
      + `${(x1 - bend).toFixed(1)} ${link.to.toFixed(1)} ${x1.toFixed(1)} ${link.to.toFixed(1)}`;
    return { ...link, path, thickness: Math.max(0.8, link.size * scale) };
  });
}

function pile(links, end, node, scale) {
  let y = node.y;
  for (const link of links) {
    link[end] = y + (link.size * scale) / 2;
    y += link.size * scale;
  }
}

/**
 * The picture of a process: cards laid out top to bottom by dagre, with lines between them. No positions are stored.
 *
 * The cards are the `li[data-node]` of an ordered list that reads well by itself: under each, its ways in words
 * (`li[data-to]`). A <script type="application/json"> holds {"edges": [{"from", "to", "text", "kind"}]}; kind "error" is
 * dashed. Ways forward become lines; ways back stay words, and light up their target.
 */
import { Graph, layout } from "@dagrejs/dagre";
import { element } from "./http";

type Edge = { from: string; to: string; text?: string; kind?: string; hot?: boolean };
type Point = { x: number; y: number };
type Box = Point & { width: number; height: number };
const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 14;

export function mount(flow: HTMLElement): void {
  const cards = new Map<string, HTMLElement>();
  flow.querySelectorAll<HTMLElement>("li[data-node]").forEach((card) => cards.set(card.dataset.node!, card));
  const { edges } = JSON.parse(flow.querySelector('script[type="application/json"]')?.textContent ?? '{"edges": []}') as { edges: Edge[] };
  const known = edges.filter((edge) => cards.has(edge.from) && cards.has(edge.to));
  const back = waysBack([...cards.keys()], known);

  for (const [id, card] of cards) {
    card.querySelectorAll<HTMLElement>("li[data-to]").forEach((way) => {
      const to = way.dataset.to!;
      const isBack = known.some((edge) => edge.from === id && edge.to === to && back.has(edge));
      way.classList.add(isBack ? "tw-back" : "tw-quiet");
      if (!isBack) return;
      const light = (on: boolean) => () => cards.get(to)?.classList.toggle("tw-lit", on);
      way.addEventListener("pointerenter", light(true));
      way.addEventListener("pointerleave", light(false));
    });
  }
  flow.classList.add("tw-flow-laid");

  const labels = new Map<Edge, HTMLElement>();
  for (const edge of known) {
    if (back.has(edge) || !edge.text) continue;
    const label = element("span", { "class": `tw-way ${edge.kind === "error" ? "tw-way-error" : ""}`, "aria-hidden": "true" }, edge.text);
    flow.append(label);
    labels.set(edge, label);
  }
  const forward = known.filter((edge) => !back.has(edge));
  void document.fonts.ready.then(() => {
    draw(flow, cards, forward, labels);
    new ResizeObserver(() => centre(flow)).observe(flow.parentElement!);
  });
}

/** Edges that lead to a node from which one came: those that a depth-first walk finds on its own path. */
function waysBack(nodes: string[], edges: Edge[]): Set<Edge> {
  const found = new Set<Edge>();
  const done = new Set<string>();
  const path = new Set<string>();
  const walk = (node: string) => {
    path.add(node);
    for (const edge of edges) {
      if (edge.from !== node) continue;
      if (path.has(edge.to)) found.add(edge);
      else if (!done.has(edge.to)) walk(edge.to);
    }
    path.delete(node);
    done.add(node);
  };
  for (const node of nodes) if (!done.has(node)) walk(node);
  return found;
}

function draw(flow: HTMLElement, cards: Map<string, HTMLElement>, edges: Edge[], labels: Map<Edge, HTMLElement>): void {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 44, ranksep: 20, edgesep: 26, marginx: MARGIN, marginy: MARGIN });
  for (const [id, card] of cards) graph.setNode(id, { width: card.offsetWidth, height: card.offsetHeight });
  edges.forEach((edge, number) => {
    const label = labels.get(edge);
    const room = label ? { width: label.offsetWidth + 12, height: label.offsetHeight + 10, labelpos: "c" } : {};
    graph.setEdge(edge.from, edge.to, { ...room, weight: edge.kind === "error" ? 1 : 3 }, String(number));
  });
  layout(graph);

  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  for (const [id, card] of cards) {
    const place = graph.node(id) as Point;
    card.style.left = `${Math.round(place.x - card.offsetWidth / 2)}px`;
    card.style.top = `${Math.round(place.y - card.offsetHeight / 2)}px`;
  }
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "tw-edges");
  svg.setAttribute("width", String(width));
  svg.setAttribute("height", String(height));
  svg.setAttribute("aria-hidden", "true");
  edges.forEach((edge, number) => {
    const laid = graph.edge(edge.from, edge.to, String(number)) as { points: Point[]; x?: number; y?: number };
    laid.points[0] = edgeOf(graph.node(edge.from) as Box, 1);
    laid.points[laid.points.length - 1] = edgeOf(graph.node(edge.to) as Box, -1);
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("d", rounded(laid.points));
    line.setAttribute("class", `${edge.kind === "error" ? "tw-error-way" : ""} ${edge.hot ? "tw-hot" : ""}`);
    const tip = laid.points[laid.points.length - 1]!;
    const arrow = document.createElementNS(SVG, "path");
    arrow.setAttribute("d", `M${tip.x - 4.5} ${tip.y - 7} L${tip.x} ${tip.y} L${tip.x + 4.5} ${tip.y - 7} Z`);
    arrow.setAttribute("class", "tw-arrow");
    svg.append(line, arrow);
    const label = labels.get(edge);
    if (label && laid.x !== undefined && laid.y !== undefined) {
      label.style.left = `${laid.x}px`;
      label.style.top = `${laid.y}px`;
    }
  });
  flow.prepend(svg);
  flow.style.width = `${width}px`;
  flow.style.height = `${height}px`;
  centre(flow);
  const first = [...cards.values()][0];
  const room = flow.parentElement!;
  if (first) room.scrollLeft = first.offsetLeft + first.offsetWidth / 2 - room.clientWidth / 2; // where it begins is in view
}

function centre(flow: HTMLElement): void {
  const room = flow.parentElement!.clientWidth - 36;
  flow.style.marginLeft = `${Math.max(0, (room - flow.offsetWidth) / 2)}px`;
}

/** The middle of a card's lower edge (side 1) or upper edge (side -1): all its lines leave and arrive there. */
const edgeOf = (box: Box, side: 1 | -1): Point => ({ x: box.x, y: box.y + (side * box.height) / 2 });

/** Down, across, down: a line of right angles with round corners through the points. */
function rounded(points: Point[]): string {
  const corners: Point[] = [points[0]!];
  for (const point of points.slice(1)) {
    const last = corners[corners.length - 1]!;
    if (Math.abs(point.x - last.x) > 1) {
      const middle = (last.y + point.y) / 2;
      corners.push({ x: last.x, y: middle }, { x: point.x, y: middle });
    }
    corners.push(point);
  }
  let path = `M${corners[0]!.x} ${corners[0]!.y}`;
  for (let at = 1; at < corners.length - 1; at++) {
    const [before, here, after] = [corners[at - 1]!, corners[at]!, corners[at + 1]!];
    const into = towards(here, before, 8);
    const out = towards(here, after, 8);
    path += ` L${into.x} ${into.y} Q${here.x} ${here.y} ${out.x} ${out.y}`;
  }
  const end = corners[corners.length - 1]!;
  return `${path} L${end.x} ${end.y - 2}`;
}

/** The point at most `reach` away from `from`, no farther than half-way to `to`. */
function towards(from: Point, to: Point, reach: number): Point {
  const distance = Math.hypot(to.x - from.x, to.y - from.y);
  if (!distance) return from;
  const share = Math.min(reach, distance / 2) / distance;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

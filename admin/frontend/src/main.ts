/** Starts the page: mounts islands where the markup names them, now and after every swap. */
import "htmx.org";
import { csrfToken } from "./http";
import * as dialogs from "./dialogs";
import * as linesGrid from "./lines-grid";
import * as menu from "./menu";
import * as recordForm from "./record-form";
import * as recordPicker from "./record-picker";
import * as shortcuts from "./shortcuts";
import * as theme from "./theme";
import * as toast from "./toast";

type Island = { mount(element: HTMLElement): void };

/** What `data-island` may name. Large ones are fetched when a page needs them. */
const islands: Record<string, () => Island | Promise<Island>> = {
  "flow": () => import("./flow"),
  "form-designer": () => import("./form-designer"),
  "lines-grid": () => linesGrid,
  "menu": () => menu,
  "record-form": () => recordForm as Island,
  "record-picker": () => recordPicker,
  "shortcuts": () => shortcuts,
  "theme": () => theme,
  "toast": () => toast,
};

const mounted = new WeakSet<Element>();

async function mount(element: HTMLElement): Promise<void> {
  if (mounted.has(element)) return;
  mounted.add(element);
  for (const name of (element.dataset.island ?? "").split(/\s+/)) {
    const island = islands[name];
    if (island) (await island()).mount(element);
    else console.error(`no island is called "${name}"`, element);
  }
}

function mountAll(within: Element): void {
  if (within.matches("[data-island]")) void mount(within as HTMLElement);
  within.querySelectorAll<HTMLElement>("[data-island]").forEach((element) => void mount(element));
}

mountAll(document.documentElement);
new MutationObserver((changes) => {
  for (const change of changes) {
    for (const node of change.addedNodes) if (node instanceof Element && node.isConnected) mountAll(node);
  }
}).observe(document.documentElement, { childList: true, subtree: true });

dialogs.listen();

document.addEventListener("htmx:config:request", (event) => {
  const request = (event as CustomEvent).detail.ctx.request;
  request.headers["X-CSRFToken"] = csrfToken();
});

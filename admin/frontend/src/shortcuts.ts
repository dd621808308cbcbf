/**
 * Keys for what the page offers. An element with `data-key` is clicked (an input is focused) by that key or sequence:
 * "/", "a", "g h", "mod+k" (⌘ or Ctrl). None fires while one types, except those with mod.
 *
 * Rows marked `data-row` inside `data-rows`: J and K move, Enter opens the first link, X ticks, and `data-row-key` names the
 * keys of a row's own buttons. "?" shows what there is.
 */
import { element, text } from "./http";

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

export function mount(page: HTMLElement): void {
  page.querySelectorAll(".tw-find kbd").forEach((hint) => (hint.textContent = shown("mod+k")));

  let pending = "";
  let timer: ReturnType<typeof setTimeout> | undefined;

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    const key = nameOf(event);
    if (!key) return;
    const inside = document.querySelector("dialog[open]") ?? page;
    if (isTyping(event.target) && !key.startsWith("mod+")) {
      if (key === "escape") (event.target as HTMLElement).blur();
      return;
    }
    const typed = pending ? `${pending} ${key}` : key;
    clearTimeout(timer);
    pending = "";
    if (press(inside, typed) || press(inside, key) || (inside === page && (moveRows(page, key) || (key === "?" && help(page))))) {
      event.preventDefault();
    } else if (candidates(inside).some((one) => one.dataset.key!.startsWith(`${key} `))) {
      pending = key;
      timer = setTimeout(() => (pending = ""), 1000);
    }
  });
}

function nameOf(event: KeyboardEvent): string {
  if (["Shift", "Control", "Meta", "Alt"].includes(event.key)) return "";
  const key = event.key === " " ? "space" : event.key.toLowerCase();
  return (isMac ? event.metaKey : event.ctrlKey) ? `mod+${key}` : event.ctrlKey || event.metaKey ? "" : key;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "submit"].includes(target.type);
  return target.isContentEditable || target.matches("textarea, select");
}

const candidates = (inside: Element) => [...inside.querySelectorAll<HTMLElement>("[data-key]")];

function press(inside: Element, key: string): boolean {
  const found = candidates(inside).find((one) => one.dataset.key === key && !one.matches("[disabled], [aria-disabled=true]"));
  if (!found) return false;
  if (found.matches("input:not([type=checkbox]), textarea, select")) {
    found.focus();
    if (found instanceof HTMLInputElement) found.select();
  } else found.click();
  return true;
}

function moveRows(page: HTMLElement, key: string): boolean {
  const rows = [...page.querySelectorAll<HTMLElement>("[data-rows] [data-row]")];
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row.classList.contains("tw-at"));
  const row = rows[at];
  if (key === "j" || key === "k") {
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + (key === "j" ? 1 : -1)))];
    row?.classList.remove("tw-at");
    next?.classList.add("tw-at");
    next?.scrollIntoView({ block: "nearest" });
    next?.querySelector<HTMLElement>("a[href]")?.focus({ preventScroll: true });
    return true;
  }
  if (!row) return false;
  if (key === "enter") {
    if (document.activeElement instanceof HTMLElement && document.activeElement.matches("a, button, summary")) return false;
    row.querySelector<HTMLElement>("a[href]")?.click();
    return true;
  }
  if (key === "x") {
    const box = row.querySelector<HTMLInputElement>("input[type=checkbox]");
    box?.click();
    return box !== null;
  }
  const own = row.querySelector<HTMLElement>(`[data-row-key="${CSS.escape(key)}"]`);
  own?.click();
  return own !== null;
}

function help(page: HTMLElement): boolean {
  const rows: [string, string][] = candidates(page).map((one) => [one.dataset.key!, labelOf(one)]);
  if (page.querySelector("[data-rows] [data-row]")) rows.push(["j", text("next_row")], ["k", text("previous_row")], ["enter", text("open_row")]);
  rows.push(["?", text("keys")]);
  const list = element("dl", { "class": "tw-facts tw-facts-1" });
  for (const [key, label] of new Map(rows)) {
    const keys = element("dt");
    for (const part of key.split(" ")) keys.append(element("kbd", {}, shown(part)), " ");
    list.append(element("div", {}, keys, element("dd", {}, label)));
  }
  const close = element("button", { "class": "tw-btn", "type": "button", "data-closes": "" }, text("close"));
  const dialog = element("dialog", { "class": "tw-dialog", "aria-labelledby": "tw-keys-title" },
    element("div", { "class": "tw-sheet-head" }, element("h2", { id: "tw-keys-title" }, text("keys"))),
    element("div", { "class": "tw-sheet-in" }, list),
    element("div", { "class": "tw-sheet-foot" }, close));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return true;
}

function labelOf(one: HTMLElement): string {
  const words = one.cloneNode(true) as HTMLElement;
  words.querySelectorAll(".tw-count, kbd").forEach((part) => part.remove());
  return one.getAttribute("aria-label") ?? words.textContent?.trim().replace(/\s+/g, " ") ?? "";
}

function shown(key: string): string {
  return key.replace("mod+", isMac ? "⌘" : "Ctrl ").replace("enter", "↵").replace("escape", "Esc").replace(/(^|\s|⌘)([a-z])$/, (_, before: string, letter: string) => before + letter.toUpperCase());
}

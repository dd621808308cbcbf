/**
 * Picks a record for a link: a combobox (WAI-ARIA 1.2) over the <select> inside, which stays what is posted.
 *
 * `data-search-url` answers `?q=TEXT` with [{"id", "title", "facts": [text]}]. Without script, or without that address, the select works by itself.
 */
import { debounced, element, get, isAborted, text } from "./http";

type Found = { id: string | number; title: string; facts?: string[] | string };

let made = 0;

export function mount(picker: HTMLElement): void {
  const select = picker.querySelector("select");
  const url = picker.dataset.searchUrl;
  if (!select || !url || picker.querySelector("[role=combobox]")) return;

  const listId = `tw-picker-${++made}`;
  const input = element("input", {
    "class": select.className, "type": "text", "role": "combobox", "autocomplete": "off", "spellcheck": "false",
    "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": listId,
    "placeholder": picker.dataset.placeholder ?? text("search"),
  });
  for (const name of ["aria-label", "aria-labelledby", "aria-describedby", "aria-invalid", "aria-required"]) {
    const value = select.getAttribute(name);
    if (value !== null) input.setAttribute(name, value);
  }
  const list = element("ul", { "class": "tw-picker-list", "role": "listbox", "id": listId, "aria-label": text("matches") });
  list.hidden = true;
  input.id = select.id; // the label now names what one types into
  select.removeAttribute("id");
  select.hidden = true;
  picker.append(input, list);

  let found: Found[] = [];
  let at = -1;
  let running: AbortController | undefined;
  const chosenTitle = () => (select.value ? select.selectedOptions[0]?.text.trim() ?? "" : "");
  const showChosen = () => (input.value = chosenTitle());
  showChosen();

  const follow = new MutationObserver(() => {
    input.disabled = select.disabled;
  });
  follow.observe(select, { attributes: true, attributeFilter: ["disabled"] });
  input.disabled = select.disabled;

  function close(): void {
    running?.abort();
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(record: Found | null): void {
    if (record) {
      const value = String(record.id);
      if (![...select!.options].some((option) => option.value === value)) select!.append(new Option(record.title, value));
      select!.value = value;
    } else select!.value = "";
    showChosen();
    close();
    select!.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function mark(index: number): void {
    at = index;
    list.querySelectorAll("[role=option]").forEach((option, number) => {
      option.setAttribute("aria-selected", String(number === at));
      if (number === at) {
        option.scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", option.id);
      }
    });
  }

  function show(): void {
    list.replaceChildren(...found.map((record, number) => {
      const facts = ([] as string[]).concat(record.facts ?? []).filter(Boolean).join(" · ");
      const option = element("li", { "role": "option", "id": `${listId}-${number}`, "aria-selected": "false" }, record.title);
      if (facts) option.append(element("small", {}, facts));
      option.addEventListener("pointerdown", (event) => {
        event.preventDefault(); // keeps the focus in the input
        choose(record);
      });
      return option;
    }));
    if (!found.length) list.append(element("li", { "class": "tw-picker-none", "role": "option", "aria-disabled": "true", "aria-selected": "false" }, text("nothing")));
    list.hidden = false;
    place();
    input.setAttribute("aria-expanded", "true");
    mark(found.length ? 0 : -1);
  }

  function place(): void {
    const box = input.getBoundingClientRect();
    list.style.left = `${Math.max(4, Math.min(box.left, innerWidth - Math.max(box.width, 240) - 8))}px`;
    list.style.width = `${Math.max(box.width, 240)}px`;
    const below = innerHeight - box.bottom;
    const height = Math.min(300, list.scrollHeight + 2);
    list.style.top = below > height + 12 || below > box.top ? `${box.bottom + 3}px` : `${Math.max(4, box.top - height - 3)}px`;
  }

  async function search(query: string): Promise<Found[]> {
    running?.abort();
    running = new AbortController();
    const address = new URL(url!, location.href);
    address.searchParams.set("q", query);
    return (await get(address.href, running.signal)) as Found[];
  }
  async function open(query: string): Promise<void> {
    try {
      found = await search(query);
      if (document.activeElement === input) show();
    } catch (error) {
      if (!isAborted(error)) console.warn("search:", error);
    }
  }
  const openSoon = debounced(150, () => void open(input.value.trim()));

  input.addEventListener("input", (event) => {
    event.stopPropagation(); // what is typed here is not yet a value of the form
    openSoon();
  });
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("click", () => {
    if (list.hidden) void open("");
  });
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => {
    if (!input.value.trim() && select.value) choose(null);
    else showChosen();
    close();
  });
  input.addEventListener("keydown", (event) => {
    const opened = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!opened) void open(input.value === chosenTitle() ? "" : input.value.trim());
      else if (found.length) mark((at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
    } else if (event.key === "Enter" && opened) {
      event.preventDefault();
      const record = found[at];
      if (record) choose(record);
    } else if (event.key === "Escape" && opened) {
      event.preventDefault();
      event.stopPropagation();
      showChosen();
      close();
    } else if (event.key === "Tab" && opened && input.value.trim() && input.value !== chosenTitle()) {
      const record = found[at];
      if (record) choose(record);
    }
  });
  window.addEventListener("scroll", (event) => {
    if (!list.hidden && event.target !== list) place();
  }, { capture: true, passive: true });

  // A pasted cell: the record of that title, or the only one that matches.
  picker.addEventListener("tw-fill", async (event) => {
    const wanted = String((event as CustomEvent).detail);
    if (!wanted) return choose(null);
    input.value = wanted;
    const matches = await search(wanted).catch(() => [] as Found[]);
    const exact = matches.find((record) => record.title.toLowerCase() === wanted.toLowerCase());
    const record = exact ?? (matches.length === 1 ? matches[0] : undefined);
    if (record) choose(record);
    else input.setAttribute("aria-invalid", "true");
  });
}

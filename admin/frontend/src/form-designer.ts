/**
 * Arranges the fields of a form: by drag, by the keys Alt+↑ and Alt+↓, or by buttons.
 *
 * Fields are `li[data-field]` with a radio button each, in lists: `[data-section]` on the form, `[data-palette]` for those
 * not on it. The radio buttons make the arrow keys select; without script, the form posts the chosen field and the button
 * pressed (`field`, `move` = up | down | add | remove). With script every gesture posts to data-url:
 *
 *     {"moved": FIELD, "sections": {SECTION: [FIELD, …], …}}
 *
 * The answer may hold `banner`: HTML for the bar of the draft. Then `tw-draft-changed` is sent from the body, for other parts
 * of the page that show the draft.
 */
import Sortable from "sortablejs";
import { post, text } from "./http";
import { show } from "./toast";

export function mount(designer: HTMLElement): void {
  const url = designer.dataset.url!;
  const lists = [...designer.querySelectorAll<HTMLElement>("[data-section], [data-palette]")];
  const sections = lists.filter((list) => list.dataset.section !== undefined);
  const palette = lists.find((list) => list.dataset.palette !== undefined);
  const tools = designer.querySelector<HTMLElement>("[data-tools]");
  const live = designer.querySelector<HTMLElement>("[data-live]");

  const fieldOf = (inside: Element | null) => inside?.closest<HTMLElement>("li[data-field]") ?? null;
  const selected = () => fieldOf(designer.querySelector("li[data-field] input[type=radio]:checked"));
  const labelOf = (field: HTMLElement) => field.dataset.label ?? field.dataset.field!;

  let queue: Promise<unknown> = Promise.resolve();
  function save(field: HTMLElement): void {
    const order = Object.fromEntries(sections.map((list) => [
      list.dataset.section!,
      [...list.querySelectorAll<HTMLElement>(":scope > li[data-field]")].map((one) => one.dataset.field!),
    ]));
    say(field);
    queue = queue
      .then(() => post(url, { moved: field.dataset.field!, sections: order }))
      .then((answer) => {
        const banner = document.getElementById("tw-banner");
        if (banner && typeof answer.banner === "string") banner.innerHTML = answer.banner;
        document.body.dispatchEvent(new CustomEvent("tw-draft-changed"));
      })
      .catch((error: Error) => {
        show(error.message, "error");
        setTimeout(() => location.reload(), 2500); // shows the order that the server has
      });
  }

  /** Tells a screen reader where the field now is. */
  function say(field: HTMLElement): void {
    if (!live) return;
    const list = field.parentElement!;
    const name = list.dataset.palette !== undefined ? text("off_form") : list.dataset.label ?? list.dataset.section!;
    const all = [...list.children].filter((one) => one.matches("li[data-field]"));
    live.textContent = `${labelOf(field)}: ${name}, ${all.indexOf(field) + 1} / ${all.length}`;
  }

  function select(field: HTMLElement, focus = true): void {
    const radio = field.querySelector<HTMLInputElement>("input[type=radio]");
    if (!radio) return;
    radio.checked = true;
    if (focus) radio.focus({ preventScroll: true });
    placeTools();
    designer.dispatchEvent(new CustomEvent("tw-field-selected", { bubbles: true, detail: field.dataset.field }));
  }

  /** The buttons stand at the selected field; those that would do nothing are off. */
  function placeTools(): void {
    const field = selected();
    if (!tools || !field) return;
    const onForm = field.parentElement !== palette;
    field.append(tools);
    tools.hidden = false;
    tools.querySelectorAll<HTMLButtonElement>("[data-move]").forEach((button) => {
      button.hidden = onForm === (button.dataset.move === "add");
    });
  }

  function move(field: HTMLElement, how: string): void {
    const list = field.parentElement!;
    const at = sections.indexOf(list);
    if (how === "up" && at >= 0) {
      const before = field.previousElementSibling;
      if (before) before.before(field);
      else if (at > 0) sections[at - 1]!.append(field);
      else return;
    } else if (how === "down" && at >= 0) {
      const after = field.nextElementSibling;
      if (after) after.after(field);
      else if (at < sections.length - 1) sections[at + 1]!.prepend(field);
      else return;
    } else if (how === "add" && list === palette) sections[0]?.append(field);
    else if (how === "remove" && at >= 0) palette?.prepend(field);
    else return;
    select(field);
    field.scrollIntoView({ block: "nearest" });
    save(field);
  }

  designer.addEventListener("change", (event) => {
    const field = fieldOf(event.target as Element);
    if (field && (event.target as HTMLInputElement).type === "radio") select(field, false);
  });
  designer.addEventListener("keydown", (event) => {
    const field = fieldOf(event.target as Element);
    if (!field || !(event.target as Element).matches("input[type=radio]")) return;
    const how = event.altKey && event.key === "ArrowUp" ? "up"
      : event.altKey && event.key === "ArrowDown" ? "down"
      : event.key === "Delete" || event.key === "Backspace" ? "remove"
      : event.key === "Enter" ? "add" : "";
    if (!how) return;
    event.preventDefault();
    move(field, how);
  });
  designer.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-move]");
    const field = button && (fieldOf(button) ?? selected());
    if (!button || !field) return;
    event.preventDefault();
    move(field, button.dataset.move!);
  });

  for (const list of lists) {
    new Sortable(list, {
      group: "fields",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      draggable: "li[data-field]",
      filter: "button",
      preventOnFilter: false,
      ghostClass: "tw-ghost",
      forceFallback: true, // pointer events: the same with mouse, pen and finger
      fallbackTolerance: 4,
      delay: 150,
      delayOnTouchOnly: true,
      onEnd: (event) => {
        if (event.from === event.to && event.oldIndex === event.newIndex) return;
        select(event.item);
        save(event.item);
      },
    });
  }
  const first = selected();
  if (first) placeTools();
}

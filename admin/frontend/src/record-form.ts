/**
 * The form of a record: asks the server what follows from what was typed, and warns before leaving with unsaved changes.
 *
 * The form is posted to its data-preview-url 250 ms after the last change. The answer:
 *
 *     {"fields": {NAME: {"text", "hint", "visible", "readonly", "required"}},
 *      "lines": {LINES: {INDEX: {COLUMN: {"text", "hint", "visible", "readonly", "required"}}}},
 *      "errors": {FORM_NAME: MESSAGE}}
 *
 * `hint` is the default that counts where nothing was typed; an empty input shows it. Every key is optional. FORM_NAME is a control's name: `discount`, `lines-0-quantity`. Errors show only at fields that
 * were left once; the server's answer is the truth, nothing is computed here.
 */
import { debounced, isAborted, post } from "./http";

type FieldState = { text?: string; hint?: string; visible?: boolean; readonly?: boolean; required?: boolean };
type Answer = {
  fields?: Record<string, FieldState>;
  lines?: Record<string, Record<string, Record<string, FieldState>>>;
  errors?: Record<string, string>;
};
type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export function mount(form: HTMLFormElement): void {
  const touched = new Set<string>();
  let changed = "changed" in form.dataset;
  let leaving = false;

  const setChanged = (now: boolean) => {
    changed = now;
    document.querySelectorAll<HTMLElement>("[data-unsaved]").forEach((note) => (note.hidden = !now));
  };
  form.addEventListener("submit", () => (leaving = true));
  form.addEventListener("focusout", (event) => {
    const name = (event.target as Control).name;
    if (name) touched.add(name);
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed && !leaving && form.isConnected) event.preventDefault();
  });
  window.addEventListener("pageshow", () => (leaving = false));

  const url = form.dataset.previewUrl;
  let running: AbortController | undefined;
  const preview = async () => {
    running?.abort();
    running = new AbortController();
    try {
      const fields = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
      apply(form, await post(url!, fields, running.signal), touched);
    } catch (error) {
      if (!isAborted(error)) console.warn("preview:", error); // the form still works, the server checks when it is saved
    }
  };
  const previewSoon = debounced(250, () => void preview());

  form.addEventListener("input", () => {
    setChanged(true);
    if (url) previewSoon();
  });
  form.addEventListener("change", () => {
    setChanged(true);
    if (url) previewSoon();
  });
}

function apply(form: HTMLFormElement, answer: Answer, touched: Set<string>): void {
  for (const [name, state] of Object.entries(answer.fields ?? {})) applyState(form, name, state);
  for (const [lines, rows] of Object.entries(answer.lines ?? {})) {
    for (const [index, cells] of Object.entries(rows)) {
      for (const [column, state] of Object.entries(cells)) applyState(form, `${lines}-${index}-${column}`, state);
    }
  }
  form.querySelectorAll<HTMLElement>("[data-section]").forEach((section) => {
    const fields = [...section.querySelectorAll<HTMLElement>("[data-field]")];
    if (fields.length) section.hidden = fields.every((field) => field.hidden);
  });
  for (const name of touched) showError(form, name, answer.errors?.[name]);
}

function applyState(form: HTMLFormElement, name: string, state: FieldState): void {
  for (const field of form.querySelectorAll<HTMLElement>(`[data-field="${CSS.escape(name)}"]`)) {
    if (state.text !== undefined) {
      field.querySelectorAll("[data-text]").forEach((place) => (place.textContent = state.text!));
    }
    if (state.hint !== undefined) {
      field.querySelectorAll<HTMLInputElement>("[data-hint]").forEach((control) => (control.placeholder = state.hint!));
    }
    if (state.visible !== undefined) setVisible(field, state.visible);
    if (state.readonly !== undefined) {
      controlsOf(field).forEach((control) => setReadonly(control, state.readonly!));
      field.querySelectorAll<HTMLInputElement>('input[type=hidden][name$="-present"]').forEach((one) => (one.disabled = state.readonly!));
    }
    if (state.required !== undefined) {
      field.querySelectorAll<HTMLElement>("[data-star]").forEach((star) => (star.hidden = !state.required));
      controlsOf(field).forEach((control) => control.setAttribute("aria-required", String(state.required)));
    }
  }
  form.querySelectorAll(`[data-text-of="${CSS.escape(name)}"]`).forEach((place) => {
    if (state.text !== undefined) place.textContent = state.text;
  });
}

const controlsOf = (field: Element) =>
  [...field.querySelectorAll<Control>("input:not([type=hidden]), select, textarea")];

/** A cell of a table keeps its place, only its content goes. */
function setVisible(field: HTMLElement, visible: boolean): void {
  if (field.tagName !== "TD") field.hidden = !visible;
  else for (const child of field.children) (child as HTMLElement).hidden = !visible;
}

/** Text can be read-only; other controls can only be disabled, and are then not posted: the server keeps its value. */
function setReadonly(control: Control, readonly: boolean): void {
  const isText = control instanceof HTMLTextAreaElement
    || (control instanceof HTMLInputElement && !["checkbox", "radio", "file", "color", "range"].includes(control.type));
  if (isText) control.readOnly = readonly;
  else control.disabled = readonly;
}

function showError(form: HTMLFormElement, name: string, message: string | undefined): void {
  const field = form.querySelector<HTMLElement>(`[data-field="${CSS.escape(name)}"]`);
  const place = field?.querySelector<HTMLElement>(".tw-error");
  if (!field || !place) return;
  place.hidden = !message;
  const words = place.querySelector("span");
  if (words) words.textContent = message ?? "";
  for (const control of controlsOf(field)) {
    if (message) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
}

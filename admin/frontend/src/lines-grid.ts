/**
 * The lines of a record as a grid: Enter goes down and adds a row, a button removes one, cells pasted from a spreadsheet fill rows.
 *
 * Rows are `tr[data-index]`; a <template> holds an empty one with the index `__i__`. The numbers only tell rows apart: they
 * may have gaps, and their order is the order of the lines.
 */
type Cell = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export function mount(grid: HTMLElement): void {
  const body = grid.querySelector("tbody")!;
  const template = grid.querySelector("template"); // none where rows cannot be added
  const rows = () => [...body.querySelectorAll<HTMLTableRowElement>("tr[data-index]")];
  let next = Math.max(-1, ...rows().map((row) => Number(row.dataset.index))) + 1;

  const tellForm = () => grid.dispatchEvent(new Event("input", { bubbles: true }));

  function addRow(): HTMLTableRowElement {
    const holder = document.createElement("tbody");
    holder.innerHTML = template!.innerHTML.replaceAll("__i__", String(next++));
    const row = holder.querySelector("tr")!;
    body.append(row);
    return row;
  }
  const cellsOf = (row: Element) =>
    [...row.querySelectorAll<Cell>("input:not([type=hidden]):not([readonly]):not([disabled]), select:not([hidden]):not([disabled]), textarea:not([readonly])")];
  const columnOf = (cell: Element) => cell.closest<HTMLElement>("td")?.dataset.column;
  const cellIn = (row: Element, column: string | undefined) =>
    cellsOf(row).find((cell) => columnOf(cell) === column) ?? cellsOf(row)[0];
  const focusSoon = (row: Element, column?: string) => requestAnimationFrame(() => cellIn(row, column)?.focus()); // pickers mount first

  grid.addEventListener("click", (event) => {
    const button = (event.target as Element).closest("button");
    if (button?.matches("[data-add]")) {
      const row = addRow();
      tellForm();
      focusSoon(row, columnOf(cellsOf(row)[0] ?? row));
    } else if (button?.matches("[data-remove]")) {
      const row = button.closest("tr")!;
      const neighbour = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector<HTMLElement>("[data-remove]");
      row.remove();
      tellForm();
      (neighbour ?? grid.querySelector<HTMLElement>("[data-add]"))?.focus();
    }
  });

  grid.addEventListener("keydown", (event) => {
    const cell = event.target as Cell;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
    if (event.key !== "Enter" || !plain || event.defaultPrevented || !cell.matches("input, select")) return;
    event.preventDefault();
    const all = rows();
    const at = all.indexOf(cell.closest("tr")!);
    const below = all[at + 1];
    if (below) focusSoon(below, columnOf(cell));
    else if (template) {
      const row = addRow();
      tellForm();
      focusSoon(row);
    }
  });

  grid.addEventListener("paste", (event) => {
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    const start = event.target as Cell;
    if (!start.matches("input, select") || !/[\t\n]/.test(pasted.trimEnd())) return;
    event.preventDefault();
    const firstColumn = columnOf(start);
    let row: Element = start.closest("tr")!;
    const lines = pasted.replace(/\r/g, "").replace(/\n+$/, "").split("\n");
    const fill = () => {
      lines.forEach((line, at) => {
        if (at > 0) {
          const below = row.nextElementSibling;
          if (!below && !template) return;
          row = below ?? addRow();
        }
        const into = row;
        requestAnimationFrame(() => fillRow(into, firstColumn, line.split("\t")));
      });
      requestAnimationFrame(tellForm);
    };
    fill();
  });

  function fillRow(row: Element, firstColumn: string | undefined, values: string[]): void {
    const cells = cellsOf(row);
    const from = Math.max(0, cells.findIndex((cell) => columnOf(cell) === firstColumn));
    values.forEach((value, at) => {
      const cell = cells[from + at];
      if (cell) setValue(cell, value.trim());
    });
  }
}

function setValue(cell: Cell, value: string): void {
  const picker = cell.closest(".tw-picker");
  if (picker) picker.dispatchEvent(new CustomEvent("tw-fill", { detail: value }));
  else if (cell instanceof HTMLSelectElement) {
    const wanted = [...cell.options].find((option) => option.value === value || option.text.trim() === value);
    if (wanted) cell.value = wanted.value;
  } else if (cell instanceof HTMLInputElement && cell.type === "checkbox") cell.checked = /^(1|x|y|yes|true|是)$/i.test(value);
  else cell.value = /^-?[\d.,\s]+$/.test(value) && cell.inputMode === "decimal" ? value.replace(/[,\s]/g, "") : value;
}

/** Dialogs and drawers: `data-opens="ID"` opens the <dialog> of that id, `data-closes` closes the one around it. */

export function listen(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-opens]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.opens!);
      if (dialog instanceof HTMLDialogElement) {
        event.preventDefault();
        dialog.showModal();
      }
      return;
    }
    if (target.closest("[data-closes]")) target.closest("dialog")?.close();
    else if (target instanceof HTMLDialogElement && isOutside(target, event)) target.close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && location.hash === "#tw-nav") location.hash = "#tw-main";
  });
}

/** A click on the backdrop hits the dialog itself, outside its box. */
function isOutside(dialog: HTMLDialogElement, event: MouseEvent): boolean {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

/** A toast goes after six seconds, unless somebody points at it or works in it. */

export function mount(toast: HTMLElement): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => toast.remove(), 6000);
  };
  const hold = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", wait);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", wait);
  toast.querySelector("[data-dismiss]")?.addEventListener("click", () => toast.remove());
  if (toast.dataset.kind !== "error") wait();
}

/** Show a message from script, where the page keeps its toasts. */
export function show(message: string, kind: "done" | "error" = "done"): void {
  const toast = document.createElement("div");
  toast.className = "tw-toast";
  toast.dataset.kind = kind;
  toast.dataset.island = "toast";
  toast.append(message);
  document.querySelector(kind === "error" ? ".tw-toasts [role=alert]" : ".tw-toasts [role=status]")?.append(toast);
}

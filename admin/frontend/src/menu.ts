/** A menu that already works as <details>: closes on Escape and on a click elsewhere, arrows walk its items. */

export function mount(menu: HTMLElement): void {
  const details = menu as HTMLDetailsElement;
  const items = () => [...details.querySelectorAll<HTMLElement>(".tw-menu-list :is(a[href], button:not([disabled]))")];
  const close = () => (details.open = false);

  details.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && details.open) {
      close();
      details.querySelector("summary")?.focus();
      event.stopPropagation();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      details.open = true;
      const all = items();
      const at = all.indexOf(document.activeElement as HTMLElement);
      const next = event.key === "ArrowDown" ? at + 1 : at < 0 ? all.length - 1 : at - 1;
      all[(next + all.length) % all.length]?.focus();
    }
  });
  details.addEventListener("focusout", (event) => {
    if (event.relatedTarget instanceof Node && !details.contains(event.relatedTarget)) close();
  });
  details.addEventListener("toggle", () => {
    if (!details.open) return;
    const outside = (event: Event) => {
      if (!details.isConnected || !details.open || !details.contains(event.target as Node)) {
        close();
        document.removeEventListener("pointerdown", outside);
      }
    };
    document.addEventListener("pointerdown", outside);
  });
}

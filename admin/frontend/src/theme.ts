/** Light, dark or as the system says: kept in the cookie `tw_theme`, which the server writes into the next page. */

export function mount(group: HTMLElement): void {
  const root = document.documentElement;
  const choices = [...group.querySelectorAll<HTMLButtonElement>("[data-theme-choice]")];

  for (const choice of choices) {
    choice.addEventListener("click", () => {
      const chosen = choice.dataset.themeChoice ?? "";
      document.cookie = `tw_theme=${chosen}; path=/; max-age=${chosen ? 31536000 : 0}; samesite=lax`;
      if (chosen) delete root.dataset.themeFollows;
      else root.dataset.themeFollows = "system";
      root.dataset.bsTheme = chosen || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
      for (const other of choices) other.setAttribute("aria-pressed", String(other === choice));
    });
  }
}

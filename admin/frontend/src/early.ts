/** Runs before the page is painted: light or dark as the person chose (the server wrote it), else as the system says. */
(() => {
  const root = document.documentElement;
  if (root.dataset.bsTheme) return;
  root.dataset.themeFollows = "system";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    if (root.dataset.themeFollows) root.dataset.bsTheme = dark.matches ? "dark" : "light";
  };
  dark.addEventListener("change", follow);
  follow();
})();

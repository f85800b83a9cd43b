// Runs before the first paint, so that nobody sees the other theme flash by.
(() => {
  let theme;
  try {
    theme = localStorage.getItem('theme');
  } catch {
    // Storage may be blocked; the system's preference decides then.
  }
  if (theme !== 'light' && theme !== 'dark') {
    theme = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  }
  document.documentElement.dataset.theme = theme;
})();

// Before the first paint, so that a dark hall does not flash white. A classic script on purpose.
(function () {
  try {
    var theme = localStorage.getItem("millprint.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch (refused) {
    // No storage: the system's own preference counts.
  }
})();

// What this browser keeps for itself: key, language, theme. A browser that refuses storage
// (private mode, a locked tablet) loses them on reload and nothing else.

const memory = new Map();

export function kept(what) {
  try {
    return localStorage.getItem(`millprint.${what}`) ?? memory.get(what) ?? null;
  } catch {
    return memory.get(what) ?? null;
  }
}

export function keep(what, value) {
  if (value === null) memory.delete(what);
  else memory.set(what, value);
  try {
    if (value === null) localStorage.removeItem(`millprint.${what}`);
    else localStorage.setItem(`millprint.${what}`, value);
  } catch {
    // Kept in memory until the page is closed.
  }
}

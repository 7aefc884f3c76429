/** Light or dark: as the system has it, until a person chooses; the choice is remembered in this browser. */
import { ref } from 'vue';

const KEY = 'mail-lab-theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const root = document.documentElement;

/** The theme on the screen now. */
export const isDark = ref(false);

function follow(): void {
  isDark.value = root.dataset.theme === undefined ? system.matches : root.dataset.theme === 'dark';
}

export function toggleTheme(): void {
  root.dataset.theme = isDark.value ? 'light' : 'dark';
  follow();
  try {
    localStorage.setItem(KEY, root.dataset.theme);
  } catch {
    // Where nothing may be kept, the choice lasts as long as the page.
  }
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

const before = remembered();
if (before === 'light' || before === 'dark') root.dataset.theme = before;
system.addEventListener('change', follow);
follow();

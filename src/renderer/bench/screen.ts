/** What the map asks of the screen: its size, whether things may move, and how long a journey takes. */
import { onBeforeUnmount, onMounted, ref, shallowRef, type Ref } from 'vue';

/** Size of an element, px, as it changes. */
export function useSize(element: Readonly<Ref<HTMLElement | null>>): Ref<{ width: number; height: number }> {
  const size = shallowRef({ width: 0, height: 0 });
  let observer: ResizeObserver | null = null;
  onMounted(() => {
    observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined)
        size.value = { width: Math.round(entry.contentRect.width), height: Math.round(entry.contentRect.height) };
    });
    if (element.value !== null) observer.observe(element.value);
  });
  onBeforeUnmount(() => observer?.disconnect());
  return size;
}

export function useReducedMotion(): Ref<boolean> {
  const query = window.matchMedia('(prefers-reduced-motion: reduce)');
  const reduced = ref(query.matches);
  const hear = (): void => void (reduced.value = query.matches);
  onMounted(() => query.addEventListener('change', hear));
  onBeforeUnmount(() => query.removeEventListener('change', hear));
  return reduced;
}

/** The token --d-travel, ms. A minified sheet says `.9s`. */
export function travelMs(): number {
  const text = getComputedStyle(document.documentElement).getPropertyValue('--d-travel').trim();
  const value = Number.parseFloat(text);
  return text.endsWith('ms') ? value : value * 1_000;
}

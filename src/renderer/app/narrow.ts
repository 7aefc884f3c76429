/** Whether the window is too narrow for everything side by side. */
import { onUnmounted, ref, type Ref } from 'vue';

const query = matchMedia('(max-width: 1180px)');

export function useNarrow(): Ref<boolean> {
  const narrow = ref(query.matches);
  const look = (): void => void (narrow.value = query.matches);
  query.addEventListener('change', look);
  onUnmounted(() => query.removeEventListener('change', look));
  return narrow;
}

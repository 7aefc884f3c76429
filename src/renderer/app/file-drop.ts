/** A file dropped anywhere on the page, while a component is there. */
import { onMounted, onUnmounted, ref, type Ref } from 'vue';

/** Returns whether a file is held over the page now. */
export function useFileDrop(bring: (file: File | undefined) => Promise<void>): Ref<boolean> {
  const over = ref(false);
  const hasFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
  const listeners = {
    dragover(event: DragEvent) {
      if (!hasFile(event)) return;
      event.preventDefault();
      over.value = true;
    },
    dragleave(event: DragEvent) {
      if (event.relatedTarget === null) over.value = false;
    },
    drop(event: DragEvent) {
      if (!hasFile(event)) return;
      event.preventDefault();
      over.value = false;
      void bring(event.dataTransfer?.files[0]);
    },
  };
  const names = Object.keys(listeners) as (keyof typeof listeners)[];
  onMounted(() => names.forEach((name) => addEventListener(name, listeners[name])));
  onUnmounted(() => names.forEach((name) => removeEventListener(name, listeners[name])));
  return over;
}

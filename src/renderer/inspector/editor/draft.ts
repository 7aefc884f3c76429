/** A text under work beside the one that is in force: what is typed stays until it is saved or thrown away. */
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue';
import type { TextNote } from '../../../contract/views.ts';

export interface Draft {
  text: Ref<string>;
  notes: Ref<TextNote[]>;
  isChanged: ComputedRef<boolean>;
  /** Somebody else (another page, the script) changed the text in force while this one was typed. */
  isOvertaken: ComputedRef<boolean>;
  /** Why it can't be saved, in words; null: it can. */
  whyNot: ComputedRef<string | null>;
  /** Back to the text in force. */
  revert(): void;
  saved(): void;
}

export function useDraft(inForce: () => string, locked: () => string | null): Draft {
  const text = ref(inForce());
  const base = ref(inForce());
  const notes = shallowRef<TextNote[]>([]);
  const isChanged = computed(() => text.value !== base.value);

  const revert = (): void => {
    base.value = inForce();
    text.value = base.value;
  };
  watch(inForce, (next) => {
    // An untouched draft follows; so does one that says the same by now.
    if (!isChanged.value || text.value === next) revert();
  });
  return {
    text,
    notes,
    isChanged,
    revert,
    isOvertaken: computed(() => isChanged.value && inForce() !== base.value),
    whyNot: computed(() => {
      const errors = notes.value.filter(({ severity }) => severity === 'error');
      return (
        locked() ??
        (isChanged.value
          ? errors[0] === undefined
            ? null
            : `Line ${errors[0].line} has an error: mend it first`
          : 'Nothing was changed')
      );
    }),
    saved: () => void (base.value = text.value),
  };
}

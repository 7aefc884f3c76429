/** The tab that was open last: the next host opens at the same one, so that hosts can be compared. */
import { ref } from 'vue';
import type { HostTab } from '../../lab/store.ts';

export const lastTab = ref<HostTab>('queue');

/** Which groups of settings are open: the same ones at the next host. */
import { reactive } from 'vue';

export const openGroups = reactive(new Set(['Retry', 'Disk and sizes']));

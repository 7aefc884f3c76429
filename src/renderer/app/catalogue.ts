/** The course in its order: labs by number, and the groups in which the welcome page shows them. */
import type { LabCard, WorldInfo } from '../../contract/page-api.ts';

const ORDER = [
  'one-mx-waits',
  'one-mx-expires',
  'equal-mx-share',
  'relay-through-firewall',
  'sender-inside',
  'backup-hides-delay',
  'backup-disk-fills',
  'backup-back-door',
  'backup-backscatter',
  'backup-splits-mailbox',
  'dns-in-control',
  'line-cut',
  'two-lines-two-costs',
  'lost-250',
  'mx-loop',
  'dns-broken',
  'split-horizon',
  'dial-up',
  'before-mx',
  'backup-done-right',
  'double-bounce',
  'greylisted',
];

const GROUPS: { title: string; about: string; ids: string[] }[] = [
  {
    title: 'The heart of it',
    about: 'What MX records do, and what a backup does and does not. Start here.',
    ids: [
      'one-mx-waits',
      'one-mx-expires',
      'relay-through-firewall',
      'sender-inside',
      'backup-hides-delay',
      'backup-disk-fills',
      'line-cut',
    ],
  },
  {
    title: 'More about backups',
    about: 'What goes wrong with one, and what it takes to do it right.',
    ids: ['backup-back-door', 'backup-backscatter', 'backup-splits-mailbox', 'backup-done-right', 'greylisted'],
  },
  {
    title: 'Several ways',
    about: 'Sharing the load, and choosing between lines.',
    ids: ['equal-mx-share', 'two-lines-two-costs'],
  },
  {
    title: 'Names',
    about: 'The zone is in control, also when it is wrong.',
    ids: ['dns-in-control', 'dns-broken', 'split-horizon', 'mx-loop'],
  },
  { title: 'Edges of the protocol', about: 'Lost replies and bounces of bounces.', ids: ['lost-250', 'double-bounce'] },
  { title: 'History', about: 'How it was done before, and why it changed.', ids: ['dial-up', 'before-mx'] },
];

export interface LabGroup {
  title: string;
  about: string;
  labs: { card: LabCard; variants: LabCard[] }[];
}

/** Number of a lab in the course; null for one that is not of it. */
export function labNumber(id: string): number | null {
  const index = ORDER.indexOf(id);
  return index === -1 ? null : index + 1;
}

/** Labs in their groups, the heart first; a variant with the lab that it varies, unless it has a number of its own. */
export function groupLabs(cards: LabCard[]): LabGroup[] {
  const isVariant = (card: LabCard): boolean =>
    card.variantOf !== null && labNumber(card.id) === null && cards.some(({ id }) => id === card.variantOf);
  const withVariants = (card: LabCard) => ({
    card,
    variants: cards.filter((other) => isVariant(other) && other.variantOf === card.id),
  });
  const heads = cards.filter((card) => !isVariant(card));
  const grouped = new Set(GROUPS.flatMap(({ ids }) => ids));
  const groups = GROUPS.map(({ title, about, ids }) => ({
    title,
    about,
    labs: ids.flatMap((id) => heads.filter((card) => card.id === id)).map(withVariants),
  }));
  const others = heads.filter(({ id }) => !grouped.has(id)).map(withVariants);
  return [...groups, { title: 'More labs', about: '', labs: others }].filter(({ labs }) => labs.length > 0);
}

/** The name of a world among those open: its title, and which branch or copy of it it is. */
export function worldName(world: WorldInfo, worlds: WorldInfo[]): string {
  const branch = branchNumber(world, worlds);
  if (branch !== null) return `${world.title}, branch ${branch}`;
  const same = worlds.filter((other) => other.lab === world.lab && other.parent === null);
  const copy = same.findIndex(({ id }) => id === world.id);
  return copy > 0 ? `${world.title} (${copy + 1})` : world.title;
}

/** Branches of a lab count from 1 in the order in which they were made; null for what is no branch. */
export function branchNumber(world: WorldInfo, worlds: WorldInfo[]): number | null {
  if (world.parent === null) return null;
  return (
    worlds.filter((other) => other.lab === world.lab && other.parent !== null).findIndex(({ id }) => id === world.id) +
    1
  );
}

export const nextBranchNumber = (world: WorldInfo, worlds: WorldInfo[]): number =>
  worlds.filter((other) => other.lab === world.lab && other.parent !== null).length + 1;

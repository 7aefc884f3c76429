/** The native menu as data: what there is to choose, its shortcuts, and what each does. Decides nothing itself. */
import type { MenuItemConstructorOptions as Item } from 'electron';
import type { Command, LabCard } from '../contract/page-api.ts';
import type { RecentLab } from './recent.ts';

export interface MenuDeps {
  mac: boolean;
  /** Show what helps whoever works on the page. */
  developer: boolean;
  labs: LabCard[];
  recent: RecentLab[];
  openDialog(): void;
  openLab(id: string): void;
  openRecent(lab: RecentLab): void;
  clearRecent(): void;
  showFolder(): void;
  command(name: Command): void;
}

const LINE: Item = { type: 'separator' };

export function menuTemplate(deps: MenuDeps): Item[] {
  const asks = (label: string, name: Command, accelerator?: string): Item => ({
    id: name,
    label,
    accelerator,
    click: () => deps.command(name),
  });
  const recent: Item[] = deps.recent.map((lab) => ({ label: lab.title, click: () => deps.openRecent(lab) }));
  const file: Item[] = [
    { id: 'open', label: 'Open Lab or Mail File…', accelerator: 'CmdOrCtrl+O', click: () => deps.openDialog() },
    {
      label: 'Open Recent',
      submenu:
        recent.length === 0
          ? [{ label: 'No labs yet', enabled: false }]
          : [...recent, LINE, { label: 'Clear', click: () => deps.clearRecent() }],
    },
    {
      id: 'labs',
      label: 'Labs of the Course',
      submenu: deps.labs.map(({ id, title }) => ({ id: `lab:${id}`, label: title, click: () => deps.openLab(id) })),
    },
    LINE,
    asks('Send Mail…', 'send', 'CmdOrCtrl+N'),
    LINE,
    { label: 'Show Folder of Saved Labs', click: () => deps.showFolder() },
    ...(deps.mac ? [] : [LINE, { role: 'quit' as const }]),
  ];
  const clock: Item[] = [
    // The page hears Space itself, where nobody is typing; here it is shown.
    { ...asks('Play or Pause', 'play-pause', 'Space'), registerAccelerator: false },
    asks('Back One Event', 'back', 'CmdOrCtrl+['),
    asks('Forward One Event', 'forward', 'CmdOrCtrl+]'),
    asks('Back to Now', 'now', 'CmdOrCtrl+Shift+]'),
  ];
  const view: Item[] = [
    asks('Bench', 'bench', 'CmdOrCtrl+1'),
    asks('Queue', 'queue', 'CmdOrCtrl+2'),
    asks('Who Knew What', 'knew', 'CmdOrCtrl+3'),
    asks('Two Worlds', 'worlds', 'CmdOrCtrl+4'),
    LINE,
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'resetZoom' },
    { role: 'togglefullscreen' },
    ...(deps.developer ? [LINE, { role: 'reload' as const }, { role: 'toggleDevTools' as const }] : []),
  ];
  return [
    ...(deps.mac ? [{ role: 'appMenu' as const }] : []),
    { label: '&File', submenu: file },
    { role: 'editMenu' },
    { label: '&Clock', submenu: clock },
    { label: '&View', submenu: view },
    { role: 'windowMenu' },
    { role: 'help', submenu: [asks('Licences', 'licenses'), { role: 'about' }] },
  ];
}

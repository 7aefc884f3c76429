/** How the program is packaged: the settings are ones that the packager knows, and the runtime's fuses are set. */
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { LAB_EXTENSIONS, MAIL_EXTENSIONS } from '../../src/main/open-file.ts';
import { ROOT } from './desktop.ts';

const settings = parse(fs.readFileSync(path.join(ROOT, 'build/electron-builder.yml'), 'utf8')) as Record<string, any>;

describe('packaging', () => {
  it('has settings that electron-builder knows', async () => {
    const require = createRequire(createRequire(import.meta.url).resolve('electron-builder/package.json'));
    const { validateConfiguration } = require('app-builder-lib/out/util/config/config.js') as {
      validateConfiguration(config: unknown, debug: unknown): Promise<void>;
    };
    const debug = { isEnabled: false, add: () => undefined };
    await validateConfiguration(settings, debug);
    await expect(validateConfiguration({ ...settings, electronFusses: {} }, debug)).rejects.toThrow('electronFusses');
  });

  it('makes an AppImage, a deb, a dmg and an installer', () => {
    expect([...settings.linux.target, ...settings.mac.target, ...settings.win.target]).toEqual([
      'AppImage',
      'deb',
      'dmg',
      'nsis',
    ]);
  });

  it('sets the fuses: no Node beside the program, nothing but our archive', () => {
    expect(settings.electronFuses).toMatchObject({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableCookieEncryption: true,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
    });
    expect(settings.asar).toBe(true);
  });

  it('takes along what the program reads, and opens every kind of file that it knows', () => {
    const main = (JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { main: string }).main;
    expect(settings.files).toEqual(
      expect.arrayContaining([path.posix.dirname(main), 'out/preload', 'out/renderer', 'labs', 'package.json']),
    );
    const extensions = (settings.linux.fileAssociations as { ext: string | string[] }[]).flatMap(({ ext }) => ext);
    expect(extensions.sort()).toEqual([...LAB_EXTENSIONS, ...MAIL_EXTENSIONS].sort());
    for (const file of ['build/icon.png', 'build/icons/512x512.png', settings.mac.entitlements, settings.nsis.include])
      expect(fs.existsSync(path.join(ROOT, file)), file).toBe(true);
  });
});

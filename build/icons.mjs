/** Renders icon.svg into the sizes that Linux and the packager want: `node build/icons.mjs`, with Debian's Chromium. */
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

const SIZES = [16, 32, 48, 64, 128, 256, 512, 1024];
const here = import.meta.dirname;
const svg = fs.readFileSync(path.join(here, 'icon.svg'), 'utf8');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run'],
});
const page = await browser.newPage();
fs.mkdirSync(path.join(here, 'icons'), { recursive: true });
for (const size of SIZES) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<style>html,body{margin:0;overflow:hidden}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`,
  );
  await page.screenshot({ path: path.join(here, `icons/${size}x${size}.png`), omitBackground: true });
}
await browser.close();
fs.copyFileSync(path.join(here, 'icons/1024x1024.png'), path.join(here, 'icon.png'));

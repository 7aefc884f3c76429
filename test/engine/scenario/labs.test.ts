import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorLine, loadScenario, schemaJson, type Scenario } from '../../../src/engine/scenario/index.ts';
import { loadedDocument } from './story.ts';

const folder = new URL('../../../labs/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

function load(name: string): Scenario {
  const loaded = loadScenario(readFileSync(new URL(name, folder), 'utf8'), name);
  if (!loaded.ok) throw new Error(loaded.errors.map((error) => errorLine(name, error)).join('\n'));
  return loaded.scenario;
}

describe('the labs', () => {
  it.each(files)('%s loads, and is complete', (name) => {
    const { title, shows, guide, script, checks, hosts } = load(name);
    expect(title.length).toBeLessThan(50);
    expect(shows).toMatch(/\.$/);
    expect(guide.length).toBeGreaterThan(2);
    expect(guide.some((step) => step.ask !== null)).toBe(true);
    expect(guide.some((step) => step.hint !== null)).toBe(true);
    expect(script.length).toBeGreaterThan(0);
    expect(checks.map((check) => check.kind)).toContain('lost');
    for (const host of Object.values(hosts))
      expect(host.name).toMatch(/\.(theorganisation|elsewhere|spammer|victim)\.test$/);
  });

  it.each(files)('%s is a variant of a lab that exists, or of none', (name) => {
    const { variantOf } = load(name);
    if (variantOf !== null) expect(files).toContain(`${variantOf}.yaml`);
  });

  it('has the heart of the catalogue', () => {
    for (const name of [
      'one-mx-waits',
      'one-mx-expires',
      'relay-through-firewall',
      'sender-inside',
      'backup-hides-delay',
      'backup-disk-fills',
      'line-cut',
    ])
      expect(files).toContain(`${name}.yaml`);
  });

  it('keeps the zone and the firewall of the relay lab for the sender inside', () => {
    const [outside, inside] = [load('relay-through-firewall.yaml'), load('sender-inside.yaml')];
    expect(inside.zones.find((zone) => zone.name === 'theorganisation.test')).toEqual(
      outside.zones.find((zone) => zone.name === 'theorganisation.test'),
    );
    expect(inside.firewall).toEqual(outside.firewall);
    expect({ ...inside.hosts, c: null }).toEqual({ ...outside.hosts, c: null });
  });

  it('has the same outage and the same mail with a backup and without', () => {
    const [alone, backed] = [load('one-mx-waits.yaml'), load('backup-hides-delay.yaml')];
    expect(backed.startAt).toBe(alone.startAt);
    expect(backed.hosts.c).toEqual(alone.hosts.c);
    const [, send] = alone.script;
    expect(backed.script[1]).toEqual({ ...send, fileLine: backed.script[1]!.fileLine, guide: backed.script[1]!.guide });
  });
});

describe('variants that are put side by side', () => {
  const acts = (name: string): unknown[] =>
    load(`${name}.yaml`).script.map((step) => ({ ...step, fileLine: null, guide: null }));

  it('lab 6 has the same outage with a backup and without', () => {
    expect(acts('backup-hides-delay-none')).toEqual(acts('backup-hides-delay'));
  });

  it('lab 7 has the same flood and the same two messages three times', () => {
    const sent = (name: string): unknown[] => acts(name).filter((step) => (step as { kind: string }).kind === 'send');
    const flood = sent('backup-disk-fills');
    expect(flood).toHaveLength(3);
    for (const name of ['backup-disk-fills-temporary', 'backup-disk-fills-none']) expect(sent(name)).toEqual(flood);
  });
});

describe('the documents', () => {
  it.each(['lab-format.md', 'adding-a-lab.md'])('docs/%s has only labs that load', (name) => {
    const { whole, errors } = loadedDocument(readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8'));
    expect(errors).toEqual([]);
    expect(whole).toBeGreaterThan(0);
  });
});

describe('the JSON Schema', () => {
  it('knows every key of a lab, a host, a step and a check', () => {
    const schema = schemaJson() as { properties: Record<string, unknown>; $schema: string };
    expect(schema.$schema).toMatch(/json-schema\.org/);
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['title', 'hosts', 'script', 'checks']));
    const text = JSON.stringify(schema);
    for (const key of ['disk-full', 'lose-replies', 'status-in-report', 'relay-clients', 'notify'])
      expect(text).toContain(`"${key}"`);
    expect(JSON.parse(text)).toEqual(schema);
  });
});

/** Turns what a lab file says of a host into the contract's settings: short forms spelled out, names of peers looked up. */
import type { HostSettings } from '../../contract/settings.ts';
import type { HostKey, NetworkDef } from '../../contract/model.ts';
import type { Path } from './errors.ts';
import {
  closest,
  isHostName,
  isDocumentationAddress,
  isReservedName,
  isWithin,
  listed,
  parseBlock,
  USE_ADDRESSES,
  USE_NAMES,
} from './names.ts';
import { retryOf } from './retry.ts';
import type { SettingsFile } from './schema-host.ts';

/** What is known of the lab while a host is read. `problem` notes what is wrong, at a path below the host. */
export interface HostContext {
  networks: readonly NetworkDef[];
  /** Addresses of all hosts, by key. */
  addresses: ReadonlyMap<HostKey, readonly string[]>;
  problem(path: Path, message: string): void;
}

/** The settings that a host or a `set` step names, and no others; `base` is what the host is like before. */
export function settingsOf(file: SettingsFile, base: HostSettings, context: HostContext): Partial<HostSettings> {
  return {
    ...placeOf(file, base, context),
    ...mailOf(file, base, context),
    ...numbersOf(file, base),
    ...retryOf(file, context.problem),
  };
}

function placeOf(file: SettingsFile, base: HostSettings, { networks, problem }: HostContext): Partial<HostSettings> {
  const set: Partial<HostSettings> = {};
  if (file.name !== undefined) {
    checkName(file.name, ['name'], problem);
    set.name = file.name;
  }
  if (file.address === undefined && file.network === undefined) return set;
  const addresses = file.address ?? base.addresses;
  const network = file.network ?? networks.find((one) => isWithin(addresses[0] ?? '', one.block))?.key;
  for (const [position, address] of addresses.entries())
    checkAddress(address, position, addresses.length, network, networks, problem);
  return { ...set, addresses: [...addresses], network: network ?? base.network };
}

function checkAddress(
  address: string,
  position: number,
  count: number,
  network: string | undefined,
  networks: readonly NetworkDef[],
  problem: HostContext['problem'],
): void {
  const path = count === 1 ? ['address'] : ['address', position];
  if (parseBlock(address) === null || address.includes('/'))
    return problem(path, `\`${address}\` is not an address: write four numbers, such as 192.0.2.10`);
  if (!isDocumentationAddress(address))
    return problem(path, `${address} is not an address for documents: ${USE_ADDRESSES}`);
  const known = networks.map(({ key, block }) => `${key} ${block}`);
  const home = networks.find((one) => one.key === network);
  if (home === undefined && network !== undefined) {
    return problem(
      ['network'],
      `there is no network \`${network}\`: ${
        near(
          network,
          networks.map(({ key }) => key),
        ) ?? `there are ${listed(known)}`
      }`,
    );
  }
  if (!networks.some(({ block }) => isWithin(address, block)))
    return problem(
      path,
      `${address} is in none of the networks (${known.join(', ')}): write an address in one of them, or add its network`,
    );
  if (position === 0 && home !== undefined && !isWithin(address, home.block)) {
    problem(path, `${address} is not within ${home.key} (${home.block}): write an address in it, or leave network out`);
  }
  if (address.endsWith('.250'))
    problem(path, `${address} is where the clients of the network stand: write another one`);
  if (address === '198.51.100.53') problem(path, `${address} is the lab's name server: write another one`);
  if (/\.(0|255)$/.test(address))
    problem(path, `${address} is the network itself or its broadcast address: write another one`);
}

function mailOf(file: SettingsFile, base: HostSettings, context: HostContext): Partial<HostSettings> {
  const set: Partial<HostSettings> = {};
  const domains = (key: 'final' | 'relay'): string[] | undefined => {
    file[key]?.forEach((domain, position) => checkName(domain, [key, position], context.problem));
    return file[key]?.map((domain) => domain.toLowerCase());
  };
  const [final, relay] = [domains('final'), domains('relay')];
  if (final !== undefined) set.finalDomains = final;
  if (relay !== undefined) set.relayDomains = relay;
  const finals = new Set(final ?? base.finalDomains);
  for (const domain of relay ?? []) {
    if (finals.has(domain))
      context.problem(
        ['relay'],
        `${domain} is final here too: mail for it either ends here or is passed on. Take it out of final or of relay`,
      );
  }
  if (file.mailboxes !== undefined)
    set.mailboxes = file.mailboxes.includes('any') ? null : [...new Set([...file.mailboxes, 'postmaster'])];
  file.mailboxes?.forEach((mailbox, position) => {
    if (!/^[A-Za-z0-9._+=-]+$/.test(mailbox))
      context.problem(
        ['mailboxes', position],
        `\`${mailbox}\` is no mailbox: write what stands before the @, such as alice`,
      );
  });
  if (file['known-users'] !== undefined)
    set.knownUsers = knownUsers(file['known-users'], relay ?? base.relayDomains, context);
  if (file.trusts !== undefined) set.trustedPeers = peers(file.trusts, 'trusts', context);
  if (file['relay-clients'] !== undefined) set.relayClients = peers(file['relay-clients'], 'relay-clients', context);
  if (file['relay-denied'] !== undefined) set.relayDenied = file['relay-denied'];
  if (file.filters !== undefined) {
    const { blocklist, greylist, content } = file.filters;
    if (blocklist !== undefined) checkName(blocklist, ['filters', 'blocklist'], context.problem);
    set.blocklistZone = blocklist ?? null;
    set.greylistMs = greylist ?? null;
    set.contentFilter = contentFilter(content);
  }
  if (file['eight-bit'] !== undefined) set.downgradesEightBit = file['eight-bit'] === 'convert';
  if (file['double-bounce'] !== undefined) set.doubleBounceToPostmaster = file['double-bounce'] === 'postmaster';
  return set;
}

function contentFilter(content: NonNullable<SettingsFile['filters']>['content']): HostSettings['contentFilter'] {
  if (content === undefined || content === false) return null;
  if (content === true) return { gtube: true, patterns: [] };
  if (Array.isArray(content)) return { gtube: true, patterns: content };
  return { gtube: content.gtube ?? true, patterns: content.patterns ?? [] };
}

/** Users without a domain stand for one in each relay domain: a short file could make more of them than fit into memory. */
const KNOWN_USERS_MAX = 100_000;

function knownUsers(users: string[], relayDomains: string[], { problem }: HostContext): string[] {
  const count = users.filter((user) => !user.includes('@')).length * relayDomains.length;
  if (count > KNOWN_USERS_MAX) {
    problem(
      ['known-users'],
      `without their domains these are ${count} users, each in all ${relayDomains.length} relay domains, and the limit is ${KNOWN_USERS_MAX}: write whole addresses`,
    );
    return [];
  }
  return users.flatMap((user, position) => {
    if (user.includes('@')) return [user.toLowerCase()];
    if (relayDomains.length === 0)
      problem(
        ['known-users', position],
        `${user} has no domain, for this host has no relay domains: write relay: [theorganisation.test], or the whole address`,
      );
    return relayDomains.map((domain) => `${user}@${domain}`.toLowerCase());
  });
}

/** Host keys, network keys, addresses and blocks as CIDR. */
function peers(words: string[], key: string, { networks, addresses, problem }: HostContext): string[] {
  return words.flatMap((word, position) => {
    const hostAddresses = addresses.get(word);
    if (hostAddresses !== undefined) return [...hostAddresses];
    const network = networks.find((one) => one.key === word);
    if (network !== undefined) return [network.block];
    if (parseBlock(word) !== null) return [word];
    const known = [...addresses.keys(), ...networks.map((one) => one.key)];
    problem(
      [key, position],
      `\`${word}\` is not a host, network, address or block: ${near(word, known) ?? `there are ${listed(known)}`}`,
    );
    return [];
  });
}

function numbersOf(file: SettingsFile, base: HostSettings): Partial<HostSettings> {
  const { extensions: ext, timeouts: time } = file;
  const set: Partial<HostSettings> = {
    diskBytes: file.disk,
    diskReserveBytes: file['disk-reserve'],
    diskFullReply: file['disk-full'],
    mailboxQuotaBytes: file.quota,
    messageSizeMax: file['message-size'],
    rcptCountMax: file.recipients,
    errorCountMax: file.errors,
    junkCommandCountMax: file['junk-commands'],
    greetPauseMs: file['greet-pause'],
    serverIdleMs: file['server-idle'],
    connectionCountMax: file.connections,
    transactionRcptCountMax: file['transaction-recipients'],
    mxSessionCountMax: file['mx-sessions'],
    mxAddressCountMax: file['mx-addresses'],
    bounceSizeMax: file['bounce-size'],
    deadAfterFailures: file['dead-after'],
    deadForMs: file['dead-for'],
    hopCountMax: file.hops,
    extensions: ext && {
      ...base.extensions,
      ...given<HostSettings['extensions']>({
        pipelining: ext.pipelining,
        dsn: ext.dsn,
        eightBitMime: ext['8bitmime'],
        smtpUtf8: ext.smtputf8,
        size: ext.size,
        etrn: ext.etrn,
        enhancedCodes: ext['enhanced-codes'],
      }),
    },
    timeouts: time && {
      ...base.timeouts,
      ...given<HostSettings['timeouts']>({
        connectMs: time.connect,
        greetingMs: time.greeting,
        commandMs: time.command,
        dataMs: time.data,
        dataBlockMs: time['data-block'],
        finalDotMs: time['final-dot'],
      }),
    },
  };
  return given<Partial<HostSettings>>(set);
}

export function checkName(name: string, path: Path, problem: HostContext['problem']): void {
  if (!isHostName(name))
    problem(
      path,
      `\`${name}\` is not a host or domain name: write letters, digits, hyphens and dots, such as a.theorganisation.test`,
    );
  else if (!isReservedName(name)) problem(path, `${name} may be somebody's: ${USE_NAMES}`);
}

export function near(word: string, known: readonly string[]): string | null {
  const best = closest(word, known);
  return best === null ? null : `did you mean \`${best}\`?`;
}

/** Only the fields that have a value. */
function given<T extends object>(fields: { [Key in keyof T]: T[Key] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

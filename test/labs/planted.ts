/**
 * Faults planted in the labs, as data: each makes a lab tell another story than the one that it is there to show, and names
 * the checks that must notice, each with a word of what they measure then. A check that no fault turns red tests nothing.
 *
 * `edits` are made on the lab file's text: what stands there, exactly once, and what takes its place.
 */
export interface Planted {
  /** In words: what is wrong with this world. */
  fault: string;
  edits: [from: string, to: string][];
  red: Record<string, RegExp>;
}

type Edit = Planted['edits'][number];

const cRetries = (words: string): Edit => ['retry: article }', `retry: { preset: article, ${words} } }`];
const withFault = (words: string): Edit => ['guide:\n', `faults:\n  - { ${words} }\n\nguide:\n`];

const carolIsFull: Edit = ['mailboxes: [carol],', 'mailboxes: [carol], quota: 1KB,'];
const aStaysOff: Edit = ['- start: a', '- off: a'];
const noSecondMx: Edit = ['    @   MX 2 b\n', ''];
const bFirst: Edit = ['@   MX 2 b', '@   MX 0 b'];
const bIsOff: Edit = ['- off: a\n', '- off: a\n      - off: b\n'];
const replyLost = withFault('host: a, when: final-dot, then: cut, times: 1');
const aRefuses = withFault("host: a, when: { command: RCPT }, then: { answer: '550 5.1.1 User unknown' }");

const nobodyHeard = /its report reached nobody/;

const oneMxWaits: Planted[] = [
  {
    fault: 'C warns after 6 h',
    edits: [cRetries('warn: 6h')],
    red: { 'carol is told of the delay of minutes once, by C': /after 6 h/ },
  },
  {
    fault: 'C gives up after two days',
    edits: [cRetries('give-up: 2d')],
    red: { 'carol is not told of the failure of minutes': /failure after 2 d/ },
  },
  {
    fault: 'C tries every two hours',
    edits: [cRetries('every: 2h')],
    red: { 'C tries minutes 138 to 148 times over 2 d 23 h or more': /^3\d tries/ },
  },
  {
    fault: 'A is off for a day more',
    edits: [
      ['until: 2026-03-05T09', 'until: 2026-03-06T09'],
      ['until: 2026-03-05T10', 'until: 2026-03-06T10'],
    ],
    red: { 'minutes arrives within 3 d 35 min': /after 4 d/ },
  },
  { fault: "A's 250 does not reach C", edits: [replyLost], red: { 'alice has minutes once': /2 copies on A/ } },
  { fault: 'A stays off', edits: [aStaysOff], red: { "C's queue is empty": /1 message: minutes/ } },
  {
    fault: "C gives up after a day, and carol's mailbox is full",
    edits: [cRetries('give-up: 1d'), carolIsFull],
    red: { 'No message is lost': nobodyHeard },
  },
];

const oneMxExpires: Planted[] = [
  {
    fault: 'C never warns',
    edits: [cRetries('warn: never')],
    red: { 'carol is told of the delay of minutes once, by C': /heard of the failure/ },
  },
  {
    fault: 'C gives up after five days',
    edits: [cRetries('give-up: 5d')],
    red: { 'carol is told of the failure of minutes once, by C': /failure after 5 d/ },
  },
  {
    fault: "A's daemon is stopped, and its machine refuses connections",
    edits: [['- off: a', '- stop: a']],
    red: { 'A report about minutes says failed 4.4.1': /Connection refused/ },
  },
  {
    fault: 'C tries every hour',
    edits: [cRetries('every: 1h')],
    red: { 'C tries minutes 325 to 340 times over 6 d 23 h or more': /^1\d\d tries/ },
  },
  {
    fault: 'A is back after three days',
    edits: [['- pass: 7d', '- pass: 3d\n      - start: a\n      - pass: 4d']],
    red: { 'alice does not have minutes': /1 copy on A/ },
  },
  {
    fault: "C's patience is of two weeks",
    edits: [cRetries('give-up: 14d')],
    red: { "C's queue is empty": /1 message: minutes/ },
  },
  { fault: "carol's mailbox is full", edits: [carolIsFull], red: { 'No message is lost': nobodyHeard } },
];

const relayThroughFirewall: Planted[] = [
  {
    fault: 'the zone puts B before A',
    edits: [bFirst],
    red: { 'C tries A first for minutes': /^b\.theorganisation\.test first/ },
  },
  {
    fault: 'the firewall lets C through',
    edits: [['drop  any -> office port 25', 'allow any -> office port 25']],
    red: {
      'The firewall stops C on its way to A by rule 3 (drop)': /no connection was stopped/,
      'minutes goes C → B → A': /^C → A$/,
      'minutes carries 3 Received lines': /^2 lines/,
    },
  },
  {
    fault: 'the zone does not name A',
    edits: [['    @   MX 1 a\n', '']],
    red: { 'B tries A first for minutes': /B has tried nobody/ },
  },
  {
    fault: 'the firewall keeps B out as well',
    edits: [['allow b -> a port 25', 'drop b -> a port 25']],
    red: { 'minutes arrives within 2 min': /not there after/ },
  },
  {
    fault: "B keeps alice's mail itself",
    edits: [
      [
        '    relay: theorganisation.test\n    known-users: [alice]',
        '    final: theorganisation.test\n    mailboxes: [alice]',
      ],
    ],
    red: { 'alice has minutes once on A': /^0 copies/ },
  },
  {
    fault: "A knows no alice, and carol's mailbox is full",
    edits: [aRefuses, carolIsFull],
    red: { 'No message is lost': nobodyHeard },
  },
];

const senderInside: Planted[] = [
  {
    fault: 'the zone puts B before A',
    edits: [bFirst],
    red: { 'C tries A first for minutes': /^b\.theorganisation\.test first/ },
  },
  {
    fault: 'the firewall lets neighbours through to C alone',
    edits: [['  allow office -> office\n', '  allow office -> c\n']],
    red: {
      'The firewall does not stop C on its way to A': /^1 connection stopped/,
      'minutes goes C → A': /^C → B → A$/,
      'B is handed nothing': /1 message/,
      'minutes carries 2 Received lines': /^3 lines/,
    },
  },
  {
    fault: 'A greets after 20 s',
    edits: [['trusts: b\n', 'trusts: b\n    greet-pause: 20s\n']],
    red: { 'minutes arrives within 10 s': /after 20 s/ },
  },
  { fault: 'A knows no alice', edits: [aRefuses], red: { 'alice has minutes once': /^0 copies/ } },
  {
    fault: "A knows no alice, and carol's mailbox is full",
    edits: [aRefuses, carolIsFull],
    red: { 'No message is lost': nobodyHeard },
  },
];

const backupHidesDelay: Planted[] = [
  {
    fault: 'the zone puts B before A',
    edits: [bFirst],
    red: { 'C tries A first for minutes': /^b\.theorganisation\.test first/ },
  },
  { fault: 'B is off as well', edits: [bIsOff], red: { 'C keeps minutes at most 2 min': /^2 d/ } },
  {
    fault: 'A is back after two hours',
    edits: [['- until: 2026-03-04T09:00Z', '- until: 2026-03-02T11:00Z']],
    red: { 'B keeps minutes at least 1 d 23 h, at most 2 d 1 h': /^[23] h/ },
  },
  {
    fault: 'B warns after 4 h',
    edits: [['retry: postfix', 'retry: { preset: postfix, warn: 4h }']],
    red: { 'carol is not told of minutes': /delay after 4 h .*from B/ },
  },
  {
    fault: 'the zone has no second MX, as in lab 1',
    edits: [noSecondMx],
    red: { 'minutes goes C → B → A': /^C → A$/, 'carol is not told of minutes': /delay after 4 h .*from C/ },
  },
  { fault: "A's 250 does not reach B", edits: [replyLost], red: { 'alice has minutes once': /2 copies on A/ } },
  { fault: 'A stays off', edits: [aStaysOff], red: { "B's queue is empty": /1 message: minutes/ } },
  {
    fault: "B gives up after a day, and carol's mailbox is full",
    edits: [['retry: postfix', 'retry: { preset: postfix, give-up: 1d }'], carolIsFull],
    red: { 'No message is lost': nobodyHeard },
  },
];

const backupHidesDelayWarned: Planted[] = [
  { fault: 'B is off as well', edits: [bIsOff], red: { 'C keeps minutes at most 2 min': /^2 d/ } },
  {
    fault: 'B warns nobody, as Postfix comes',
    edits: [['retry: { preset: postfix, warn: 4h }', 'retry: postfix']],
    red: { 'carol is told of the delay of minutes once, by B': /heard nothing/ },
  },
  {
    fault: 'the zone has no second MX',
    edits: [noSecondMx],
    red: { 'A report about minutes says delayed 4.4.1': /^C reported delayed/, 'minutes goes C → B → A': /^C → A$/ },
  },
  { fault: "A's 250 does not reach B", edits: [replyLost], red: { 'alice has minutes once': /2 copies on A/ } },
  {
    fault: "B gives up after a day, and carol's mailbox is full",
    edits: [['preset: postfix, warn: 4h', 'preset: postfix, warn: 4h, give-up: 1d'], carolIsFull],
    red: { 'No message is lost': nobodyHeard },
  },
];

const backupHidesDelayNone: Planted[] = [
  {
    fault: 'C warns after 6 h',
    edits: [cRetries('warn: 6h')],
    red: { 'carol is told of the delay of minutes once, by C': /after 6 h/ },
  },
  {
    fault: 'C gives up after a day',
    edits: [cRetries('give-up: 1d')],
    red: { 'carol is not told of the failure of minutes': /failure after 1 d/ },
  },
  {
    fault: 'A is back after two hours',
    edits: [['- until: 2026-03-04T09:00Z', '- until: 2026-03-02T11:00Z']],
    red: { 'C keeps minutes at least 2 d, at most 2 d 40 min': /^2 h/ },
  },
  {
    fault: 'there is a B after all',
    edits: [
      ['  c: {', '  b: { name: b.theorganisation.test, address: 203.0.113.20, relay: theorganisation.test }\n  c: {'],
      ['    @   MX 1 a\n', '    @   MX 1 a\n    @   MX 2 b\n    b   A    203.0.113.20\n'],
    ],
    red: { 'minutes goes C → A': /^C → B → A$/ },
  },
  { fault: "A's 250 does not reach C", edits: [replyLost], red: { 'alice has minutes once': /2 copies on A/ } },
  { fault: 'A stays off', edits: [aStaysOff], red: { "C's queue is empty": /1 message: minutes/ } },
  {
    fault: "C gives up after a day, and carol's mailbox is full",
    edits: [cRetries('give-up: 1d'), carolIsFull],
    red: { 'No message is lost': nobodyHeard },
  },
];

const roomForAll: Edit = ['disk: 2MB', 'disk: 20MB'];
const aNeverOff: Edit[] = [
  ['      - off: a\n', ''],
  ['      - start: a\n', ''],
];

const backupDiskFills: Planted[] = [
  { fault: 'A never goes off', edits: aNeverOff, red: { 'minutes goes C → B → A': /^C → A$/ } },
  {
    fault: 'B has ten times the disk',
    edits: [roomForAll],
    red: {
      "B's free disk falls below 150.0 KB": /^1\d\.\d MB/,
      'B refuses S with 552 5.3.1 at least 10 times': /refused S nothing/,
      'alice does not have agenda': /1 copy on A/,
    },
  },
  {
    fault: 'B says 452',
    edits: [['disk-full: permanent', 'disk-full: temporary']],
    red: {
      'B refuses C with 552 5.3.1 once': /452 4\.3\.1/,
      'carol is told of the failure of agenda once, by C': /heard of the delay/,
      'A report about agenda says failed 5.3.1': /C reported delayed, 4\.3\.1/,
    },
  },
  {
    fault: 'the flood comes within a minute',
    edits: [['every: 10m', 'every: 1s']],
    red: { 'alice has minutes once': /^0 copies/, 'carol is not told of minutes': /heard of the failure/ },
  },
  { fault: 'A stays off', edits: [aStaysOff], red: { "B's queue is empty": /^\d+ messages/ } },
  {
    fault: "carol's mailbox is full",
    edits: [carolIsFull],
    red: { 'No message is lost': /agenda for alice.*its report reached nobody/ },
  },
];

const backupDiskFillsTemporary: Planted[] = [
  { fault: 'A never goes off', edits: aNeverOff, red: { 'minutes goes C → B → A': /^C → A$/ } },
  {
    fault: 'B has ten times the disk',
    edits: [roomForAll],
    red: {
      "B's free disk falls below 150.0 KB": /^1\d\.\d MB/,
      'C keeps agenda at least 23 h, at most 1 d 40 min': /^30 s/,
      'agenda goes C → A': /^C → B → A$/,
    },
  },
  {
    fault: 'B says 552',
    edits: [['disk-full: temporary', 'disk-full: permanent']],
    red: {
      'B refuses C with 452 4.3.1': /552 5\.3\.1/,
      'carol is not told of the failure of agenda': /heard of the failure/,
      'alice has agenda once': /^0 copies/,
      'alice has spam once': /of 60 messages differ; .*0 copies/,
    },
  },
  {
    fault: 'C never warns',
    edits: [cRetries('warn: never')],
    red: { 'carol is told of the delay of agenda once, by C': /heard nothing/ },
  },
  {
    fault: 'B warns after 4 h',
    edits: [['disk-full: temporary', 'disk-full: temporary\n    retry: { preset: postfix, warn: 4h }']],
    red: { 'carol is not told of minutes': /delay after 4 h .*from B/ },
  },
  {
    fault: "A's 250 does not come back for mail from carol",
    edits: [withFault('host: a, when: final-dot, address: carol, then: cut, times: 2')],
    red: { 'alice has minutes once': /2 copies on A/ },
  },
  {
    fault: "C gives up after two hours, and carol's mailbox is full",
    edits: [cRetries('give-up: 2h'), carolIsFull],
    red: { 'No message is lost': /agenda for alice.*its report reached nobody/ },
  },
];

const backupDiskFillsNone: Planted[] = [
  {
    fault: 'C warns after 6 h',
    edits: [cRetries('warn: 6h')],
    red: {
      'carol is told of the delay of minutes once, by C': /after 6 h/,
      'carol is told of the delay of agenda once, by C': /after 6 h/,
    },
  },
  {
    fault: 'C gives up after six hours',
    edits: [cRetries('give-up: 6h')],
    red: { 'carol is not told of the failure of agenda': /failure after 6 h/ },
  },
  {
    fault: 'S sends only ten',
    edits: [['count: 60', 'count: 10']],
    red: { "S's queue grows to 60 or more": /^10 at the most/ },
  },
  {
    fault: 'S spams by way of C',
    edits: [['count: 60', 'via: c, count: 60']],
    red: { "C's queue never holds more than 4": /^6\d at the most/ },
  },
  {
    fault: 'A stays off',
    edits: [aStaysOff],
    red: {
      'agenda goes C → A': /^C$/,
      'alice has agenda once': /^0 copies/,
      'alice has minutes once': /^0 copies/,
      'alice has spam once': /^60 of 60 messages differ/,
    },
  },
  {
    fault: "C gives up after six hours, and carol's mailbox is full",
    edits: [cRetries('give-up: 6h'), carolIsFull],
    red: { 'No message is lost': nobodyHeard },
  },
];

const lineCut: Planted[] = [
  {
    fault: 'the line is reset instead of cut',
    edits: [['then: cut, times: 1', 'then: reset, times: 1']],
    red: { 'C\'s try of drawings ends with "timed out while sending" once after 3 min or more': /lost connection/ },
  },
  {
    fault: 'the old record lives for a day',
    edits: [['$TTL 1h\n    @   MX 1 a', '$TTL 1d\n    @   MX 1 a']],
    red: { 'C keeps drawings at least 6 h, at most 7 h 45 min': /^1 d/ },
  },
  {
    fault: 'C warns after 7 h',
    edits: [cRetries('warn: 7h')],
    red: { 'carol is told of the delay of drawings once, by C': /heard nothing/ },
  },
  {
    fault: 'C tries every five minutes',
    edits: [cRetries('every: 5m')],
    red: { 'C tries drawings 11 to 18 times': /^[5-9]\d tries/ },
  },
  {
    fault: 'the zone is not edited for the second line',
    edits: [['A    198.51.100.10', 'A    192.0.2.10']],
    red: { 'drawings goes C → A, at 198.51.100.10': /at 192\.0\.2\.10/ },
  },
  {
    fault: 'the zone is not edited back to the first line',
    edits: [
      ['A    192.0.2.10\n      - until: 2026-03-04T10:30Z', 'A    198.51.100.10\n      - until: 2026-03-04T10:30Z'],
    ],
    red: { 'thanks goes C → A, at 192.0.2.10': /at 198\.51\.100\.10/ },
  },
  {
    fault: "A's 250 does not come over the second line",
    edits: [['- mend: a\n', '- mend: a\n      - fault: { id: gap, host: a, when: final-dot, then: cut, times: 1 }\n']],
    red: { 'alice has drawings once': /2 copies on A/, "alice's mailbox holds 2 messages": /3 messages/ },
  },
  {
    fault: 'A greets after two minutes',
    edits: [['mailboxes: [alice]', 'mailboxes: [alice], greet-pause: 2m']],
    red: { 'thanks arrives within 1 min': /after 2 min/ },
  },
  {
    fault: 'the first line is not mended',
    edits: [['address: [192.0.2.10, 198.51.100.10]', 'address: 198.51.100.10']],
    red: { 'alice has thanks once': /^0 copies/ },
  },
  {
    fault: "C gives up after two hours, and carol's mailbox is full",
    edits: [cRetries('give-up: 2h'), carolIsFull],
    red: { 'No message is lost': /drawings for alice.*its report reached nobody/ },
  },
];

/** By lab: the file's name without `.yaml`. */
export const planted: Record<string, Planted[]> = {
  'one-mx-waits': oneMxWaits,
  'one-mx-expires': oneMxExpires,
  'relay-through-firewall': relayThroughFirewall,
  'sender-inside': senderInside,
  'backup-hides-delay': backupHidesDelay,
  'backup-hides-delay-warned': backupHidesDelayWarned,
  'backup-hides-delay-none': backupHidesDelayNone,
  'backup-disk-fills': backupDiskFills,
  'backup-disk-fills-temporary': backupDiskFillsTemporary,
  'backup-disk-fills-none': backupDiskFillsNone,
  'line-cut': lineCut,
};

/**
 * The linter holds the drawing in ARCHITECTURE.md: which folder may import what, and that in the engine time, chance
 * and sockets come from one place each. Every ban says what to use instead. test/tidy.test.ts holds the same walls by
 * reading the text, and what a linter can't see (circles among rooms, headers, mirrors).
 */
import vue from 'eslint-plugin-vue';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { noBareLookup } from './scripts/lint/no-bare-lookup.js';

const socketModules = ['node:net', 'node:dgram', 'node:http', 'node:https', 'node:http2', 'node:tls'];
const sockets = [...socketModules, ...socketModules.map((name) => name.slice(5))].map((name) => ({
  name,
  message: 'Only src/engine/network opens sockets: dial and publish there. For a type, write `import type`.',
  allowTypeImports: true,
}));

const timers = ['node:timers', 'node:timers/promises', 'timers', 'timers/promises'].map((name) => ({
  name,
  message: 'The lab has one clock: use clock.at(when, name, run).',
}));

const screens = {
  regex: '^(electron|vue)(/|$)',
  message:
    'The engine knows no screen: tell the journal, and let the window fold it. Only src/main may import electron.',
};

const otherHalves = {
  regex: '/(cli|main|server|renderer|preload)/',
  message: 'The engine knows none of those who drive it: take what you need as an argument (LabOptions).',
};

/** A room is entered by its index.ts; these files are pure, and open to all. */
const roomDoors = {
  regex: String.raw`^(\.\./)+(clock|dns|dsn|journal|mailbox|network|queue|scenario|smtp-in|smtp-out)/(?!index\.ts$|cidr\.ts$|firewall-text\.ts$|zone\.ts$|presets\.ts$)`,
  message:
    "Another room is entered by its index.ts only: export there what you need, or move what is nobody's to src/engine.",
};

const noTimers = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval'].map((name) => ({
  name,
  message: 'The lab has one clock: use clock.at(when, name, run), which returns what cancels it.',
}));

const noRealTime = [
  { object: 'Date', property: 'now', message: 'The lab has one clock: use clock.now().' },
  {
    object: 'process',
    property: 'hrtime',
    message: 'The lab has one clock: use clock.now(); real time is known to clock/pacer.ts alone.',
  },
  {
    object: 'process',
    property: 'uptime',
    message: 'The lab has one clock: use clock.now(); real time is known to clock/pacer.ts alone.',
  },
];

const noChance = [
  { object: 'Math', property: 'random', message: 'All chance comes from the seed: use chance.below(n, name).' },
  ...['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues'].map((property) => ({
    object: 'crypto',
    property,
    message: 'All chance comes from the seed: use chance.below(n, name) or chance.hex(digits, name).',
  })),
];

const noBackDoor = [
  { object: 'globalThis', message: 'Name what you need by itself, so that the bans on time and chance can see it.' },
];

const noBareReset = [
  {
    property: 'resetAndDestroy',
    message: 'Some sockets are never closed by it: write reset(socket), of network/reset.ts.',
  },
];

const noDates = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'The lab has one clock: write new Date(clock.now()).',
  },
  { selector: "CallExpression[callee.name='Date']", message: 'The lab has one clock: write new Date(clock.now()).' },
];

const performanceClock = {
  name: 'performance',
  message: 'The lab has one clock: use clock.now(); real time is known to clock/pacer.ts alone.',
};
const cryptoModules = ['node:crypto', 'crypto'].map((name) => ({
  name,
  importNames: ['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues', 'webcrypto'],
  message: 'All chance comes from the seed: use chance.below(n, name) or chance.hex(digits, name).',
}));

/** The engine's rules about imports, but for what one of its rooms may do. */
const imports = (paths, patterns) => ({ '@typescript-eslint/no-restricted-imports': ['error', { paths, patterns }] });

/** Rules of ESLint itself that find bugs and that the compiler doesn't know. */
const bugs = [
  'no-async-promise-executor',
  'no-compare-neg-zero',
  'no-cond-assign',
  'no-constant-binary-expression',
  'no-constant-condition',
  'no-control-regex',
  'no-debugger',
  'no-dupe-else-if',
  'no-duplicate-case',
  'no-empty',
  'no-empty-character-class',
  'no-ex-assign',
  'no-loss-of-precision',
  'no-misleading-character-class',
  'no-regex-spaces',
  'no-self-assign',
  'no-self-compare',
  'no-sparse-arrays',
  'no-template-curly-in-string',
  'no-unreachable-loop',
  'no-unsafe-finally',
  'no-unused-private-class-members',
  'no-useless-catch',
  'no-useless-escape',
  'use-isnan',
  'valid-typeof',
];

export default tseslint.config(
  { ignores: ['node_modules/', 'out/', 'dist/', 'coverage/'] },
  ...tseslint.configs.recommended,
  {
    languageOptions: { globals: globals.node },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: Object.fromEntries(bugs.map((rule) => [rule, 'error'])),
  },
  {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.ts', 'src/renderer/vite.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // The rules that need types, and are worth it: a forgotten promise is a bug that no test finds at once.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'separate-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      // `as` and `!` say what the compiler can't know; where noUncheckedIndexedAccess asks for them, they are honest.
      '@typescript-eslint/no-non-null-assertion': 'off',
      eqeqeq: 'error',
      'prefer-const': ['error', { destructuring: 'all' }],
      'no-fallthrough': 'off', // noFallthroughCasesInSwitch of the compiler knows which functions never return
    },
  },

  // ── the contract: what both halves know ──────────────────────────────────
  {
    files: ['src/contract/**/*.ts'],
    rules: {
      ...imports(
        [],
        [
          {
            regex: String.raw`^(?!\./)`,
            message: 'The contract imports nothing but itself: it is read by every half, also in a browser.',
          },
        ],
      ),
      'no-restricted-globals': ['error', 'process', 'Buffer', ...noTimers, performanceClock],
      'no-restricted-properties': ['error', ...noRealTime, ...noChance, ...noBackDoor],
      'no-restricted-syntax': ['error', ...noDates],
    },
  },

  // ── the engine: one clock, one source of chance, one door to the wire ────
  {
    files: ['src/engine/**/*.ts'],
    rules: {
      ...imports([...sockets, ...timers, ...cryptoModules], [screens, otherHalves, roomDoors]),
      'no-restricted-globals': [
        'error',
        ...noTimers,
        performanceClock,
        { name: 'fetch', message: 'Only src/engine/network opens sockets, and it only goes to loopback.' },
      ],
      'no-restricted-properties': ['error', ...noRealTime, ...noChance, ...noBackDoor],
      'no-restricted-syntax': ['error', ...noDates],
    },
  },
  {
    // The door to the wire.
    files: ['src/engine/network/**/*.ts'],
    ignores: ['src/engine/network/reset.ts'],
    rules: {
      ...imports([...timers, ...cryptoModules], [screens, otherHalves, roomDoors]),
      'no-restricted-properties': ['error', ...noRealTime, ...noChance, ...noBackDoor, ...noBareReset],
    },
  },
  {
    // Real time: how long to wait before virtual time jumps. Handed in, so that a test puts another one in its place.
    files: ['src/engine/clock/pacer.ts'],
    rules: { 'no-restricted-globals': 'off' },
  },
  {
    // Libraries step with setImmediate, so the lockstep must wait by it to see that they are through.
    files: ['src/engine/network/wires.ts'],
    rules: {
      'no-restricted-globals': ['error', ...noTimers.filter(({ name }) => name !== 'setImmediate'), performanceClock],
    },
  },
  {
    // smtp-server arms a real timer at the end of each connection; here it is taken off again.
    files: ['src/engine/smtp-in/server.ts'],
    rules: {
      'no-restricted-globals': ['error', ...noTimers.filter(({ name }) => name !== 'clearTimeout'), performanceClock],
    },
  },
  {
    // The fold of the journal is all rooms' apply.ts, one after another; lab.ts and its neighbours wire the rooms.
    files: ['src/engine/journal/fold.ts', 'src/engine/*.ts'],
    rules: imports([...sockets, ...timers, ...cryptoModules], [screens, otherHalves]),
  },

  // ── the page: knows the contract and the browser, and nothing of Node ────
  ...vue.configs['flat/recommended'].map((config) => ({ ...config, files: ['src/renderer/**/*.vue'] })),
  {
    files: ['src/renderer/**/*.vue', 'src/renderer/**/*.ts'],
    ignores: ['src/renderer/vite.config.ts'],
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        parser: tseslint.parser,
        extraFileExtensions: ['.vue'],
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: imports(
      [],
      [
        {
          regex: '^node:|^(electron|zod)(/|$)|/(engine|cli|main|server|preload)/',
          message: 'The page knows the contract and nothing else: ask for what you need by PageApi or LabApi.',
        },
      ],
    ),
  },
  {
    files: ['src/renderer/**/*.vue'],
    rules: {
      // How a template is broken into lines is nobody's rule here, as in the TypeScript beside it.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/html-closing-bracket-spacing': 'off',
      'vue/attributes-order': 'off',
      'vue/require-default-prop': 'off',
      // A form's parts share one reactive draft; only the prop itself must stay what it is.
      'vue/no-mutating-props': ['error', { shallowOnly: true }],
    },
  },

  // ── names from outside ───────────────────────────────────────────────────
  {
    files: ['src/**/*.ts', 'src/**/*.vue'],
    ignores: ['src/renderer/vite.config.ts'],
    plugins: { lab: { rules: { 'no-bare-lookup': noBareLookup } } },
    rules: { 'lab/no-bare-lookup': 'error' },
  },

  // ── tests and benchmarks ─────────────────────────────────────────────────
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-empty-object-type': 'off',
    },
  },
);

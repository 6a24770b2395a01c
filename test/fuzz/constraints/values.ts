/**
 * Values that a hijacked agent tries: close to allowed ones, or read differently by some targets.
 */
import fc from 'fast-check';
import type { Json } from '../../../src/canonical-json.ts';

const NASTY: readonly Json[] = [
  ...['', ' ', '.', '..', '/', '//', '*', '**', '%2e%2e', '\u0000', '\n', 'e\u0301', '\u00e9'],
  ...['NaN', 'Infinity', '-Infinity', '1e3', '0x10', '9000', '50.00', '٣', 'null', 'true', '[]'],
  ...[0, -0, 1, -1, 0.5, 50, 50.000001, 9_007_199_254, 1e15, 1e21, 0.1 + 0.2, 5e-324],
  ...['010.0.0.1', '10.0.0.1 ', '10.1', '167772161', '0x0a000001', '10.0.0.256', '10.0.0.1.'],
  ...['::ffff:10.0.0.1', '::ffff:a00:1', '[fd00::1]', 'fd00::1%eth0', 'FD00::1', 'fd00:0::1'],
  ...['::', '::1', '1::2::3', 'fd00::10.0.0.1', '0a00::1', '10.0.0.1/8', 'fd00:0:0:0:0:0:0:1'],
  ...['https://api.example', 'https://api.example.', 'https://API.example/v1', '//api.example/v1'],
  ...['https://api.example@evil.example/v1', 'https://evil.example/https://api.example/v1'],
  ...['https://api.example:443/v1', 'https://api.example:0443/v1', 'https://api.example:8443/v1'],
  ...[
    'https://api.example?@evil.example/v1',
    'https://api.example#@evil.example/',
    'https:/api.example',
  ],
  ...[
    'https://user:pass@api.example/v1',
    'https://api.example/v1/../../etc',
    'https://evilapi.example/',
  ],
  ...[
    'https://api.example\\@evil.example/',
    'https://api.example/v1%2f..',
    'https://ap\u0131.example/v1',
  ],
  ...['https://xn--api.example/', 'https://api.example/v1?next=//evil.example', 'http://0x7f.1/v1'],
  ...[
    'http://127.0.0.1/',
    'http://[::1]/v1',
    'HTTPS://api.example/v1/a b',
    'https://a%70i.example/v1',
  ],
  ...[
    'https://api.example/v1/%41',
    'https://api.example/v1;x',
    'https://api.example/%76%31',
    'ftp://api.example/v1',
  ],
  ...[
    'https://api.example:/v1',
    'https://api.example/v10',
    'https://eu.api.example/v1',
    'wss://api.example/v1',
  ],
  ...[
    'reports/../secrets',
    'reports/./q3',
    'reports//q3',
    'reports/q3/',
    'reports\\q3',
    'reports/q3%2e',
  ],
  ...[
    'Reports/q3',
    'reports-archive',
    '/reports/q3',
    'reports/q3\u0000.md',
    'reports/\uFF0E\uFF0E/x',
    '~/reports',
  ],
  ...[
    'reports/q3.md',
    'reports',
    'reports/q3/final.md',
    './reports/q3.md',
    'reports/q3.md.',
    'reports/ q3',
  ],
  ...[
    'a@acme.example',
    'a@ACME.example',
    'evil@evil.example,a@acme.example',
    'a@acme.example\n',
    'a@acme.example ',
  ],
  ...['GB1', 'gb1', 'GB1\u200b', 'GB\uff11', 'GB1\r\nGB2', 'GB12', '😀', '😀😀', '👩‍👧'],
  ...[null, true, false, [], {}, [[]], [{}], [null], { '': '' }],
];

/** Values that differ from `value` in one step. */
const near = (value: Json): readonly Json[] => [
  value,
  [value],
  [value, value],
  [[value]],
  { 0: value },
  { value },
  ...(typeof value === 'string' ? nearText(value) : []),
  ...(typeof value === 'number'
    ? [String(value), value + 0.000001, value - 0.000001, value + 1, value - 1, -value, value * 1e9]
    : []),
];

const nearText = (text: string): readonly string[] => [
  ...[
    `${text} `,
    ` ${text}`,
    `${text}.`,
    `${text}/`,
    `${text}/..`,
    `${text}/../x`,
    `${text}/x`,
    `${text}x`,
  ],
  ...[
    `x${text}`,
    text.toUpperCase(),
    text.toLowerCase(),
    text.normalize('NFD'),
    text.normalize('NFKC'),
  ],
  ...[encodeURIComponent(text), text.replace(/[a-z]/, (c) => `%${c.charCodeAt(0).toString(16)}`)],
  ...[
    `${text}\u0000`,
    `${text}\n`,
    `${text}\u0301`,
    `${text},${text}`,
    `${text}\u200b`,
    text.slice(1),
    text.slice(0, -1),
  ],
  ...[
    `${text}@evil.example/`,
    `${text}:80`,
    `${text}.evil.example`,
    `${text}?x=1`,
    `${text}#x`,
    `${text}\\x`,
  ],
  ...[
    ...'\u3164\u034f\ufe0f\u115f\u1160\uffa0\u2800\u180e\u17b4\u00ad\u2003\u3000\u{e0041}\u{e0100}',
  ].flatMap((unseen) => [
    `${text}${unseen}`,
    `${unseen}${text}`,
    `${text.slice(0, 1)}${unseen}${text.slice(1)}`,
  ]),
  text.padEnd(3_000, 'x'),
  text.padStart(3_000, 'x'),
];

const nasty = fc.constantFrom(...NASTY);
const anything = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => Math.round(value * 1e6) / 1e6),
  fc.webUrl({ withQueryParameters: true, withFragments: true, size: 'small' }),
  fc.ipV4(),
  fc.ipV4Extended(),
  fc.ipV6(),
  fc.emailAddress({ size: 'small' }),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
);

/** Mostly values close to the allowed ones, sometimes in a list, sometimes unrelated ones. */
export function adversarial(allowed: readonly Json[]): fc.Arbitrary<Json> {
  const good = fc.constantFrom(...allowed);
  const close = good.chain((value) => fc.constantFrom(...near(value)));
  const one: fc.Arbitrary<Json> = fc.oneof(
    { weight: 3, arbitrary: good },
    { weight: 4, arbitrary: close },
    { weight: 3, arbitrary: nasty },
    { weight: 1, arbitrary: anything },
  );
  return fc.oneof(
    { weight: 6, arbitrary: one },
    { weight: 2, arbitrary: fc.array(good, { maxLength: 4 }) as fc.Arbitrary<Json> },
    { weight: 2, arbitrary: fc.array(one, { maxLength: 4 }) as fc.Arbitrary<Json> },
  );
}

/** Writes the Unicode tables of the regular expressions: `node scripts/make-regex-tables.ts`. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { closeCharacters, notInReference } from '../test/reference/index.ts';

const HELP = `usage: node scripts/make-regex-tables.ts
Writes src/biscuit/datalog/regex/tables.ts: general categories and simple case folding as in the
reference implementation (@biscuit-auth/biscuit-wasm). It starts from the tables of this Node, which
must have the reference's version of Unicode or a newer one, and corrects them where the reference
differs. Takes about half a minute.
  --help   this text
`;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url).href);
const FILE = here('../src/biscuit/datalog/regex/tables.ts');
const BIOME = here('../node_modules/.bin/biome');

const CODE_POINT_MAX = 0x10ffff;
/** Each is written as the letter of its place. Unassigned is the last; surrogates count as such. */
const CATEGORIES =
  'Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cn'.split(
    ' ',
  );
const UNASSIGNED = CATEGORIES.length - 1;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabc';
/** A run of alternating Lu, Ll, Lu, Ll, …, which is common. */
const ALTERNATING = 'd';

const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;
const charOf = (code: number): string => String.fromCodePoint(code);

async function categories(): Promise<Uint8Array> {
  const found = new Uint8Array(CODE_POINT_MAX + 1).fill(UNASSIGNED);
  const codes = CATEGORIES.map((): number[] => []);
  const tests = CATEGORIES.map((name) => new RegExp(`\\p{${name}}`, 'u'));
  for (let code = 0; code <= CODE_POINT_MAX; code++) {
    if (isSurrogate(code)) continue;
    const at = tests.findIndex((test) => test.test(charOf(code)));
    codes[at]?.push(code);
    found[code] = at;
  }
  const corrected: number[] = [];
  for (const [at, name] of CATEGORIES.entries()) {
    corrected.push(...(await notInReference(`\\p{${name}}`, codes[at] ?? [])));
  }
  let left: readonly number[] = corrected.sort((a, b) => a - b);
  // Most of the rest are newer than the reference's version: unassigned.
  for (const [at, name] of [...CATEGORIES.entries()].reverse()) {
    const others = new Set(await notInReference(`\\p{${name}}`, left));
    for (const code of left) if (!others.has(code)) found[code] = at;
    left = [...others];
  }
  if (left.length > 0) throw new Error(`${left.length} characters have no category`);
  return found;
}

function categoryText(categories: Uint8Array): string {
  let text = '';
  for (let at = 0; at <= CODE_POINT_MAX; ) {
    const category = categories[at] ?? 0;
    let end = at + 1;
    while (end <= CODE_POINT_MAX && categories[end] === category) end++;
    let sign = LETTERS[category] ?? '';
    if (category === 0 && end === at + 1) {
      while (categories[end] === (end - at) % 2 && categories[end] !== categories[end - 1]) end++;
      // The end of this run would cut the next one short.
      while (end - at > 2 && categories[end] === categories[end - 1]) end--;
      if (end - at > 2) sign = ALTERNATING;
      else end = at + 1;
    }
    text += sign + (end - at > 1 ? String(end - at) : '');
    at = end;
  }
  return text;
}

/** The characters that differ from each other only in case, the lowest first. */
async function orbits(categories: Uint8Array): Promise<readonly (readonly number[])[]> {
  const orbitOf = new Map<number, Set<number>>();
  for (let code = 0; code <= CODE_POINT_MAX; code++) {
    if (isSurrogate(code) || categories[code] === UNASSIGNED) continue;
    for (const other of [charOf(code).toLowerCase(), charOf(code).toUpperCase()]) {
      const to = other.codePointAt(0) ?? code;
      const isCase = charOf(to) === other && new RegExp(`^${`\\u{${to.toString(16)}}`}$`, 'iu');
      if (to === code || !isCase || !isCase.test(charOf(code))) continue;
      if (categories[to] === UNASSIGNED) continue;
      const joined = new Set([...(orbitOf.get(code) ?? [code]), ...(orbitOf.get(to) ?? [to])]);
      for (const one of joined) orbitOf.set(one, joined);
    }
  }
  const found = [...new Set(orbitOf.values())].map((one) => [...one].sort((a, b) => a - b));
  return found.sort(([a = 0], [b = 0]) => a - b);
}

interface Run {
  readonly start: number;
  count: number;
  stride: number;
  readonly distance: number;
}

/** Each of an orbit except its first, as its distance from it, in the form of FOLD_RUNS. */
function foldText(orbits: readonly (readonly number[])[]): string {
  const edges = orbits
    .flatMap(([first = 0, ...others]) => others.map((code) => [code, code - first] as const))
    .sort(([a], [b]) => a - b);
  const runs: Run[] = [];
  for (const [code, distance] of edges) {
    const run = runs.at(-1);
    const stride = code - lastOf(run);
    if (run?.distance === distance && (run.count === 1 ? stride <= 2 : stride === run.stride)) {
      run.stride = stride;
      run.count++;
    } else runs.push({ start: code, count: 1, stride: 1, distance });
  }
  const texts = runs.map(({ start, count, stride, distance }, at) => {
    const gap = (start - lastOf(runs[at - 1])).toString(36);
    const times = count === 1 ? '' : `${stride === 1 ? '*' : '!'}${count.toString(36)}`;
    return gap + times + (distance === 1 ? '' : `-${distance.toString(36)}`);
  });
  return texts.join(' ');
}

const lastOf = (run: Run | undefined): number =>
  run === undefined ? 0 : run.start + (run.count - 1) * run.stride;

const LINE = 88;
const literal = (text: string): string =>
  (text.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []).map((line) => `  '${line}'`).join(' +\n');

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const found = await categories();
  const cases = await orbits(found);
  closeCharacters();
  writeFileSync(
    FILE,
    `/**
 * Written by scripts/make-regex-tables.ts: Unicode 16.0, as the reference has it. Tables of the
 * platform would be those of its version, and two verifiers would answer differently.
 */

/**
 * General categories from U+0000 on: a letter for the category, then how many characters have it
 * if it is more than one. In this order from \`A\`; \`d\` is Lu and Ll in turns.
 */
export const CATEGORIES = '${CATEGORIES.join(' ')}';

export const CATEGORY_RUNS =
${literal(categoryText(found))};

/**
 * Simple case folding: characters that differ in case only from one that is lower. In base 36: how
 * far each is behind the last; \`*\` or \`!\` and how many there are in steps of one or two; \`-\`
 * and how much lower the other is, if it is more than one.
 */
export const FOLD_RUNS =
${literal(foldText(cases))};
`,
  );
  execFileSync(BIOME, ['format', '--write', FILE], { stdio: 'ignore' });
  process.stdout.write(`${cases.length} cases\n`);
}

await main();

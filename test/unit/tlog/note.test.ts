import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/encoding.ts';
import {
  addSignatures,
  cosign,
  EMPTY_ROOT,
  formatCheckpoint,
  formatNote,
  formatSignature,
  formatVerifierKey,
  noteKey,
  openNote,
  readCheckpoint,
  readNote,
  readVerifierKey,
  rootOf,
  signCheckpoint,
} from '../../../src/tlog/index.ts';
import { LOG_VKEY, leavesOf, logSigner, ORIGIN, WITNESS_VKEY, witnessSigner } from './vectors.ts';

/** The example of the specification of signed notes. */
const EXAMPLE_KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const EXAMPLE = `This is an example message.

\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;
const key = (text: string) => {
  const read = readVerifierKey(text);
  if (!read.ok) throw new Error(read.error);
  return read.value;
};
const seven = { origin: ORIGIN, size: 7, root: rootOf(leavesOf(7)) };

test('verifies the example of the specification', async () => {
  const opened = await openNote(EXAMPLE, [key(EXAMPLE_KEY)]);
  expect(opened.ok && opened.value.text).toBe('This is an example message.\n');
  expect(formatVerifierKey(key(EXAMPLE_KEY))).toBe(EXAMPLE_KEY);
  expect((await openNote(utf8(EXAMPLE), [key(EXAMPLE_KEY)])).ok).toBe(true);
});

test('derives the keys of the vectors', async () => {
  expect(formatVerifierKey(await logSigner())).toBe(LOG_VKEY);
  expect(formatVerifierKey(await witnessSigner())).toBe(WITNESS_VKEY);
  expect([key(LOG_VKEY).use, key(WITNESS_VKEY).use]).toEqual(['log', 'witness']);
});

test.each([
  ['an id that is not the key\u2019s', LOG_VKEY.replace('fca5b527', 'fca5b528'), 'key_malformed'],
  ['an id in capitals', LOG_VKEY.replace('fca5b527', 'FCA5B527'), 'key_malformed'],
  ['another name', LOG_VKEY.replace('control', 'controls'), 'key_malformed'],
  ['no name', LOG_VKEY.replace(ORIGIN, ''), 'key_malformed'],
  ['a name with a space', LOG_VKEY.replace('control', 'the control'), 'key_malformed'],
  ['a key without its padding', EXAMPLE_KEY.slice(0, -1), 'key_malformed'],
  ['a type of post-quantum keys', 'example.com/foo+46272f00+BgAAAA==', 'key_unsupported'],
  ['nothing', '', 'key_malformed'],
])('refuses a verifier key with %s', (_, text, code) => {
  expect(readVerifierKey(text)).toEqual({ ok: false, error: code });
});

test('makes no key whose name cannot stand in a note', () => {
  for (const name of ['', 'a b', 'a+b', 'a\u00a0b', 'a\u2003b', 'a\nb', '\ud800'])
    expect(() => noteKey(name, 'log', new Uint8Array(32))).toThrow(TypeError);
  expect(() => noteKey('a', 'log', new Uint8Array(31))).toThrow(/32 bytes/);
});

describe('a note', () => {
  test.each([
    ['no empty line', 'text\n\u2014 a AAAAAAA=\n'],
    ['no signature', 'text\n\n'],
    ['no line break at its end', EXAMPLE.slice(0, -1)],
    ['a line that is no signature', `${EXAMPLE}text\n`],
    ['a hyphen for the dash', EXAMPLE.replace('\u2014', '-')],
    ['two spaces', EXAMPLE.replace('foo Uw', 'foo  Uw')],
    ['a signature without its padding', EXAMPLE.replace('aQM=', 'aQM')],
    ['stray bits in the base64', EXAMPLE.replace('aQM=', 'aQN=')],
    ['base64 of URLs', EXAMPLE.replace('OBH3', '_BH3')],
    ['a key id alone', `text\n\n\u2014 a AAAAAA==\n`],
    ['a name with a plus', EXAMPLE.replace('example.com/foo', 'example.com+foo')],
    ['a tab', EXAMPLE.replace('an example', 'an\texample')],
    ['a carriage return', EXAMPLE.replaceAll('\n', '\r\n')],
    ['a lone surrogate', EXAMPLE.replace('an', '\ud800')],
    ['more bytes than any note has', 'a'.repeat(300_000) + EXAMPLE],
  ])('is refused with %s', (_, text) => {
    expect(readNote(text)).toEqual({ ok: false, error: 'note_malformed' });
  });

  test('is refused as bytes that are not UTF-8', () => {
    const bytes = utf8(EXAMPLE);
    bytes[3] = 0xff;
    expect(readNote(bytes).ok).toBe(false);
  });

  test('may have empty lines: the last one separates', () => {
    const read = readNote('a\n\nb\n\n\u2014 k AAAAAAA=\n');
    expect(read.ok && read.value.text).toBe('a\n\nb\n');
  });

  test('keeps its bytes when it is read and written', () => {
    const read = readNote(EXAMPLE);
    expect(read.ok && formatNote(read.value)).toBe(EXAMPLE);
  });

  test('counts without signatures of others, and not with a bad one of a known key', async () => {
    const known = [key(EXAMPLE_KEY)];
    const unknown = `${EXAMPLE}\u2014 example.com/bar AAAAAAAA\n\u2014 example.com/foo AAAAAAAA\n`;
    expect((await openNote(unknown, known)).ok).toBe(true);
    const bad = `${EXAMPLE}\u2014 example.com/foo Uw2QOgAA\n`;
    expect(await openNote(bad, known)).toEqual({ ok: false, error: 'signature_invalid' });
    const changed = EXAMPLE.replace('example message', 'example massage');
    expect(await openNote(changed, known)).toEqual({ ok: false, error: 'signature_invalid' });
    expect(await openNote(EXAMPLE, [key(LOG_VKEY)])).toEqual({
      ok: false,
      error: 'signature_missing',
    });
  });

  test('may carry sixteen signatures and more', async () => {
    const others = Array.from({ length: 40 }, (_, i) => `\u2014 witness${i} AAAAAAAA\n`).join('');
    expect((await openNote(EXAMPLE + others, [key(EXAMPLE_KEY)])).ok).toBe(true);
  });
});

describe('a checkpoint', () => {
  test('is read as it was written', () => {
    const text = formatCheckpoint(seven);
    expect(text).toBe(`${ORIGIN}\n7\nM/aFZiTdTIU3LISMKpMmxlwvqe6o6/ub3yM/KxYQVKo=\n`);
    expect(readCheckpoint(text)).toEqual({ ok: true, value: seven });
    expect(readCheckpoint(`${text}extension\n`).ok).toBe(true);
    const empty = { origin: ORIGIN, size: 0, root: EMPTY_ROOT };
    expect(readCheckpoint(formatCheckpoint(empty))).toEqual({ ok: true, value: empty });
  });

  test.each([
    ['no origin', (text: string) => text.replace(ORIGIN, '')],
    ['a leading zero', (text: string) => text.replace('\n7\n', '\n07\n')],
    ['a sign', (text: string) => text.replace('\n7\n', '\n-7\n')],
    ['a size that no number can express', (text: string) => text.replace('7', '9007199254740993')],
    ['a short root', (text: string) => text.replace('M/aFZiTd', '')],
    ['no root', () => `${ORIGIN}\n7\n`],
    ['no line break at its end', (text: string) => text.slice(0, -1)],
    ['an empty line', (text: string) => `${text}\n`],
    ['an empty line before an extension', (text: string) => `${text}\nextension\n`],
  ])('is refused with %s', (_, change) => {
    const text = change(formatCheckpoint(seven));
    expect(readCheckpoint(text)).toEqual({ ok: false, error: 'checkpoint_malformed' });
  });

  test('is signed with the same bytes each time', async () => {
    const note = await signCheckpoint(seven, await logSigner());
    expect(note).toBe(await signCheckpoint(seven, await logSigner()));
    expect(note).toContain(
      '\u2014 issuer.example/audit/control /KW1J3LgEqWzDWCwLSuRfJrkS0gzjN1jD490aRFk7sD5taEKeyEFf44dVslXQI9dosG79gQBCHLxkgijFoV/1eTS6ws=\n',
    );
  });

  test('is cosigned with the time', async () => {
    const text = formatCheckpoint(seven);
    const line = await cosign(text, 1_790_000_000, await witnessSigner());
    expect(formatSignature(line)).toBe(
      '\u2014 witness.example/w1 lCSj0gAAAABqsTuAb7BqJ44H2kmxuIK8fJa3zyQspBCi4tAVpftICuyqAyZUTYBF3TEkc7TzqCFMA7lggWUD7e8m0T6Uj98eZ7A1Dw==\n',
    );
    const opened = await openNote(formatNote({ text, signatures: [line] }), [key(WITNESS_VKEY)]);
    expect(opened.ok && opened.value.verified.map(({ time }) => time)).toEqual([1_790_000_000]);
  });

  test('is not cosigned at another time, nor without one', async () => {
    const text = formatCheckpoint(seven);
    const line = await cosign(text, 1_790_000_000, await witnessSigner());
    const later = { ...line, signature: line.signature.slice() };
    later.signature[7] = 0x81;
    const never = await cosign(text, 0, await witnessSigner());
    for (const bad of [later, never, { ...line, signature: line.signature.slice(8) }]) {
      const note = formatNote({ text, signatures: [bad] });
      expect(await openNote(note, [key(WITNESS_VKEY)])).toEqual({
        ok: false,
        error: 'signature_invalid',
      });
    }
  });

  test('keeps the newest signature of each key', async () => {
    const text = formatCheckpoint(seven);
    const witness = await witnessSigner();
    const lines = await Promise.all([5, 6, 7].map((time) => cosign(text, time, witness)));
    const [first, ...others] = lines;
    const note = addSignatures({ text, signatures: first ? [first] : [] }, others);
    expect(note.signatures).toEqual(lines.slice(2));
  });
});

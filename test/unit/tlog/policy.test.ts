import { describe, expect, test } from 'vitest';
import {
  addSignatures,
  cosign,
  formatNote,
  formatVerifierKey,
  noteKey,
  noteSigner,
  type Policy,
  quorumTime,
  readNote,
  readPolicy,
  requireQuorum,
  rootOf,
  signCheckpoint,
  verifyCheckpoint,
} from '../../../src/tlog/index.ts';
import { LOG_VKEY, leavesOf, logSigner, ORIGIN, WITNESS_VKEY, witnessSigner } from './vectors.ts';

const NAMES = ['x1', 'x2', 'x3', 'y1', 'y2', 'y3'];
const signers = await Promise.all(NAMES.map((name) => witnessSigner(`${name}.example`, name)));
const lines = signers.map((signer, i) => `witness ${NAMES[i]} ${formatVerifierKey(signer)}`);
const nested = `# two operators
log ${LOG_VKEY} https://issuer.example/log/control
${lines.join('\n')}
\tgroup X  2 x1 x2 x3
group Y any y1 y2 y3\t
  # both of them
group both all X Y
quorum both
`;
const read = (text: string): Policy => {
  const policy = readPolicy(text);
  if (!policy.ok) throw new Error(JSON.stringify(policy.error));
  return policy.value;
};

test('reads a policy with nested groups', () => {
  const { logs, witnesses, groups, quorum } = read(nested);
  expect(logs.map(({ name, url }) => [name, url])).toEqual([
    [ORIGIN, 'https://issuer.example/log/control'],
  ]);
  expect(witnesses.map(({ name }) => name)).toEqual(NAMES);
  expect(groups.map(({ name, threshold }) => [name, threshold])).toEqual([
    ['X', 2],
    ['Y', 1],
    ['both', 2],
  ]);
  expect(quorum).toBe('both');
});

test.each([
  ['no quorum', `log ${LOG_VKEY}\n`, 0, 'quorum_missing'],
  ['two quorums', 'quorum none\nquorum none\n', 2, 'quorum_twice'],
  ['an unknown quorum', 'quorum x\n', 1, 'name_unknown'],
  ['an unknown keyword', 'logs x\nquorum none\n', 1, 'line_malformed'],
  ['a group before its member', `group g any x1\n${lines[0]}\nquorum g\n`, 1, 'name_unknown'],
  ['none as a member', `${lines[0]}\ngroup g any x1 none\nquorum g\n`, 2, 'name_unknown'],
  ['a group without members', 'group g any\nquorum g\n', 1, 'line_malformed'],
  ['a threshold of 0', `${lines[0]}\ngroup g 0 x1\nquorum g\n`, 2, 'threshold_invalid'],
  ['too high a threshold', `${lines[0]}\ngroup g 2 x1\nquorum g\n`, 2, 'threshold_invalid'],
  ['a threshold with a zero', `${lines[0]}\ngroup g 01 x1\nquorum g\n`, 2, 'threshold_invalid'],
  [
    'a member of two groups',
    `${lines[0]}\ngroup g any x1\ngroup h any x1\nquorum g\n`,
    3,
    'member_of_two_groups',
  ],
  [
    'a member that is listed twice',
    `${lines[0]}\ngroup g 2 x1 x1\nquorum g\n`,
    2,
    'member_of_two_groups',
  ],
  ['a name that is taken', `${lines[0]}\ngroup x1 any x1\nquorum x1\n`, 2, 'name_taken'],
  ['a witness named none', `witness none ${WITNESS_VKEY}\nquorum none\n`, 1, 'name_taken'],
  ['a witness\u2019s key for a log', `log ${WITNESS_VKEY}\nquorum none\n`, 1, 'key_unsupported'],
  [
    'a key that is mistyped',
    `log ${LOG_VKEY.replace('AVWe', 'AVWf')}\nquorum none\n`,
    1,
    'key_malformed',
  ],
  ['the same log twice', `log ${LOG_VKEY}\nlog ${LOG_VKEY}\nquorum none\n`, 2, 'key_duplicate'],
  ['a carriage return', 'quorum none\r\n', 1, 'character_invalid'],
  ['further items', 'quorum none more\n', 1, 'line_malformed'],
])('refuses a policy with %s', (_, text, line, code) => {
  expect(readPolicy(text)).toEqual({ ok: false, error: { line, code } });
});

test('takes the key of a witness that is written with the type of logs', async () => {
  const [signer] = signers;
  if (!signer) throw new Error('there are signers');
  const older = formatVerifierKey(noteKey(signer.name, 'log', signer.publicKey));
  const policy = read(`witness x1 ${older}\nquorum x1\n`);
  expect(policy.witnesses[0]?.key).toMatchObject({ use: 'witness', keyId: signer.keyId });
  const both = `witness x1 ${older}\nwitness again ${formatVerifierKey(signer)}\nquorum x1\n`;
  expect(readPolicy(both)).toEqual({ ok: false, error: { line: 2, code: 'key_duplicate' } });
});

test('refuses one public key under two names, which would count as two witnesses', async () => {
  const again = await witnessSigner('other.example', 'x1');
  const text = `${lines[0]}\nwitness o ${formatVerifierKey(again)}\nquorum o\n`;
  expect(readPolicy(text)).toEqual({ ok: false, error: { line: 2, code: 'key_duplicate' } });
});

describe('the time of a quorum', () => {
  const policy = read(nested);
  const timeOf = (times: Record<string, number>) =>
    quorumTime(policy, new Map(Object.entries(times)));

  test('is the latest at which enough witnesses had seen it', () => {
    expect(timeOf({ x1: 10, x2: 20, x3: 30, y1: 25 })).toBe(20);
    expect(timeOf({ x1: 10, x3: 30, y1: 5, y2: 7 })).toBe(7);
  });

  test('is undefined without a quorum, however many cosigned', () => {
    expect(timeOf({ x1: 10, x2: 20, x3: 30 })).toBe(undefined);
    expect(timeOf({ x1: 10, y1: 10, y2: 10, y3: 10 })).toBe(undefined);
    expect(timeOf({})).toBe(undefined);
    expect(timeOf({ X: 10, Y: 10, both: 10 })).toBe(undefined);
  });

  test('is infinite where none is required', () => {
    expect(quorumTime(read('quorum none\n'), new Map())).toBe(Number.POSITIVE_INFINITY);
  });

  test('is that of the witness where a witness is the quorum', () => {
    const one = read(`${lines[0]}\nquorum x1\n`);
    expect(quorumTime(one, new Map([['x1', 9]]))).toBe(9);
    expect(quorumTime(one, new Map([['x2', 9]]))).toBe(undefined);
  });
});

describe('a checkpoint under a policy', () => {
  const policy = read(nested);
  const seven = { origin: ORIGIN, size: 7, root: rootOf(leavesOf(7)) };
  const noteWith = async (times: Readonly<Record<number, number>>, signer = logSigner()) => {
    const note = readNote(await signCheckpoint(seven, await signer));
    if (!note.ok) throw new Error(note.error);
    const added = Object.entries(times).flatMap(([i, time]) => {
      const witness = signers[Number(i)];
      return witness ? [cosign(note.value.text, time, witness)] : [];
    });
    return formatNote(addSignatures(note.value, await Promise.all(added)));
  };

  test('counts with a quorum', async () => {
    const verified = await requireQuorum(await noteWith({ 0: 10, 1: 20, 3: 30 }), policy);
    expect(verified.ok && [verified.value.size, verified.value.quorumTime]).toEqual([7, 10]);
  });

  test('is read without a quorum, and refused where one is required', async () => {
    const note = await noteWith({ 0: 10, 3: 30 });
    const verified = await verifyCheckpoint(note, policy);
    expect(verified.ok && [...verified.value.cosigned]).toEqual([
      ['x1', 10],
      ['y1', 30],
    ]);
    expect(verified.ok && verified.value.quorumTime).toBe(undefined);
    expect(await requireQuorum(note, policy)).toEqual({ ok: false, error: 'quorum_missing' });
  });

  test('does not count cosignatures from the future', async () => {
    const note = await noteWith({ 0: 10, 1: 20, 3: 300 });
    expect((await requireQuorum(note, policy, 300)).ok).toBe(true);
    expect(await requireQuorum(note, policy, 299)).toEqual({ ok: false, error: 'quorum_missing' });
  });

  test('is refused from a log that the policy does not know, also with cosignatures', async () => {
    const thief = noteSigner(ORIGIN, 'log', `ed25519-private/${'09'.repeat(32)}`);
    const note = await noteWith({ 0: 10, 1: 20, 3: 30 }, thief);
    expect(await verifyCheckpoint(note, policy)).toEqual({ ok: false, error: 'log_unknown' });
  });

  test('is refused under the name of another log of the policy', async () => {
    const other = await noteSigner(
      'issuer.example/audit/root',
      'log',
      `ed25519-private/${'09'.repeat(32)}`,
    );
    const both = read(`log ${formatVerifierKey(other)}\nlog ${LOG_VKEY}\nquorum none\n`);
    const note = await signCheckpoint(seven, other);
    expect(await verifyCheckpoint(note, both)).toEqual({ ok: false, error: 'log_unknown' });
  });

  test('does not count a cosignature of another checkpoint', async () => {
    const other = readNote(await signCheckpoint({ ...seven, size: 8 }, await logSigner()));
    const note = readNote(await noteWith({}));
    if (!other.ok || !note.ok || !signers[0]) throw new Error('notes must be readable');
    const replayed = await cosign(other.value.text, 10, signers[0]);
    const text = formatNote(addSignatures(note.value, [replayed]));
    expect(await verifyCheckpoint(text, policy)).toEqual({ ok: false, error: 'signature_invalid' });
  });
});

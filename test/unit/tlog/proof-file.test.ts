import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/encoding.ts';
import {
  addSignatures,
  cosign,
  formatNote,
  formatProofFile,
  formatSignature,
  formatVerifierKey,
  formatWitnessRequest,
  leafHash,
  monitoringPath,
  proveConsistencyIn,
  proveInclusionIn,
  readNote,
  readPolicy,
  readProofFile,
  readVerifierKey,
  readWitnessAnswer,
  rootOf,
  signCheckpoint,
  toBase64,
  verifyProofFile,
} from '../../../src/tlog/index.ts';
import {
  entryAt,
  LOG_VKEY,
  leavesOf,
  logSigner,
  ORIGIN,
  PROOF_FILE,
  WITNESS_REQUEST,
  WITNESS_VKEY,
  witnessSigner,
} from './vectors.ts';

const policyOf = (text: string) => {
  const policy = readPolicy(text);
  if (!policy.ok) throw new Error(policy.error.code);
  return policy.value;
};
const policy = policyOf(`log ${LOG_VKEY}\nwitness w1 ${WITNESS_VKEY}\nquorum w1\n`);
const seven = { origin: ORIGIN, size: 7, root: rootOf(leavesOf(7)) };
const leaf = leafHash(entryAt(5));

describe('a proof file', () => {
  test('comes out byte for byte as in the vectors', async () => {
    const note = readNote(await signCheckpoint(seven, await logSigner()));
    if (!note.ok) throw new Error(note.error);
    const line = await cosign(note.value.text, 1_790_000_000, await witnessSigner());
    const checkpoint = formatNote(addSignatures(note.value, [line]));
    const proof = proveInclusionIn(5, leavesOf(7));
    expect(formatProofFile({ index: 5, proof, checkpoint })).toBe(PROOF_FILE);
    const extra = utf8('openings');
    const file = formatProofFile({ index: 5, proof, checkpoint, extra });
    expect(file.split('\n')[1]).toBe(`extra ${toBase64(extra)}`);
    expect(readProofFile(file)).toEqual({
      ok: true,
      value: { index: 5, proof, checkpoint, extra },
    });
    expect((await verifyProofFile(file, leaf, policy)).ok).toBe(true);
  });

  test('proves its entry, and no other', async () => {
    const proven = await verifyProofFile(PROOF_FILE, leaf, policy);
    expect(proven.ok && [proven.value.index, proven.value.checkpoint.quorumTime]).toEqual([
      5, 1_790_000_000,
    ]);
    expect(await verifyProofFile(PROOF_FILE, leafHash(entryAt(4)), policy)).toEqual({
      ok: false,
      error: 'inclusion_invalid',
    });
  });

  test('needs the quorum of the policy', async () => {
    const other = await witnessSigner('w2.example', 'another key');
    const two = policyOf(
      `log ${LOG_VKEY}\nwitness w1 ${WITNESS_VKEY}\nwitness w2 ${formatVerifierKey(other)}\ngroup g all w1 w2\nquorum g\n`,
    );
    expect(await verifyProofFile(PROOF_FILE, leaf, two)).toEqual({
      ok: false,
      error: 'quorum_missing',
    });
  });

  test('has no lines of proof for the only entry of a log', async () => {
    const one = { origin: ORIGIN, size: 1, root: rootOf(leavesOf(1)) };
    const checkpoint = await signCheckpoint(one, await logSigner());
    const file = formatProofFile({ index: 0, proof: [], checkpoint });
    const open = policyOf(`log ${LOG_VKEY}\nquorum none\n`);
    expect((await verifyProofFile(file, leafHash(entryAt(0)), open)).ok).toBe(true);
  });

  const ends = PROOF_FILE.indexOf('\n\n');
  test.each([
    ['another title', PROOF_FILE.replace('@v1', '@v2')],
    ['no index', PROOF_FILE.replace('index 5\n', '')],
    ['a leading zero', PROOF_FILE.replace('index 5', 'index 05')],
    ['a short hash', PROOF_FILE.replace('NB838JJq', '')],
    ['a hash that is no base64', PROOF_FILE.replace('NB838JJq', 'NB838JJ!')],
    ['no empty line', PROOF_FILE.slice(0, ends)],
    ['an empty extra', PROOF_FILE.replace('index', 'extra =\nindex')],
    ['two extras', PROOF_FILE.replace('index', 'extra AAAA\nextra AAAA\nindex')],
    ['64 hashes', PROOF_FILE.replace('\n\n', `\n${`${'A'.repeat(43)}=\n`.repeat(61)}\n`)],
  ])('is refused with %s', async (_, text) => {
    expect(await verifyProofFile(text, leaf, policy)).toEqual({
      ok: false,
      error: 'proof_malformed',
    });
  });
});

describe('what a log says to a witness', () => {
  test('has the lines of the vectors', async () => {
    const checkpoint = await signCheckpoint(seven, await logSigner());
    const body = formatWitnessRequest({
      oldSize: 3,
      proof: proveConsistencyIn(3, leavesOf(7)),
      checkpoint,
    });
    expect(body).toBe(`${WITNESS_REQUEST}\n\n${checkpoint}`);
    expect(formatWitnessRequest({ oldSize: 0, proof: [], checkpoint })).toBe(
      `old 0\n\n${checkpoint}`,
    );
  });

  test('asks for the checkpoint of its origin', () => {
    expect(monitoringPath(ORIGIN)).toBe(
      'f2ddfa962cb3c418d68b532647098bf2e498d14796d820a32eb6a647456bccb9/checkpoint',
    );
  });
});

describe('the answer of a witness', () => {
  const text = `${ORIGIN}\n7\nM/aFZiTdTIU3LISMKpMmxlwvqe6o6/ub3yM/KxYQVKo=\n`;
  const read = readVerifierKey(WITNESS_VKEY);
  if (!read.ok) throw new Error(read.error);
  const answer = (status: number, body: string) =>
    readWitnessAnswer({ status, body }, text, read.value);

  test('with its signature is verified, and other lines are left out', async () => {
    const line = await cosign(text, 1_790_000_000, await witnessSigner());
    const body = `\u2014 other.example AAAAAAAA\n${formatSignature(line)}`;
    const got = await answer(200, body);
    expect(got.kind === 'cosigned' && got.signatures.map((one) => one.line)).toEqual([line]);
  });

  test('with a signature over another checkpoint is not usable', async () => {
    const line = await cosign(text.replace('7', '8'), 1_790_000_000, await witnessSigner());
    expect(await answer(200, formatSignature(line))).toEqual({ kind: 'unusable', status: 200 });
    expect(await answer(200, '')).toEqual({ kind: 'unusable', status: 200 });
    expect(await answer(200, 'hello\n')).toEqual({ kind: 'unusable', status: 200 });
  });

  test('names its own size, a fork, or that it does not know the log', async () => {
    expect(await answer(409, '5\n')).toEqual({ kind: 'elsewhere', size: 5 });
    expect(await answer(409, '05\n')).toEqual({ kind: 'unusable', status: 409 });
    expect(await answer(409, '5')).toEqual({ kind: 'unusable', status: 409 });
    expect(await answer(422, '')).toEqual({ kind: 'inconsistent' });
    expect(await answer(404, '')).toEqual({ kind: 'unknown_log' });
    expect(await answer(403, '')).toEqual({ kind: 'unknown_log' });
    expect(await answer(500, '')).toEqual({ kind: 'unusable', status: 500 });
  });
});

import { describe, expect, test } from 'vitest';
import { encodeFeedFile, openFeedFile } from '../../../src/feed/index.ts';
import { createVerifier } from '../../../src/verifier/index.ts';
import { CALL } from '../fixtures/feed.ts';
import { AUDIENCE, at, ISSUER, issuerKey, mintToken, unwrap } from '../fixtures/issuer.ts';
import { deltaOf, entry, feedKeys, headOver, question, sign, snapshotOf } from '../fixtures/log.ts';

const LOG = [1, 2, 3].map((seq) => entry(seq, { id: `wf_${seq + 1}` }));
const { bytes: snapshot, reference } = await snapshotOf(LOG.slice(0, 2));
const head = await headOver(LOG, 0, { snapshot: reference });
const deltas = [deltaOf(LOG.slice(2))];
const FILE = encodeFeedFile({ head: await sign(head), snapshot, deltas });
const OPTIONS = { issuer: ISSUER, feedKey: feedKeys.publicKey, now: () => at(1) };

describe('a feed from a file', () => {
  test('serves a verifier without a network', async () => {
    const feed = unwrap(await openFeedFile(FILE, OPTIONS));
    for (const workflow of ['wf_2', 'wf_4']) {
      expect(feed.find(question({ workflow }))).toEqual({ by: 'workflow', id: workflow });
    }
    const verifier = createVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: 'feed',
      feed,
      now: () => at(1),
    });
    const decide = async (workflow: string, tier: 1 | 3) => {
      const decision = await verifier.verify(mintToken({ workflow }), { ...CALL, tier });
      return decision.allowed ? 'allowed' : decision.denial.code;
    };
    expect(await decide('wf_1', 1)).toBe('allowed');
    expect(await decide('wf_2', 1)).toBe('revoked');
    expect(await decide('wf_1', 3)).toBe('head_stale'); // A file has no log to ask.
    expect(head.keys).toEqual([issuerKey]);
  });

  test('has all entries of a log without a snapshot', async () => {
    const all = { head: await sign(await headOver(LOG, 0)), deltas: [deltaOf(LOG)] };
    const feed = unwrap(await openFeedFile(encodeFeedFile(all), OPTIONS));
    expect(feed.find(question({ workflow: 'wf_3' }))).toBeDefined();
  });

  test('is rejected if it is older than the previous file', async () => {
    const { epoch, seq, chain, issued_at } = await headOver(LOG, 1);
    const floor = { epoch, seq, chain, issued_at };
    expect(await openFeedFile(FILE, { ...OPTIONS, floor })).toMatchObject({
      error: { code: 'head_rollback' },
    });
  });

  test('is rejected if any byte is changed or missing', async () => {
    for (let at = 0; at < FILE.length; at += 1) {
      const changed = FILE.with(at, (FILE[at] ?? 0) ^ 1);
      expect((await openFeedFile(changed, OPTIONS)).ok, `byte ${at}`).toBe(false);
      expect((await openFeedFile(FILE.slice(0, at), OPTIONS)).ok, `cut at ${at}`).toBe(false);
    }
  });
});

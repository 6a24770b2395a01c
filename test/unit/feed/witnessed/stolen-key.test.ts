import { describe, expect, it } from 'vitest';
import { FeedReplica, type FeedUpdate, type Head } from '../../../../src/feed/index.ts';
import { catalogueExtension } from '../../../../src/feed/log/index.ts';
import { ISSUER, issuerKey, unwrap } from '../../fixtures/issuer.ts';
import { entry, feedKeys, question, seconds, snapshotOf } from '../../fixtures/log.ts';
import { Outside, offerAt, POLICY, policyOfGeneration, WitnessedLog } from './scene.ts';

const newVerifier = () =>
  new FeedReplica({ issuer: ISSUER, feedKey: feedKeys.publicKey, witnesses: POLICY });

const thiefKey = { id: 9, publicKey: 'ab'.repeat(32) };
const isRevoked = (replica: FeedReplica, id: string): boolean =>
  replica.find(question({ workflow: id })) !== undefined;

/** An honest log with three entries that witnesses and a verifier have seen at second 10. */
async function story() {
  const outside = new Outside(['issuer.example/feed/0', 'issuer.example/feed/1']);
  const log = new WitnessedLog(outside, [entry(1), entry(2), entry(3)]);
  const verifier = newVerifier();
  unwrap(await offerAt(verifier, 10, await log.witnessed(10), log.entries));
  const { trusted } = verifier;
  return { outside, log, verifier, thief: log.steal(), trusted };
}

/** What the verifier would deny if it believed the thief, and what it must still believe. */
function expectUnmoved(verifier: FeedReplica, trusted: Head | undefined): void {
  expect(verifier.trusted).toEqual(trusted);
  for (const id of ['wf_1', 'wf_2', 'wf_3']) expect(isRevoked(verifier, id)).toBe(true);
}

describe('a thief of the feed key', () => {
  const WITNESSES: readonly (readonly [string, readonly number[]])[] = [
    ['no witness', []],
    ['one witness, which is one too few', [0]],
    ['as many witnesses as the quorum', [0, 1]],
    ['all witnesses', [0, 1, 2]],
  ];

  it.each(WITNESSES)(
    'gives no power with the keys of %s, without the key of the log',
    async (_, stolen) => {
      const { verifier, thief, trusted } = await story();
      thief.append(entry(4, { id: 'wf_other' }));
      const head = await thief.head(11, { keys: [issuerKey, thiefKey] });
      const note = thief.checkpoint({ ask: [], stolen: stolen.map((one) => [one, 11] as const) });
      const unsigned = note.replace(/^— issuer.*\n/m, '');
      await offerAt(verifier, 11, thief.carry(head, unsigned), thief.entries.slice(3));
      expectUnmoved(verifier, trusted);
    },
  );

  it.each(WITNESSES.slice(0, 2))(
    'gives no power with the keys of the log and of %s',
    async (_, stolen) => {
      const { verifier, thief, trusted } = await story();
      thief.append(entry(4, { id: 'wf_other' }));
      const head = await thief.head(11, { keys: [issuerKey, thiefKey] });
      const note = thief.checkpoint({ ask: [], stolen: stolen.map((one) => [one, 11] as const) });
      await offerAt(verifier, 11, thief.carry(head, note));
      expectUnmoved(verifier, trusted);
    },
  );

  const CHANGES: readonly (readonly [string, Partial<Head>])[] = [
    ['another root key', { keys: [issuerKey, thiefKey] }],
    ['fewer watermarks', { watermarks: [] }],
    ['another catalogue', { extensions: [catalogueExtension('cd'.repeat(32))] }],
    ['another count', { count: 0 }],
    ['another start of the deltas', { delta_from: 0 }],
  ];

  it.each(CHANGES)('cannot put %s under the checkpoint of the honest head', async (_, changes) => {
    const outside = new Outside();
    const log = new WitnessedLog(outside, [entry(1)]);
    const honest = {
      watermarks: [{ scope: 'tool', value: 'pay', before: 5, expires: seconds(900) }],
    } as const;
    const head = await log.witnessed(10, honest);
    const verifier = newVerifier();
    unwrap(await offerAt(verifier, 10, head, log.entries));
    const { trusted } = verifier;

    const [checkpoint] = head.extensions ?? [];
    if (!checkpoint) throw new Error('the head carries no checkpoint');
    const { extensions = [], ...other } = changes;
    const forged = { ...head, ...other, extensions: [...extensions, checkpoint] };
    if (JSON.stringify(forged) === JSON.stringify(head)) return; // The same head.
    await offerAt(verifier, 11, { ...forged, issued_at: seconds(11), next_update: seconds(16) });
    expect(verifier.trusted).toEqual(trusted);
  });

  it('cannot show another history of a size that the witnesses have seen', async () => {
    const { outside, log, verifier, thief, trusted } = await story();
    log.append(entry(4));
    const honest = await log.witnessed(11);
    // The thief leaves out the revocation, and asks the witnesses too: all of them answer 422.
    thief.append(entry(4, { id: 'wf_other' }));
    const forged = await thief.witnessed(12);
    expect(checkpointLines(forged)).toBe(1);
    await offerAt(verifier, 12, forged, thief.entries.slice(3));
    expectUnmoved(verifier, trusted);
    const fresh = newVerifier();
    await offerAt(fresh, 12, forged, thief.entries);
    expect(fresh.trusted).toBeUndefined();

    // The honest history continues, for the verifier that was lied to as well.
    unwrap(await offerAt(verifier, 13, honest, log.entries.slice(3)));
    expect(isRevoked(verifier, 'wf_4')).toBe(true);
    expect(isRevoked(verifier, 'wf_other')).toBe(false);
    outside.now = 14;
  });

  it('cannot show two histories by advancing the witnesses first', async () => {
    const { log, verifier, thief } = await story();
    thief.append(entry(4, { id: 'wf_other' }));
    const forged = await thief.witnessed(11);
    expect(checkpointLines(forged)).toBe(4);
    // A verifier that sees the thief's history sees no other one; the honest log is detected as forked off.
    log.append(entry(4));
    const honest = await log.witnessed(12);
    expect(checkpointLines(honest)).toBe(1);
    const before = verifier.trusted;
    // The revocation counts, and nothing gets fresher.
    unwrap(await offerAt(verifier, 12, honest, log.entries.slice(3)));
    expect(isRevoked(verifier, 'wf_4')).toBe(true);
    expect(verifier.trusted).toEqual(before);
  });

  it('cannot pass an old head off as fresh', async () => {
    const outside = new Outside();
    const log = new WitnessedLog(outside, [entry(1)]);
    const old = await log.witnessed(10);
    const thief = log.steal();
    log.append(entry(2));
    const newer = await log.witnessed(20);

    const resigned = { ...old, issued_at: seconds(1_000), next_update: seconds(1_005) };
    const isolated = newVerifier();
    unwrap(await offerAt(isolated, 1_000, resigned, log.entries.slice(0, 1)));
    expect(isolated.trusted?.issued_at).toBe(seconds(10));
    expect(isolated.ageSecondsMin).toBeGreaterThanOrEqual(990);

    const verifier = newVerifier();
    unwrap(await offerAt(verifier, 20, newer, log.entries));
    const answer = await offerAt(verifier, 1_000, resigned, log.entries.slice(0, 1));
    expect(answer).toMatchObject({ ok: false, error: { code: 'head_rollback' } });
    // Not with a new cosignature either: to the witnesses, the smaller tree is the past.
    outside.now = 1_000;
    const again = thief.carry(await thief.head(1_000), thief.checkpoint());
    const second = newVerifier();
    unwrap(await offerAt(second, 1_000, again, log.entries.slice(0, 1)));
    expect(second.trusted).toBeUndefined();
  });

  it('cannot begin another epoch', async () => {
    const { log, verifier, thief, trusted } = await story();
    const { epoch, seq, chain } = trusted as Head;
    const changes = { epoch: 2, previous: { epoch, seq, chain }, delta_from: seq, seq };
    const empty = await snapshotOf([], changes);
    const snapshot = { ...empty.reference, seq };
    thief.entries = [];
    const head = await thief.head(11, { ...changes, snapshot, count: 0 });
    for (const ask of [[], [0, 1, 2]]) {
      const forged = thief.carry(head, thief.checkpoint({ ask }));
      const answer = await offerAt(verifier, 11, forged, [], empty.bytes);
      expect(answer.ok).toBe(false);
      expectUnmoved(verifier, trusted);
    }
    unwrap(await offerAt(verifier, 12, await log.witnessed(12)));
    expect(verifier.trusted?.issued_at).toBe(seconds(12));
  });

  it('cannot use what the witnesses said about another log', async () => {
    const { outside, verifier, thief, trusted } = await story();
    thief.append(entry(4, { id: 'wf_other' }));
    const head = await thief.head(11, { keys: [issuerKey, thiefKey] });
    outside.now = 11;
    // The witnesses know shard 1 as well, which is empty: they cosign this tree under its origin.
    const elsewhere = new WitnessedLog(outside, thief.entries, [...thief.leaves] as never);
    const foreign = elsewhere.checkpoint({ origin: 'issuer.example/feed/1' });
    expect(foreign.match(/^— witness/gm)).toHaveLength(3);
    await offerAt(verifier, 11, thief.carry(head, foreign), thief.entries.slice(3));
    // Their lines below another text are bad signatures.
    const lines = foreign.split('\n').filter((line) => line.startsWith('— witness'));
    const own = thief.checkpoint({ ask: [] });
    await offerAt(
      verifier,
      11,
      thief.carry(head, `${own}${lines.join('\n')}\n`),
      thief.entries.slice(3),
    );
    expectUnmoved(verifier, trusted);
  });

  it('cannot make a head fresh with witnesses from the future', async () => {
    const { log, thief, trusted } = await story();
    const head = await log.head(11);
    const cases: readonly (readonly [
      readonly (readonly [number, number])[],
      number | undefined,
    ])[] = [
      // The second newest time counts, so one witness alone moves nothing.
      [[[2, 3_600]], 10],
      // Two from the far future count as none: with one honest witness, there is no quorum.
      [
        [
          [1, 3_600],
          [2, 3_600],
        ],
        undefined,
      ],
      // A clock may be a little ahead, but no one saw the head later than now.
      [
        [
          [1, 60],
          [2, 60],
        ],
        11,
      ],
    ];
    for (const [stolen, expected] of cases) {
      const verifier = newVerifier();
      const taken = new Set(stolen.map(([index]) => index));
      const honest = [0, 1, 2].filter((index) => !taken.has(index));
      const note = thief.checkpoint({
        ask: [],
        stolen: [...honest.map((index) => [index, 10] as const), ...stolen],
      });
      unwrap(await offerAt(verifier, 11, log.carry(head, note), log.entries));
      const time = expected === undefined ? undefined : seconds(expected);
      expect(verifier.trusted?.issued_at).toBe(time);
    }
    expect(trusted?.issued_at).toBe(seconds(10));
  });
});

describe('what takes power', () => {
  it('counts at once, and moves nothing', async () => {
    const { log, verifier, trusted } = await story();
    log.append(
      entry(4),
      entry(5, { kind: 'block', id: 'ab' }),
      entry(6, { kind: 'suspension', id: 'wf_paused' }),
      entry(7, { kind: 'watermark', scope: 'agent', value: 'bot', before: seconds(500) }),
    );
    const denied = { scope: 'tool', value: 'pay', before: 1, expires: 2 ** 48 - 1 } as const;
    const head = await log.head(11, { watermarks: [denied] });
    unwrap(await offerAt(verifier, 11, head, log.entries.slice(3)));
    expect(isRevoked(verifier, 'wf_4')).toBe(true);
    expect(verifier.find(question({ workflow: 'wf_free', blocks: ['ab'] }))?.by).toBe('block');
    expect(isRevoked(verifier, 'wf_paused')).toBe(true);
    expect(verifier.find(question({ workflow: 'wf_free', agent: 'bot' }))?.by).toBe('watermark');
    expect(verifier.find(question({ workflow: 'wf_free', tool: 'pay' }))?.by).toBe('denial');
    expect(verifier.trusted).toEqual(trusted);
    expect(verifier.position).toMatchObject({ seq: 7 });
    expect(verifier.unwitnessed(unwrap(await verifier.open(await wire(head), seconds(11))))).toBe(
      'checkpoint_missing',
    );
  });

  it('includes a root key that a head no longer lists', async () => {
    const outside = new Outside();
    const log = new WitnessedLog(outside, [entry(1)]);
    const second = { id: 2, publicKey: 'cd'.repeat(32) };
    const verifier = newVerifier();
    const both = { keys: [issuerKey, second] };
    unwrap(await offerAt(verifier, 10, await log.witnessed(10, both), log.entries));
    log.append(entry(2));
    unwrap(await offerAt(verifier, 11, await log.head(11), log.entries.slice(1)));
    expect(verifier.trusted?.keys).toEqual([issuerKey]);
    log.append(entry(3));
    unwrap(await offerAt(verifier, 12, await log.witnessed(12, both), log.entries.slice(1)));
    expect(verifier.trusted?.keys).toEqual([issuerKey, second]);
  });

  it('does not include a resumption, a lift or a new key', async () => {
    const outside = new Outside();
    const suspended = entry(1, { kind: 'suspension', id: 'wf_paused' });
    const log = new WitnessedLog(outside, [suspended]);
    const denied = { scope: 'tool', value: 'pay', before: 1, expires: 2 ** 48 - 1 } as const;
    const verifier = newVerifier();
    const first = await log.witnessed(10, { watermarks: [denied] });
    unwrap(await offerAt(verifier, 10, first, log.entries));
    log.append(entry(2, { kind: 'resumption', id: 'wf_paused', gen: 1 }));
    const head = await log.head(11, { keys: [issuerKey, thiefKey] });
    unwrap(await offerAt(verifier, 11, head, log.entries.slice(1)));
    expect(isRevoked(verifier, 'wf_paused')).toBe(true);
    expect(verifier.find(question({ workflow: 'wf_free', tool: 'pay' }))?.by).toBe('denial');
    expect(verifier.trusted?.keys).toEqual([issuerKey]);
    // All of it counts once the witnesses have seen it.
    outside.now = 12;
    const seen = { ...log.carry(head, log.checkpoint()), issued_at: seconds(12) };
    unwrap(
      await offerAt(verifier, 12, { ...seen, next_update: seconds(17) }, log.entries.slice(1)),
    );
    expect(verifier.find(question({ workflow: 'wf_paused', gen: 1 }))).toBeUndefined();
    expect(verifier.find(question({ workflow: 'wf_free', tool: 'pay' }))).toBeUndefined();
    expect(verifier.trusted?.keys).toEqual([issuerKey, thiefKey]);
  });

  it('is not forgotten because a head without witnesses is later than its end', async () => {
    const outside = new Outside();
    const log = new WitnessedLog(outside, [entry(1, { expires: seconds(100) })]);
    const verifier = newVerifier();
    unwrap(await offerAt(verifier, 10, await log.witnessed(10), log.entries));
    for (const second of [500, 1_000]) {
      unwrap(await offerAt(verifier, second, await log.head(second)));
      expect(isRevoked(verifier, 'wf_1')).toBe(true);
    }
    unwrap(await offerAt(verifier, 1_001, await log.witnessed(1_001)));
    expect(isRevoked(verifier, 'wf_1')).toBe(false);
  });

  it('follows over a socket, which sends each record once', async () => {
    const { log, verifier } = await story();
    log.append(entry(4));
    unwrap(await offerAt(verifier, 11, await log.head(11), log.entries.slice(3)));
    log.append(entry(5));
    unwrap(await offerAt(verifier, 12, await log.head(12), log.entries.slice(4)));
    expect(isRevoked(verifier, 'wf_4') && isRevoked(verifier, 'wf_5')).toBe(true);
    unwrap(await offerAt(verifier, 13, await log.witnessed(13)));
    expect(verifier.trusted).toMatchObject({ seq: 5, issued_at: seconds(13) });
    expect(isRevoked(verifier, 'wf_4') && isRevoked(verifier, 'wf_5')).toBe(true);
  });
});

describe('a verifier that demands witnesses', () => {
  it('decides by nothing before they have seen a head', async () => {
    const log = new WitnessedLog(new Outside(), [entry(1)]);
    const verifier = newVerifier();
    unwrap(await offerAt(verifier, 10, await log.head(10), log.entries));
    expect(verifier.trusted).toBeUndefined();
    expect(isRevoked(verifier, 'wf_1')).toBe(true);
    unwrap(await offerAt(verifier, 11, await log.witnessed(11), []));
    expect(verifier.trusted?.issued_at).toBe(seconds(11));
  });

  it('starts from a snapshot that they have seen, and from no other', async () => {
    const outside = new Outside();
    const log = new WitnessedLog(outside, [entry(1), entry(2)]);
    const { bytes, reference } = await snapshotOf(log.entries);
    const changes = { snapshot: reference, delta_from: 2 };
    const update: FeedUpdate['snapshot'] = bytes;
    const unseen = newVerifier();
    const head = await log.head(10, changes);
    expect(await offerAt(unseen, 10, head, [], update)).toMatchObject({
      ok: false,
      error: { code: 'head_unwitnessed', why: 'checkpoint_missing' },
    });
    const verifier = newVerifier();
    unwrap(await offerAt(verifier, 11, await log.witnessed(11, changes), [], update));
    expect(isRevoked(verifier, 'wf_2')).toBe(true);
  });

  it('gets fresher each time that they see the same position again', async () => {
    const { log, verifier } = await story();
    unwrap(await offerAt(verifier, 60, await log.witnessed(60)));
    expect(verifier.trusted?.issued_at).toBe(seconds(60));
    // A head from a cache is not newer, and nothing gets older by it.
    const cached = await log.witnessed(61);
    unwrap(await offerAt(verifier, 62, await log.witnessed(62)));
    await offerAt(verifier, 63, cached);
    expect(verifier.trusted?.issued_at).toBe(seconds(62));
  });

  it.each([
    ['no text', 7],
    ['no log', POLICY.replace(/^log.*$/m, '')],
    ['no quorum', POLICY.replace('quorum all', 'quorum none')],
  ])('cannot be made with a policy that has %s', (_, witnesses) => {
    const options = { issuer: ISSUER, feedKey: feedKeys.publicKey, witnesses };
    expect(() => new FeedReplica(options as never)).toThrow(/witnesses/);
  });

  it('decides by nothing if its policy cannot be read', async () => {
    const log = new WitnessedLog(new Outside(), [entry(1)]);
    const witnesses = POLICY.replace('group all 2', 'group all 4');
    const verifier = new FeedReplica({ issuer: ISSUER, feedKey: feedKeys.publicKey, witnesses });
    const head = await log.witnessed(10);
    const opened = unwrap(await verifier.open(await wire(head), seconds(10)));
    expect(verifier.unwitnessed(opened)).toBe('policy_malformed');
    expect(verifier.trusted).toBeUndefined();
  });
});

const wire = async (head: Head) => (await import('../../fixtures/log.ts')).sign(head);

const checkpointLines = ({ extensions = [] }: Head): number =>
  JSON.stringify(extensions).split('— ').length - 1;

describe('a feed that continues in another generation', () => {
  const origin = 'issuer.example/7/feed/0';

  /** The thief has advanced the witnesses, which refuse the honest log under its first origin. */
  async function repaired() {
    const outside = new Outside(['issuer.example/feed/0', origin]);
    const log = new WitnessedLog(outside, [entry(1), entry(2)]);
    await log.witnessed(10);
    const thief = log.steal();
    thief.append(entry(3, { id: 'wf_other' }));
    const forged = await thief.witnessed(11);
    log.append(entry(3));
    const head = await log.head(12);
    const refused = log.carry(head, log.checkpoint());
    const again = new WitnessedLog(outside, log.entries, [...log.leaves] as never);
    outside.now = 13;
    return { head: again.carry(head, again.checkpoint({ origin })), refused, forged, thief, log };
  }
  const verifierOf = (witnesses: string) =>
    new FeedReplica({ issuer: ISSUER, feedKey: feedKeys.publicKey, witnesses });

  it('is followed by a verifier whose policy names the generation', async () => {
    const { head, log, refused } = await repaired();
    const told = verifierOf(policyOfGeneration(7));
    await offerAt(told, 12, refused, log.entries);
    expect(told.trusted).toBeUndefined();
    unwrap(await offerAt(told, 13, head, log.entries));
    expect(told.trusted?.seq).toBe(3);
  });

  it('is not followed by one whose policy names the first, or yet another', async () => {
    const { head, log } = await repaired();
    for (const policy of [POLICY, policyOfGeneration(8)]) {
      const untold = verifierOf(policy);
      await offerAt(untold, 13, head, log.entries);
      expect(untold.trusted).toBeUndefined();
    }
  });

  it('leaves the history of the thief without a verifier that has the new policy', async () => {
    const { forged, thief } = await repaired();
    const told = verifierOf(policyOfGeneration(7));
    await offerAt(told, 13, forged, thief.entries);
    expect(told.trusted).toBeUndefined();
  });
});

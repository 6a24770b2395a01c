import { describe, expect, test } from 'vitest';
import { releasedVerifier } from '../releases/released-verifier.ts';
import { judgeHop } from './hops/judge.ts';
import { makeHopVectors } from './hops/make.ts';
import { type HopVector, type HopVectors, readHopVectors } from './hops/vector.ts';

const committed = readHopVectors();
const made = await makeHopVectors();

async function expectVerdict(vectors: HopVectors, vector: HopVector): Promise<void> {
  const { verdict, why, hops } = vector;
  const decision = await judgeHop(vectors, vector);
  expect(decision.allowed ? 'allowed' : decision.denial.code).toBe(verdict);
  if (why !== undefined) expect(decision).toMatchObject({ denial: { why } });
  if (hops) expect(decision.evidence.hops).toEqual(hops);
}

describe('a hand-off of the vectors has its verdict', () => {
  test.each(committed.vectors.map((vector) => [vector.name, vector] as const))('%s', (_, vector) =>
    expectVerdict(committed, vector),
  );
});

// To update them: node scripts/make-hop-vectors.ts
test('the committed vectors are those that are made today', async () => {
  const shape = ({ vectors }: HopVectors) =>
    vectors.map(({ token: _, hops, ...rest }) => ({ ...rest, hops: hops?.length }));
  expect(shape(made)).toEqual(shape(committed));
  for (const vector of made.vectors) await expectVerdict(made, vector);
});

test('release 0.3.0 denies every capability that was handed on', async () => {
  const released = await releasedVerifier('0.3.0');
  const handedOn = committed.vectors.filter(({ hops }) => hops);
  expect(handedOn.length).toBeGreaterThan(2);
  for (const vector of handedOn) {
    const decision = await judgeHop(committed, vector, released);
    expect(decision.allowed, vector.name).toBe(false);
  }
  // It verifies: the same call with the capability that was not handed on is allowed.
  const whole = committed.vectors.find(
    ({ name }) => name === 'an unsigned block is no hop: the key stays',
  );
  if (!whole) throw new Error('the vectors have no capability without a hop');
  expect(await judgeHop(committed, whole, released)).toMatchObject({ allowed: true });
});

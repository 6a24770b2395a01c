import { describe, expect, test } from 'vitest';
import { FamilyLabels, type LabelRequest } from '../../../src/labels/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';

const request = (labels: readonly string[], workflow = 'wf_1'): LabelRequest => ({
  workflow,
  tool: 'mcp/mail/read',
  labels,
});

/** An issuer that stores labels by root, and counts how often it is asked. */
function issuer(answer?: () => Promise<Result<readonly string[], { code: 'too_many_labels' }>>) {
  const stored = new Map<string, Set<string>>();
  const asked: LabelRequest[] = [];
  const reported: unknown[] = [];
  let now = 1_000_000;
  const raise = async (one: LabelRequest) => {
    asked.push(one);
    if (answer) return answer();
    const [root = ''] = one.workflow.split('.');
    const labels = stored.get(root) ?? new Set();
    for (const label of one.labels) labels.add(label);
    stored.set(root, labels);
    return ok([...labels]);
  };
  const family = new FamilyLabels(
    { raise },
    () => now,
    (event, detail) => reported.push([event, detail]),
  );
  return { family, asked, stored, reported, pass: (ms: number) => (now += ms) };
}

describe('the labels that a verifier knows', () => {
  test('cost one round trip for a family, whichever of its workflows reads again', async () => {
    const { family, asked } = issuer();
    for (const workflow of ['wf_1', 'wf_1', 'wf_1.a', 'wf_1.b']) {
      expect(await family.raise(request(['private'], workflow))).toBe(true);
    }
    expect(asked).toHaveLength(1);
    expect(family.known('wf_1.c')).toEqual(['private']);
    expect(await family.raise(request(['private', 'untrusted']))).toBe(true);
    expect(await family.raise(request(['private'], 'wf_2'))).toBe(true);
    expect(asked).toHaveLength(3);
  });

  test('are reported again if they last longer than this verifier has reported', async () => {
    const { family, asked } = issuer();
    const lasting = (lasts: Readonly<Record<string, number>>) =>
      family.raise({ ...request(['private']), lasts });
    for (const lasts of [{}, {}, { private: 60 }, { private: 60 }, { private: 30 }, {}]) {
      expect(await lasting(lasts)).toBe(true);
    }
    expect(asked.map(({ lasts }) => lasts)).toEqual([{}, { private: 60 }]);
    await lasting({ private: 61 });
    expect(asked).toHaveLength(3);
  });

  test('cost nothing for an answer without labels', async () => {
    const { family, asked } = issuer();
    expect(await family.raise(request([]))).toBe(true);
    expect(asked).toEqual([]);
  });

  test('include those that others have set before', async () => {
    const { family, stored } = issuer();
    stored.set('wf_1', new Set(['untrusted']));
    await family.raise(request(['private']));
    expect(family.known('wf_1')).toEqual(['untrusted', 'private']);
  });

  test('are requested again after ten minutes, and if the clock goes back', async () => {
    const { family, asked, pass } = issuer();
    await family.raise(request(['private']));
    pass(599_999);
    await family.raise(request(['private']));
    expect(asked).toHaveLength(1);
    pass(1);
    await family.raise(request(['private']));
    expect(asked).toHaveLength(2);
    pass(-3_600_000);
    await family.raise(request(['private']));
    expect(asked).toHaveLength(3);
  });

  test('are forgotten and requested again after 10,000 families', async () => {
    const { family, asked } = issuer();
    for (let i = 0; i < 10_000; i++) await family.raise(request(['private'], `wf_${i}`));
    await family.raise(request(['private'], 'wf_0'));
    expect(asked).toHaveLength(10_000);
    await family.raise(request(['private'], 'wf_more'));
    await family.raise(request(['private'], 'wf_0'));
    expect(asked).toHaveLength(10_002);
  });

  test.each([
    ['does not answer', () => Promise.reject(new Error('down'))],
    ['refuses', async () => refuse({ code: 'too_many_labels' } as const)],
    ['answers without them', async () => ok(['other'])],
  ])('are not set if the issuer %s', async (_, answer) => {
    const { family, asked } = issuer(answer);
    expect(await family.raise(request(['private']))).toBe(false);
    expect(family.known('wf_1')).toEqual([]);
    expect(await family.raise(request(['private']))).toBe(false);
    expect(asked).toHaveLength(2);
  });

  test('are not set if an issuer of an earlier release has no method for them', async () => {
    const reported: unknown[] = [];
    const family = new FamilyLabels({} as never, undefined, (event) => reported.push(event));
    expect(await family.raise(request(['private']))).toBe(false);
    expect(reported).toEqual(['labels.failed']);
  });
});

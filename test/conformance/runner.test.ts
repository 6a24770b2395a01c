import { describe, expect, test } from 'vitest';
import { unpackSet } from '../suites/data.ts';
import { packSuiteData } from '../suites/pack.ts';
import { judgeWithEngine } from './engine.ts';
import { readSamples, type SampleCase, type Samples, type Validation } from './format.ts';
import { ASPECTS } from './outcome.ts';
import { runSamples, type SampleSet } from './runner.ts';

const set = unpackSet(packSuiteData().vectors);

/** A case that checks refuse, with a world, in two blocks. */
const NAME = 'policies_and_checks.bc';
const VALIDATION = 'some pass';

function sampleOf({ testcases }: Samples, filename: string): SampleCase {
  const found = testcases.find((one) => one.filename === filename);
  if (found === undefined) throw new Error(filename);
  return found;
}

/** The set reduced to one validation, with something changed. */
function changed(change: (sample: SampleCase, validation: Validation) => void): SampleSet {
  const sample = structuredClone(sampleOf(set.samples, NAME));
  const validation = sample.validations[VALIDATION];
  if (validation === undefined) throw new Error(VALIDATION);
  sample.validations = { [VALIDATION]: validation };
  change(sample, validation);
  return { ...set, samples: { ...set.samples, testcases: [sample] } };
}

async function aspectsOf(changedSet: SampleSet): Promise<readonly string[]> {
  const report = await runSamples(changedSet, judgeWithEngine);
  return report.cases.flatMap(({ validations }) =>
    validations.flatMap(({ differences }) => differences.map(({ aspect }) => aspect)),
  );
}

describe('the runner notices a change of each of the six things', () => {
  test('nothing is changed', async () => {
    expect(await aspectsOf(changed(() => {}))).toEqual([]);
  });

  test('parse verdict', async () => {
    const aspects = await aspectsOf(
      changed((_, validation) => {
        validation.revocation_ids = [];
        validation.result = { Err: { Format: 'SymbolTableOverlap' } };
      }),
    );
    expect(aspects).toContain(ASPECTS[0]);
  });

  test('authorize verdict: another policy', async () => {
    const aspects = await aspectsOf(
      changed((_, validation) => {
        const text = JSON.stringify(validation.result).replace('"Allow":0', '"Allow":1');
        validation.result = JSON.parse(text);
      }),
    );
    expect(aspects).toEqual(['authorize verdict']);
  });

  test('failed checks: another id', async () => {
    const aspects = await aspectsOf(
      changed((_, validation) => {
        const text = JSON.stringify(validation.result).replace('"check_id":0', '"check_id":1');
        validation.result = JSON.parse(text);
      }),
    );
    expect(aspects).toEqual(['failed checks']);
  });

  test('world: another origin', async () => {
    const aspects = await aspectsOf(
      changed((_, validation) => {
        const [facts] = validation.world?.facts ?? [];
        facts?.origin.push(1);
      }),
    );
    expect(aspects).toEqual(['world']);
  });

  test('revocation ids', async () => {
    const aspects = await aspectsOf(
      changed((_, validation) => {
        validation.revocation_ids.reverse();
      }),
    );
    expect(aspects).toEqual(['revocation ids']);
  });

  test('block sources', async () => {
    const aspects = await aspectsOf(
      changed((sample) => {
        const [block] = sample.token;
        if (block) block.code = block.code.replace('read', 'write');
      }),
    );
    expect(aspects).toEqual(['block sources']);
  });

  test('a token that is not there', async () => {
    const aspects = await aspectsOf({ ...changed(() => {}), files: new Map() });
    expect(aspects).toEqual(['parse verdict']);
  });
});

describe('the loader refuses what it does not know', () => {
  const text = JSON.stringify(changed(() => {}).samples);

  test.each([
    ['a key of a case', '"title"', '"heading"'],
    ['a key of a block', '"external_key"', '"externalKey"'],
    ['a key of a world', '"policies"', '"policy"'],
    ['a key of a failed check', '"check_id"', '"check"'],
    ['a variant of a refusal', '"Unauthorized"', '"Forbidden"'],
    ['a file outside of the folder', `"${NAME}"`, '"../elsewhere.bc"'],
    ['a revocation id that is no hex', '"revocation_ids":["', '"revocation_ids":["x'],
  ])('%s', (_, from, to) => {
    expect(readSamples(text).ok).toBe(true);
    const read = readSamples(text.replace(from, to));
    expect(read.ok).toBe(false);
  });

  test('a further key', () => {
    const read = readSamples(text.replace('{"title"', '{"comment":"","title"'));
    expect(!read.ok && read.error.problems.join()).toContain('testcases.0.comment');
  });
});

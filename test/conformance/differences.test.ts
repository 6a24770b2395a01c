import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/biscuit/index.ts';
import { EXPLANATIONS, verdictOf } from '../fuzz/agree.ts';
import { judge, mint, openArena } from '../reference/index.ts';
import { ROOT_PUBLIC, ROOT_SECRET, type VectorCase } from './cases/case.ts';
import { DIFFERENCES, PRINTED } from './differences.ts';
import { judgeWithEngine } from './engine.ts';
import { makeToken } from './make.ts';
import type { Outcome } from './outcome.ts';

const documentation = (): string =>
  readFileSync(
    fileURLToPath(new URL('../../docs/reference/biscuit.md', import.meta.url).href),
    'utf8',
  );

const arena = await openArena();
const ROOT_KEY = { algorithm: 'ed25519', hex: ROOT_PUBLIC } as const;

type Answers = { readonly reference: Outcome; readonly hewn: Outcome };

async function ask(vectorCase: VectorCase): Promise<readonly Answers[]> {
  const { bytes } = await makeToken(arena.reference, vectorCase);
  const answers: Answers[] = [];
  for (const authorizerCode of Object.values(vectorCase.authorizers)) {
    answers.push({
      reference: judge(arena.reference, { token: bytes, rootKey: ROOT_KEY, authorizerCode }),
      hewn: await judgeWithEngine({ token: bytes, rootPublicKey: ROOT_PUBLIC, authorizerCode }),
    });
  }
  return answers;
}

describe('each difference is what the documentation says', () => {
  test.each(DIFFERENCES.map((one, i) => [`${one.name} ${i}`, one] as const))(
    '%s',
    async (_, one) => {
      for (const { reference, hewn } of await ask(one.token)) {
        expect({ reference: verdictOf(reference), hewn: verdictOf(hewn) }).toEqual({
          reference: one.reference,
          hewn: one.hewn,
        });
      }
    },
  );

  test.each(PRINTED.map((one) => [`${one.name}: ${one.token.title}`, one] as const))(
    '%s: the same decision in another text',
    async (_, one) => {
      for (const { reference, hewn } of await ask(one.token)) {
        expect(verdictOf(hewn)).toBe(verdictOf(reference));
        expect(hewn).not.toEqual(reference);
      }
    },
  );

  test('any-error-denies: an error in one combination denies, whichever comes first', async () => {
    const verdicts = { reference: new Set<string>(), hewn: new Set<string>() };
    for (let count = 2; count < 10; count++) {
      const facts = Array.from({ length: count }, (_, i) => `n(${i});`).join('');
      const token = mint(arena.reference, `ed25519-private/${ROOT_SECRET}`, {
        blocks: [{ code: facts }],
      });
      const authorizerCode = 'allow if n($x), 10 / $x > 0;';
      const question = { token, rootKey: ROOT_KEY, authorizerCode };
      verdicts.reference.add(verdictOf(judge(arena.reference, question)));
      verdicts.hewn.add(
        verdictOf(await judgeWithEngine({ token, rootPublicKey: ROOT_PUBLIC, authorizerCode })),
      );
    }
    expect([...verdicts.hewn]).toEqual(['Execution.DivideByZero']);
    expect(verdicts.reference).toContain('Ok');
  });

  test('docs/reference/biscuit.md explains every one of them, and every one that fuzzing accepts', () => {
    const names = [...DIFFERENCES, ...PRINTED].map(({ name }) => name);
    for (const name of [...names, ...EXPLANATIONS])
      expect(documentation()).toContain(`\`${name}\``);
  });

  test('docs/reference/biscuit.md lists every limit with its value', () => {
    for (const [name, maximum] of Object.entries(DEFAULT_LIMITS)) {
      expect(documentation()).toContain(`| \`${name}\` | ${maximum} |`);
    }
  });
});

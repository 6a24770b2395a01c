import { expect, test } from 'vitest';
import { readDrill } from '../../../src/cli/drill/config.ts';
import { fences, readProjectFile } from './markdown.ts';

test('the drill in docs/guides/operator.md can be held', async () => {
  const [drill] = fences(await readProjectFile('docs/guides/operator.md')).filter(
    ({ language, lines }) => language === 'json' && lines.join('').includes('"verifiers"'),
  );
  expect(readDrill(drill?.lines.join('\n') ?? '')).toMatchObject({ ok: true });
});

import { expect, test } from 'vitest';
import { readDrill } from '../../../src/cli/drill/config.ts';
import { fences, readProjectFile } from './markdown.ts';

test('the drill file in the operator guide is valid', async () => {
  const [drill] = fences(await readProjectFile('docs/guides/operator.md')).filter(
    ({ language, lines }) => language === 'json' && lines.join('').includes('"verifiers"'),
  );
  expect(readDrill(drill?.lines.join('\n') ?? '')).toMatchObject({ ok: true });
});

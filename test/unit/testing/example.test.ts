import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('the tests of the example pass in node:test, from the built package', async () => {
  const file = 'examples/tested-api.test.ts';
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', file]);
  expect(stdout).toMatch(/pass 4\b/);
});

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
// These two have tests of vitest, which run here.
import '../../../examples/hono/index.test.ts';
import '../../../examples/mcp/server.test.ts';

/** The hand-off starts processes of its own. */
const NODE_MILLISECONDS_MAX = 60_000;

test.each([
  ['examples/tested-api.test.ts', 4],
  ['examples/hand-off.test.ts', 2],
  ['examples/express/app.test.ts', 3],
  ['examples/retrieval/api.test.ts', 11],
])(
  'the tests of %s pass in node:test, from the built package',
  {
    timeout: NODE_MILLISECONDS_MAX,
  },
  async (file, count) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', file]);
    expect(stdout).toContain(`pass ${count}\n`);
  },
);

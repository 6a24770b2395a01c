/** Rewrites the generated parts of the documentation, or with --check reports which are stale. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { BLOCKS, pathOf, renderPage } from './docs/index.ts';

const HELP = `npm run docs [-- --check]

Rewrites what stands between the generated markers in docs/. scripts/docs/index.ts lists the blocks.

  --check   Changes nothing. Exits with 1 if a page is stale, and names it.
`;

const { values } = parseArgs({
  options: { check: { type: 'boolean' }, help: { type: 'boolean' } },
});

if (values.help === true) {
  process.stdout.write(HELP);
} else {
  for (const path of new Set(BLOCKS.map(({ page }) => page))) {
    const { current, expected } = await renderPage(path);
    if (!expected.ok) {
      console.error(`${path}: ${expected.error.code} (block "${expected.error.block}")`);
      process.exitCode = 1;
    } else if (expected.value === current) {
    } else if (values.check === true) {
      console.error(`${path} is stale: run npm run docs`);
      process.exitCode = 1;
    } else {
      await writeFile(pathOf(path), expected.value);
      console.log(`wrote ${path}`);
    }
  }
}

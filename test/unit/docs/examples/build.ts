import { mkdir, rm, writeFile } from 'node:fs/promises';
import { doorsOf } from '../../../../scripts/doors.ts';
import { projectFile, readProjectFile } from '../markdown.ts';
import * as given from './given.ts';

/** Writes examples as modules that the compiler checks and Node runs. */

export interface Example {
  /** Of the module: a door and a name, with `-` between them. */
  readonly name: string;
  readonly code: string;
}

const FOLDER = '.examples';
const GIVEN = '../test/unit/docs/examples/given.ts';

// The sources of the doors: what is built may be older than the docstrings.
const DOORS = new Map(doorsOf(JSON.parse(await readProjectFile('package.json'))));

/** Returns the example with imports of everything that it uses and does not declare. */
export function asModule(code: string): string {
  const used = Object.keys(given).filter(
    (name) =>
      new RegExp(`(?<![.\\w'"])${name}\\b(?!['"])`).test(code) &&
      !new RegExp(`(?:const|function|let) ${name}\\b|import [^;]*\\b${name}\\b[^;]* from`).test(
        code,
      ),
  );
  const imported = used.length === 0 ? '' : `import { ${used.join(', ')} } from '${GIVEN}';\n`;
  const resolved = code.replace(/from 'hewn\/([\w/-]+)'/g, (text, door) => {
    const source = DOORS.get(door);
    return source === undefined ? text : `from '../${source}'`;
  });
  return `${imported}${resolved}\nexport {};\n`;
}

// One process for all: loading the doors takes longer than any example. `fetch` is replaced there,
// also for the code under an example, and not in the process of the tests, which others share.
const RUN = `import { fetch } from '${GIVEN}';
globalThis.fetch = fetch as typeof globalThis.fetch;
let failed = false;
for (const name of process.argv.slice(2)) {
  try {
    await import(\`./\${name}.ts\`);
  } catch (error) {
    failed = true;
    console.error(\`\${name}: \${error instanceof Error ? error.stack : error}\`);
  }
}
process.exit(failed ? 1 : 0);
`;

const TSCONFIG = {
  extends: '../tsconfig.json',
  compilerOptions: { noUnusedLocals: false },
  include: ['*.ts'],
};

/** Writes all examples into a folder that git ignores, and returns its path. */
export async function writeExamples(examples: readonly Example[]): Promise<string> {
  const folder = projectFile(FOLDER);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await writeFile(`${folder}/tsconfig.json`, JSON.stringify(TSCONFIG));
  await writeFile(`${folder}/run.ts`, RUN);
  for (const { name, code } of examples) await writeFile(`${folder}/${name}.ts`, asModule(code));
  return folder;
}

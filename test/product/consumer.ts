/** An empty project that installs the packed package, as a user's would. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { doorsOf, isWorkerDoor } from '../../scripts/doors.ts';
import { projectFile } from '../unit/docs/markdown.ts';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 16 * 2 ** 20;

export interface Packed {
  /** The tarball. */
  readonly file: string;
  readonly bytes: number;
  readonly paths: readonly string[];
}

/** Runs a command without the variables that npm and vitest set for this test run. */
export async function runIn(
  folder: string,
  command: string,
  args: readonly string[],
): Promise<string> {
  const outside = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_|INIT_CWD|NODE_(?!EXTRA_CA)|VITEST)/i.test(name),
  );
  const options = { cwd: folder, env: Object.fromEntries(outside), maxBuffer: OUTPUT_BYTES_MAX };
  try {
    return (await run(command, args, options)).stdout;
  } catch (error) {
    // Compilers and linters print what is wrong to the standard output.
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error });
  }
}

export const emptyFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'hewn-product-'));

/** Packs `project`, which is built already, into `folder`. */
export async function pack(project: string, folder: string): Promise<Packed> {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const printed: unknown = JSON.parse(await runIn(project, 'npm', args));
  const [packed] = Object.values(
    printed as Readonly<
      Record<string, { filename: string; size: number; files: readonly { path: string }[] }>
    >,
  );
  if (packed === undefined) throw new Error('npm pack packed nothing');
  const { filename, size, files } = packed;
  return { file: join(folder, filename), bytes: size, paths: files.map(({ path }) => path) };
}

/** Creates a project with this package and `others`, by their exact versions. */
export async function install(packed: Packed, others: readonly string[] = []): Promise<string> {
  const folder = await emptyFolder();
  const manifest = { name: 'consumer', private: true, type: 'module' };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--no-save'];
  await runIn(folder, 'npm', ['install', ...quiet, packed.file, ...others]);
  return folder;
}

export const remove = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true });

/** The specifier of each public door of the library. */
export const specifiers: readonly string[] = doorsOf(
  JSON.parse(await readFile(projectFile('package.json'), 'utf8')),
)
  .filter((door) => !isWorkerDoor(door))
  .map(([name]) => `hewn/${name}`);

/** The packages of agent frameworks, installed beside the examples and the scripted models. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectFile } from '../unit/docs/markdown.ts';

const run = promisify(execFile);
export const INSTALL_MILLISECONDS_MAX = 110_000;

export interface FrameworkPackages {
  readonly folder: string;
  /** Runs Node in the folder, and returns what it printed. */
  readonly run: (args: readonly string[], env: NodeJS.ProcessEnv) => Promise<string>;
  /** Compiles the examples with the types of the frameworks. Rejects with what is wrong. */
  readonly compile: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** Installs what a folder of test/frameworks lists, in a copy of that folder. */
export async function installFrameworks(name: string): Promise<FrameworkPackages> {
  const folder = await mkdtemp(join(tmpdir(), 'hewn-frameworks-'));
  const copy = (from: string, to = folder) => cp(projectFile(from), to, { recursive: true });
  await copy('test/frameworks/scripted');
  await copy(`test/frameworks/${name}`);
  await copy('examples/frameworks', join(folder, 'examples'));
  const npm = ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
  await run('npm', npm, { cwd: folder, timeout: INSTALL_MILLISECONDS_MAX });
  await symlink(projectFile('.'), join(folder, 'node_modules/hewn'));
  const node = async (args: readonly string[], env: NodeJS.ProcessEnv, timeout: number) => {
    try {
      return (await run(process.execPath, [...args], { cwd: folder, env, timeout })).stdout;
    } catch (error) {
      const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
      throw new Error(`${args.join(' ')}\n${stdout}${stderr}`, { cause: error });
    }
  };
  return {
    folder,
    run: (args, env) => node(args, { ...process.env, ...env }, 90_000),
    compile: async () => {
      const tsc = projectFile('node_modules/typescript/bin/tsc');
      await node([tsc, '-p', '.'], process.env, 90_000);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

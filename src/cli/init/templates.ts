import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runsWrangler, WRANGLER_RANGE } from '../../bundle/index.ts';

export const TEMPLATES = ['mcp', 'api'] as const;
export type Template = (typeof TEMPLATES)[number];

const AGENT = 'node --env-file=.hewn/dev.env agent.js';
const CHECKS = { check: 'hewn check', test: 'hewn check && node --test' } as const;

/** What a new project runs: the scripts of its `package.json`. */
export const PROJECT_SCRIPTS: Readonly<Record<Template, Readonly<Record<string, string>>>> = {
  mcp: { dev: 'hewn dev', agent: AGENT, ...CHECKS },
  api: {
    dev: 'hewn dev',
    api: 'node --env-file=.hewn/dev.env server.js',
    agent: AGENT,
    ...CHECKS,
  },
};

/** A project made with a Node that does not run `hewn dev` gets its own. */
const NODE = '^24.0.0';

export interface Project {
  readonly template: Template;
  /** The name of the deployment. */
  readonly name: string;
  /** The version or file of hewn in `package.json`. */
  readonly hewn: string;
  /** The version of Node that makes the project. */
  readonly node: string;
}

/** Returns the files of a new project by their paths. `templates` is their folder. */
export async function projectFiles(
  templates: string,
  project: Project,
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const folder of ['shared', project.template]) {
    for (const path of await listFiles(join(templates, folder))) {
      const text = await readFile(join(templates, folder, path), 'utf8');
      // npm leaves a file of this name out of every package.
      const name = path === 'gitignore' ? '.gitignore' : path;
      files.set(name, text.replaceAll(/\bNAME\b/g, project.name));
    }
  }
  files.set('package.json', `${JSON.stringify(manifestOf(project), null, 2)}\n`);
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .map((path) => path.replaceAll('\\', '/'));
}

const manifestOf = ({ template, name, hewn, node }: Project) => ({
  name,
  version: '0.0.0',
  private: true,
  type: 'module',
  scripts: PROJECT_SCRIPTS[template],
  dependencies: { hewn },
  devDependencies: { ...(isOld(node) && { node: NODE }), wrangler: WRANGLER_RANGE },
});

/** Whether this Node is too old for `hewn dev`. */
export const isOld = (version: string): boolean => !runsWrangler(version);

/** Returns a name of a deployment that is like the name of a folder. */
export function nameLike(folder: string): string {
  const letters = folder.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const name = letters.replace(/^[^a-z]+/, '').slice(0, 24);
  return name.replace(/-+$/, '') || 'my-hewn';
}

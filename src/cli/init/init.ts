import { access, mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { isCode } from '../../durable-file.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { defineCommand, readFolderOperand, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { ownPackage, specifierOf } from './package-folder.ts';
import { isOld, nameLike, projectFiles, TEMPLATES, type Template } from './templates.ts';

const DESCRIPTIONS: Readonly<Record<Template, string>> = {
  mcp: 'an MCP server behind the gateway',
  api: 'an HTTP API with a verifier of its own',
};

export const initCommand = defineCommand({
  name: 'init',
  summary: 'write a new deployment',
  operands: '[DIR]',
  description: `Writes a deployment that runs: hewn.toml, a policy with its cases, a catalogue, the entry files of the Workers, an agent that tries it, and tests that pass. DIR is its folder, by default the current one. Never replaces a file: if one is there already, writes nothing.

Templates:

${TEMPLATES.map((template) => `  ${template}  ${DESCRIPTIONS[template]}`).join('\n')}`,
  flags: {
    template: { kind: 'text', value: 'NAME', description: 'mcp (the default) or api' },
    name: {
      kind: 'text',
      value: 'NAME',
      description: 'the name of the deployment; by default like the folder',
    },
    hewn: {
      kind: 'text',
      value: 'SPEC',
      description: 'the version or file of hewn in package.json; by default this version',
    },
    ...JSON_FLAG,
  },
  examples: ['hewn init', 'hewn init reports --template api', 'npm create hewn reports'],
  run: async ({ flags, operands }, context) => {
    const named = readFolderOperand(operands);
    if (!named.ok) return named;
    const shown = named.value;
    const template = TEMPLATES.find((each) => each === (flags.template ?? TEMPLATES[0]));
    if (template === undefined) return refuse(`--template must be ${TEMPLATES.join(' or ')}`);
    const folder = resolve(context.cwd, shown);
    const name = flags.name ?? nameLike(basename(folder));
    if (name !== nameLike(name)) {
      return refuse(
        '--name must be lower-case letters, digits and "-", at most 24, starting with a letter',
      );
    }
    const own = ownPackage();
    const hewn = flags.hewn ?? specifierOf(own);
    const node = process.versions.node;
    const files = await projectFiles(join(own.folder, 'templates'), { template, name, hewn, node });
    const written = await writeAll(folder, files);
    if (!written.ok) return written;
    const next = nextSteps(relative(context.cwd, folder), template);
    if (flags.json) {
      context.out(showJson({ folder, template, name, files: [...files.keys()], next }));
      return YES;
    }
    context.out(`wrote ${files.size} files: ${DESCRIPTIONS[template]}`);
    for (const file of files.keys()) context.out(`  ${join(shown, file)}`);
    if (isOld(node)) {
      context.out(`Node ${node} cannot run wrangler, so package.json has a Node of its own.`);
    }
    context.out('Next:');
    for (const step of next) context.out(`  ${step}`);
    return YES;
  },
});

const nextSteps = (folder: string, template: Template): readonly string[] => [
  ...(folder === '' ? [] : [`cd ${folder}`]),
  'npm install',
  'npm test',
  'npm run dev',
  ...(template === 'api' ? ['npm run api    (in another terminal)'] : []),
  'npm run agent  (in another terminal)',
];

async function writeAll(
  folder: string,
  files: ReadonlyMap<string, string>,
): Promise<Result<undefined, string>> {
  const present: string[] = [];
  for (const file of files.keys()) {
    const isThere = await access(join(folder, file)).then(
      () => true,
      () => false,
    );
    if (isThere) present.push(file);
  }
  if (present.length > 0) return refuse(existing(folder, present));
  for (const [file, text] of files) {
    const path = join(folder, file);
    await mkdir(dirname(path), { recursive: true });
    try {
      await writeFile(path, text, { flag: 'wx' });
    } catch (error) {
      if (isCode(error, 'EEXIST')) return refuse(existing(folder, [file]));
      throw error;
    }
  }
  return ok(undefined);
}

const existing = (folder: string, files: readonly string[]): string =>
  `${folder} has ${files.join(', ')} already, and no file is replaced. Choose an empty folder`;

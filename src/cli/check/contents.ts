import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  type Catalogue,
  findCatalogueFaults,
  lintCatalogue,
  parseCatalogue,
} from '../../catalogue/index.ts';
import { REVIEW_MARK } from '../../catalogue-draft/index.ts';
import {
  DEPLOYMENT_FILE,
  type Deployment,
  type FileFault,
  nearest,
  type SourcePaths,
} from '../../deployment/index.ts';
import { findPolicyFaults, loadPolicy, type PolicyFile } from '../../policy/index.ts';
import { tableOf } from '../../upstream/index.ts';
import { listFiles } from '../../version-files/index.ts';
import type { CommandContext } from '../command.ts';
import { readText } from '../policy/files.ts';
import { checkCases } from './cases.ts';
import { checkEntries } from './entries.ts';
import { sealedWarnings } from './sealed.ts';
import { unreadable } from './unreadable.ts';

type Cwd = Pick<CommandContext, 'cwd'>;

type SourceFolder = Pick<Deployment, 'policy' | 'catalogue' | 'environments'>;
const NO_DEPLOYMENT: Pick<Deployment, 'environments'> = { environments: [] };

/** A deployment folder, and where its files are. */
interface Folder {
  /** The folder as the user named it, for messages. */
  readonly shown: string;
  readonly deployment: SourceFolder;
  readonly context: Cwd;
}

/** What was checked besides the faults. */
export interface ContentsReport {
  readonly faults: readonly FileFault[];
  readonly warnings: readonly FileFault[];
  readonly casesPassed: number;
  /** Those of the faults that are failed cases: the policy itself loads. */
  readonly casesFailed: readonly FileFault[];
}

/** Checks the catalogue, the policy, its cases and the entry files of a deployment together. */
export async function checkContents(
  context: Cwd,
  shown: string,
  deployment: Deployment,
): Promise<ContentsReport> {
  const folder = { context, shown, deployment };
  const catalogue = await checkCatalogue(folder);
  const policy = await checkPolicy(folder, catalogue.catalogue);
  const listed = await listFiles(context, [pathIn(folder, deployment.policy)], '.datalog');
  const entries = await checkEntries(context, shown, deployment, listed.ok ? listed.value : []);
  return {
    ...policy,
    faults: [...entries.faults, ...catalogue.faults, ...policy.faults],
    warnings: [
      ...sealedWarnings(pathIn(folder, DEPLOYMENT_FILE), deployment),
      ...entries.warnings,
      ...catalogue.warnings,
      ...policy.warnings,
    ],
  };
}

/**
 * Checks the catalogue and the policy of a deployment whose own file has faults, so that a person
 * sees all of them at once. What depends on that file is left out: names of providers, and cases.
 */
export async function checkSources(
  context: Cwd,
  shown: string,
  paths: SourcePaths,
): Promise<ContentsReport> {
  const folder = { context, shown, deployment: { ...NO_DEPLOYMENT, ...paths } };
  const isThere = (path: string) =>
    stat(resolve(context.cwd, pathIn(folder, path))).then(
      () => true,
      () => false,
    );
  // The paths may be those of the faults.
  if (!(await isThere(paths.catalogue)) || !(await isThere(paths.policy))) return report([]);
  const catalogue = await checkCatalogue(folder);
  const policy = await checkPolicy(folder, catalogue.catalogue);
  return { ...policy, faults: [...catalogue.faults, ...policy.faults] };
}

/** A file of the deployment, as a path from the current folder. */
const pathIn = ({ shown }: Folder, path: string): string => join(shown, path);

interface CatalogueReport {
  readonly catalogue?: Catalogue;
  readonly faults: readonly FileFault[];
  readonly warnings: readonly FileFault[];
}

/** Splits a message of the catalogue, and adds what its author probably meant. */
function suggest(
  where: string | undefined,
  why: string,
): Pick<FileFault, 'found' | 'allowed' | 'suggestion'> {
  const [found = why, allowed] = why.split('. Allowed: ');
  if (allowed === undefined) return { found };
  const written =
    found === 'unknown key' ? where?.split('.').at(-1) : found.replaceAll(/^is |"/g, '');
  const suggestion = nearest(written ?? '', allowed.split(', '));
  return { found, allowed, ...(suggestion !== undefined && { suggestion }) };
}

async function checkCatalogue(folder: Folder): Promise<CatalogueReport> {
  const file = pathIn(folder, folder.deployment.catalogue);
  const source = await readText(folder.context, file);
  if (!source.ok) return { faults: [unreadable(file, source.error)], warnings: [] };
  const faults = findCatalogueFaults(source.value).map(
    ({ line, where, why }): FileFault => ({
      file,
      ...(line !== undefined && { line }),
      ...(where !== undefined && { key: where }),
      ...suggest(where, why),
    }),
  );
  const parsed = parseCatalogue(source.value);
  const warnings = unreviewed(file, source.value);
  if (!parsed.ok) return { faults, warnings };
  warnings.push(
    ...serversWithoutTools(file, parsed.value, folder.deployment),
    ...lintCatalogue(parsed.value).map(({ tool, why }) => ({ file, found: `${tool}: ${why}` })),
  );
  return { catalogue: parsed.value, faults: [], warnings };
}

/** A server behind a gateway and no tool of it: a person forgot its catalogue, name or kind. */
function serversWithoutTools(
  file: string,
  catalogue: Catalogue,
  { environments }: SourceFolder,
): readonly FileFault[] {
  const servers = new Set(
    environments
      .flatMap(({ gateways }) => gateways)
      .flatMap(({ upstreams }) => Object.entries(upstreams))
      .map(([server, upstream]) => `${tableOf(upstream).kind ?? 'mcp'}/${server}`),
  );
  const described = new Set([...catalogue.keys()].map((tool) => tool.split('/', 2).join('/')));
  return [...servers]
    .filter((server) => !described.has(server))
    .map((server) => ({
      file,
      found: `no tool ${server}/… although ${DEPLOYMENT_FILE} has the ${describe(server)}: every call to it is denied`,
    }));
}

/** `server`: `<kind>/<name>` */
function describe(server: string): string {
  const [kind, name = ''] = server.split('/');
  return `${kind === 'http' ? 'HTTP API' : 'MCP server'} "${name}"`;
}

/** `hewn catalogue import` marks every guess. One warning is enough for all of them. */
function unreviewed(file: string, source: string): FileFault[] {
  const marked = source
    .split('\n')
    .flatMap((line, index) => (line.startsWith(REVIEW_MARK) ? [index + 1] : []));
  const [line] = marked;
  if (line === undefined) return [];
  const count = marked.length === 1 ? 'a guess' : `${marked.length} guesses`;
  return [{ file, line, found: `${count} of an import without a review` }];
}

async function checkPolicy(
  folder: Folder,
  catalogue: Catalogue | undefined,
): Promise<ContentsReport> {
  const { context, deployment } = folder;
  const place = pathIn(folder, deployment.policy);
  const listed = await listFiles(context, [place], '.datalog');
  if (!listed.ok) return report([unreadable(place, listed.error)]);
  const files: PolicyFile[] = [];
  const faults: FileFault[] = [];
  for (const file of listed.value) {
    const source = await readText(context, file);
    if (source.ok) files.push({ name: file, source: source.value });
    else faults.push(unreadable(file, source.error));
  }
  if (faults.length > 0) return report(faults);
  const issuers = issuersOf(deployment);
  const known = issuers === undefined ? {} : { issuers };
  const found = findPolicyFaults(files, catalogue ?? new Map(), known);
  const invalid = found.map((error): FileFault => {
    if (error.code === 'policy_missing') {
      return { file: place, found: 'the policy has no statement, so it would refuse everything' };
    }
    const { file } = error;
    return error.code === 'policy_too_large'
      ? { file, found: 'too large for a policy', allowed: '64 KiB: split it into several files' }
      : { file, line: error.line, found: error.why };
  });
  // Without a catalogue every tool is unknown; its faults are reported already.
  if (!catalogue) return report(invalid.filter(({ found }) => !/\bcatalogue\b/.test(found)));
  const policy = loadPolicy(files, catalogue, known);
  if (!policy.ok || issuers === undefined) return report(invalid);
  const warnings = policy.value.warnings.map(({ file, line, why }) => ({ file, line, found: why }));
  const judges = { policy: policy.value, catalogue, issuers };
  const cases = await checkCases(context, pathIn(folder, `${deployment.policy}/cases`), judges);
  return { ...cases, warnings, casesFailed: cases.faults };
}

const report = (faults: readonly FileFault[]): ContentsReport => ({
  faults,
  warnings: [],
  casesPassed: 0,
  casesFailed: [],
});

/**
 * Returns the names of the providers: a policy may name those of any environment. Undefined without
 * an environment.
 */
const issuersOf = ({ environments }: SourceFolder): readonly string[] | undefined =>
  environments.length === 0
    ? undefined
    : [
        ...new Set(
          environments.flatMap(({ providers }) => providers.map((entry) => String(entry.name))),
        ),
      ];

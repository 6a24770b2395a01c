/** The package behind `npm create hewn`. It is released with the package that it runs. */
export interface Creator {
  readonly version: string;
  readonly dependencies: { readonly hewn: string };
}

/** What a release is checked against, as texts of the commit that is released. */
export interface ReleaseTexts {
  /** The version in `package.json`. */
  readonly version: string;
  /** The manifest of `create-hewn`. */
  readonly creator: Creator;
  readonly changelog: string;
  /** docs/releases.md and SECURITY.md: both have a table of versions. */
  readonly tables: Readonly<Record<string, string>>;
  /** What `git status --porcelain` prints. */
  readonly uncommitted: string;
}

/** Returns everything that stops a release, as sentences that say what to do. */
export function releaseProblems(texts: ReleaseTexts, repository: string): readonly string[] {
  const { version, creator, changelog, tables, uncommitted } = texts;
  const [, entry = '', date = ''] = /^## (\S+), (.+)$/m.exec(changelog) ?? [];
  const problems: (string | false)[] = [
    uncommitted !== '' && 'The tree has changes that are not committed. Commit or remove them.',
    !isRepository(repository) &&
      `--repository must be an https URL without credentials, got ${JSON.stringify(repository)}.`,
    (creator.version !== version || creator.dependencies.hewn !== version) &&
      `packages/create-hewn/package.json must have ${version} as its version and that of hewn.`,
    entry !== version &&
      `The top entry of CHANGELOG.md is ${entry || 'missing'}, and package.json has ${version}.`,
    entry === version &&
      !/^\d{4}-\d\d-\d\d$/.test(date) &&
      `The entry of ${version} in CHANGELOG.md has no date: write it as 2026-12-31.`,
    ...Object.entries(tables).map(([file, table]) => tableProblem(file, table, version)),
  ];
  return problems.filter((problem) => problem !== false);
}

function tableProblem(file: string, table: string, version: string): string | false {
  const minor = version.replace(/\.\d+$/, '.x');
  const row = table
    .split('\n')
    .find((line) => line.startsWith(`| ${version} |`) || line.startsWith(`| ${minor} |`));
  if (row === undefined) return `The table of versions in ${file} has no row for ${version}.`;
  return row.includes('not released') && `${file} says that ${version} is not released yet.`;
}

/** A URL with credentials would be published with the manifest. */
function isRepository(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' && url.username === '' && url.password === '' && !url.search;
}

/** Returns the `repository` member of a manifest: npm compares it with the provenance. */
export const repositoryMember = (repository: string, folder = '.') => ({
  type: 'git',
  url: `git+${repository.replace(/\/$/, '').replace(/\.git$/, '')}.git`,
  ...(folder !== '.' && { directory: folder }),
});

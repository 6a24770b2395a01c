import { tableRows } from './markdown.ts';

/** What a page of docs/guides/identity has that can be run. */
export interface IdentityPage {
  /** All `[providers.NAME]` tables of the page. */
  readonly providers: string;
  /** Absent if the agent acts for no one. */
  readonly person?: SampleToken;
  readonly agent: SampleToken;
  readonly policy: string;
  /** The form that the curl command sends. */
  readonly request: URLSearchParams;
  /** The statements of the authority block. */
  readonly capability: readonly string[];
  readonly refusals: readonly RefusedChange[];
}

export interface SampleToken {
  readonly header: Readonly<Record<string, string>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A row of the last table: a token with one claim changed, and how it is refused. */
export interface RefusedChange {
  readonly party: 'person' | 'agent';
  readonly claim: string;
  /** Undefined if the claim is left out. */
  readonly value: unknown;
  readonly code: string;
  readonly cause: string;
}

/** Reads a page. Throws an Error that names the part that is missing. */
export function readIdentityPage(markdown: string): IdentityPage {
  const sections = sectionsOf(markdown);
  const block = (title: string, language: string): string => {
    const found = blocksOf(sections.get(title) ?? '', language)[0];
    if (found === undefined) throw new Error(`no ${language} block under "${title}"`);
    return found;
  };
  const person = sections.has('The person');
  return {
    providers: blocksOf(markdown, 'toml').join('\n'),
    ...(person && { person: JSON.parse(block('The person', 'json')) as SampleToken }),
    agent: JSON.parse(block('The agent', 'json')) as SampleToken,
    policy: block('The policy', 'datalog'),
    request: formOf(block('The request', 'sh')),
    capability: statementsOf(block('The capability', 'datalog')),
    refusals: refusalsOf(sections.get('What is refused') ?? ''),
  };
}

/** The sections by their titles, without number and without what follows a colon. */
function sectionsOf(markdown: string): ReadonlyMap<string, string> {
  const parts = markdown.split(/^## (?:\d+\. )?/m).slice(1);
  return new Map(
    parts.map((part) => {
      const [heading = ''] = part.split('\n', 1);
      return [heading.split(':', 1)[0] ?? '', part.slice(heading.length)];
    }),
  );
}

const blocksOf = (markdown: string, language: string): readonly string[] =>
  [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , body = '']) => body);

/** The parameters of a curl command. Variables of the shell stay as they are written. */
const formOf = (command: string): URLSearchParams =>
  new URLSearchParams(
    [...command.matchAll(/--data-urlencode (?:'([^']*)'|"([^"]*)"|(\S+))/g)].map(
      ([, single, double, bare]) => {
        const [name = '', ...rest] = (single ?? double ?? bare ?? '').split('=');
        return [name, rest.join('=')];
      },
    ),
  );

/** Statements, sorted, without comments. */
export const statementsOf = (datalog: string): readonly string[] =>
  datalog
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('//'))
    .sort();

function refusalsOf(section: string): readonly RefusedChange[] {
  const rows = tableRows(section).filter(([party]) => party === 'person' || party === 'agent');
  return rows.map(([party, claim = '', value = '', code = '', cause = '']) => ({
    party: party as RefusedChange['party'],
    claim,
    value: value === 'absent' ? undefined : (JSON.parse(value) as unknown),
    code,
    cause,
  }));
}

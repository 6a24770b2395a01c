import { markdownTable } from './table.ts';

/** One variable, secret or binding of a Worker, as its reference page describes it. */
export interface Variable {
  /** Kind, followed by `, optional` if the Worker runs without it. */
  readonly kind: string;
  readonly form: string;
  readonly purpose: string;
  /** Where the value comes from, or how to make it. */
  readonly source: string;
}

export const KEYS =
  '`hewn deploy` generates it: see [Deploy](../guides/platform-engineer.md#4-deploy).';
export const URL_FORM =
  'An absolute http(s) URL in its shortest spelling, without a slash at the end, query, fragment or user info';
export const RANDOM = '32 random bytes in hex.';
const IN_FILE = 'In `wrangler.toml`.';
export const object = (purpose: string): Variable => ({
  kind: 'binding',
  form: 'Durable Object',
  purpose,
  source: IN_FILE,
});
export const rate = (purpose: string, file: string): Variable => ({
  kind: 'binding, optional',
  form: 'rate limit',
  purpose,
  source: `In \`${file}\`.`,
});

/** Renders the variables, secrets and bindings of a Worker. */
export const renderVariables = (variables: Readonly<Record<string, Variable>>): string =>
  markdownTable(
    ['name', 'kind', 'form', 'purpose', 'source'],
    Object.entries(variables).map(([name, { kind, form, purpose, source }]) => [
      `\`${name}\``,
      kind,
      form,
      purpose,
      source,
    ]),
  );

/** Who wrote the rule that denied a call. */
export type RuleAuthor =
  /** The policy: the issuer wrote it into block 0 of the capability. */
  | 'policy'
  /** A holder of the capability, who narrowed it. */
  | 'caveat'
  /** The catalogue of tools. */
  | 'catalogue'
  /** An operator, who has blocked the tool. */
  | 'operator';

/** The members of a denial that say whose rule it was, whichever code it has. */
interface Denied {
  readonly code: string;
  readonly pointer?: string;
  readonly block?: number;
  readonly source?: string;
  readonly why?: string;
}

/** Whose rule denied a call, and what it says about which argument. */
export interface DenyingRule {
  readonly author?: RuleAuthor;
  /** RFC 6901 pointer of the argument. */
  readonly pointer?: string;
  /** The block of the capability that has the rule. */
  readonly block?: number;
  /** The rule as Datalog. */
  readonly source?: string;
  /** What is wrong with the argument, if a rule of the catalogue says so. */
  readonly why?: string;
}

/** Returns whose rule it was that denied a call. */
export function ruleOf({ code, pointer, block, source, why }: Denied): DenyingRule {
  const named = pointer === undefined || pointer === '' ? {} : { pointer };
  switch (code) {
    case 'constraint_failed':
      return { author: 'policy', block: 0, ...named, ...(source !== undefined && { source }) };
    case 'caveat_failed':
      return {
        author: 'caveat',
        ...(block !== undefined && { block }),
        ...named,
        ...(source !== undefined && { source }),
      };
    case 'no_grant':
      return { author: 'policy' };
    case 'tool_denied':
      return { author: 'operator' };
    case 'definition_changed':
    case 'tool_unknown':
    case 'argument_unlisted':
    case 'dataset_missing':
    case 'dataset_unmappable':
      return { author: 'catalogue', ...named, ...(why !== undefined && { why }) };
    default:
      return { ...named, ...(why !== undefined && { why }) };
  }
}

/** Says whose rule it was, in one line. */
export function describeAuthor({ author, block, pointer }: DenyingRule): string | undefined {
  const about = pointer === undefined ? '' : ` about argument ${pointer}`;
  switch (author) {
    case 'policy':
      if (block === undefined) return 'The policy decided what the capability grants.';
      return `The rule${about} is the policy's, in block 0 of the capability.`;
    case 'caveat':
      return `The rule${about} is a caveat in block ${block} of the capability: a holder narrowed it.`;
    case 'catalogue':
      return `The rule${about} is the catalogue's, which describes every tool.`;
    case 'operator':
    case undefined:
      return pointer === undefined ? undefined : `It is about argument ${pointer}.`;
  }
}

/**
 * Says what a caveat allows, if it limits something else than an argument. Undefined for a caveat
 * in a form that `narrow` does not write, and for one that is too long for a line.
 */
export function describeCaveat(source: string): string | undefined {
  if (source.length > SOURCE_UNITS_MAX) return undefined;
  if (source.includes('args_sha256(')) return 'exactly the arguments that it was narrowed for';
  const [, fact = ''] = /^check all (\w+)\(\$\w\)/.exec(source) ?? [];
  const noun = NOUNS[fact];
  if (noun === undefined) return undefined;
  const values = [...source.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text);
  // Of a dataset and of a path, the check has the name, and the name as a folder.
  const names = new Set(
    values.filter((value) => !values.includes(value.replace(/\/$/, '')) || !value.endsWith('/')),
  );
  const below = fact === 'dataset' || fact === 'path' ? ' and below' : '';
  return names.size === 0 ? undefined : `only the ${noun} ${[...names].join(', ')}${below}`;
}

const SOURCE_UNITS_MAX = 1_024;

const NOUNS: Readonly<Record<string, string>> = {
  tool: 'tool',
  action: 'action',
  dataset: 'dataset',
  method: 'HTTP method',
  path: 'path',
  audience: 'audience',
};

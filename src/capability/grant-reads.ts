import { GRANT_TOOLS_MAX, GRANTS_MAX } from '../limits.ts';
import type { Action } from './names.ts';

/** A grant for one tool. */
interface SingleGrant {
  readonly tool: string;
  readonly action: Action;
  readonly dataset: string;
}
interface Read extends SingleGrant {
  readonly action: 'read';
}

/**
 * Reads of one dataset with several tools, as one grant. Everywhere but in a token and on the wire
 * they are grants of their own, so that each tool is decided, covered and explained on its own.
 * Only named tools are in it: a tool that the catalogue gains later is not.
 */
export interface GrantedReads {
  readonly tools: readonly string[];
  readonly action: 'read';
  readonly dataset: string;
}

/**
 * Returns the grants to read a dataset with each of the tools. In a capability with many grants,
 * all of them count as one of 32.
 *
 * @example
 * ```ts
 * import { grantReads } from 'hewn/capability';
 *
 * const tools = ['mcp/files/read_text_file', 'mcp/files/search_files'];
 * const grants = grantReads(tools, 'files/reports');
 * console.log(grants.length); // 2
 * ```
 */
export const grantReads = (tools: readonly string[], dataset: string): readonly Read[] =>
  tools.map((tool) => ({ tool, action: 'read', dataset }));

/** Whether there are so many grants that reads of one dataset are written as one. */
const areMany = ({ length }: readonly unknown[]): boolean => length > GRANTS_MAX;

/**
 * Groups reads of one dataset without constraints if there are more than 32 grants, so that they
 * count as one. Fewer grants stay as they are, as readers of earlier releases expect.
 */
export function groupReads<G extends SingleGrant>(
  grants: readonly G[],
): readonly (G | GrantedReads)[] {
  if (!areMany(grants)) return grants;
  const reads = new Map<string, G[]>();
  for (const grant of grants.filter(isPlainRead)) {
    reads.set(grant.dataset, [...(reads.get(grant.dataset) ?? []), grant]);
  }
  return [
    ...[...reads].flatMap(([dataset, all]): readonly (G | GrantedReads)[] =>
      all.length === 1
        ? all
        : [{ tools: [...new Set(all.map(({ tool }) => tool))].sort(), action: 'read', dataset }],
    ),
    ...grants.filter((grant) => !isPlainRead(grant)),
  ];
}

/** Returns the grants one by one, as `groupReads` received them, in any order. */
export const separateReads = <G extends { readonly tool: string }>(
  grants: readonly (G | GrantedReads)[],
): readonly (G | Read)[] =>
  grants.flatMap((grant): readonly (G | Read)[] =>
    'tools' in grant ? grantReads(grant.tools, grant.dataset) : [grant],
  );

/** Returns whether there is at least one grant, and not too many. */
export const isGrantCount = (grants: readonly SingleGrant[]): boolean =>
  grants.length > 0 && grants.length <= GRANT_TOOLS_MAX && !areMany(groupReads(grants));

const isPlainRead = (grant: SingleGrant): boolean =>
  grant.action === 'read' && Object.keys(grant).length === 3;

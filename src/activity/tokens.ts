import type { AuditRecord, DecisionRecord, MintRecord } from '../audit/index.ts';
import { canonicalJson, type Json } from '../canonical-json.ts';
import type { UnixMilliseconds, UnixSeconds } from '../clock.ts';
import { rootWorkflowOf } from '../root-workflow.ts';
import { isDenied } from './uses.ts';

/** What a token lets its holder do, or what calls with it asked for. */
export interface TokenScope {
  readonly tool: string;
  readonly action: string;
  readonly dataset: string;
  readonly constraints?: MintRecord['grants'][number]['constraints'];
}

/** Tokens of a workflow that have the same scope and the same holder. */
export interface TokenNode {
  readonly id: string;
  readonly up?: string;
  readonly kind: 'capability' | 'child' | 'handed_on' | 'narrowed';
  readonly workflow: string;
  readonly agent?: string;
  readonly holder?: string;
  readonly name?: string;
  readonly count: number;
  readonly scope: readonly TokenScope[];
  readonly calls: number;
  readonly denied: number;
  readonly expires?: UnixSeconds;
  readonly lastAt?: UnixMilliseconds;
}

/** Datasets that a node of narrowed tokens lists. */
const SCOPES_MAX = 16;
/** Boxes that a picture can show. */
const TOKEN_NODES_MAX = 65;

/**
 * Returns the delegation tree of a workflow from its records in the order of their times, parents
 * before children. `parents` has the workflow above each child.
 */
export function delegationTree(
  records: readonly AuditRecord[],
  parents: ReadonlyMap<string, string>,
): readonly TokenNode[] {
  const tree = new Tree(parents);
  // All mints first: their records are in another log, whose clock may differ.
  for (const record of records) if (record.event === 'mint') tree.mint(record);
  for (const record of records) if (record.event === 'decision') tree.call(record);
  return tree.nodes().slice(0, TOKEN_NODES_MAX);
}

interface Building {
  node: TokenNode;
  /** The last blocks of its tokens: the same token can make several calls. */
  readonly tokens: Set<string>;
}

class Tree {
  readonly #parents: ReadonlyMap<string, string>;
  readonly #nodes = new Map<string, Building>();
  /** The node of each authority block. */
  readonly #minted = new Map<string, string>();
  /** The newest capability of each workflow. */
  readonly #newest = new Map<string, string>();

  constructor(parents: ReadonlyMap<string, string>) {
    this.#parents = parents;
  }

  nodes(): readonly TokenNode[] {
    return [...this.#nodes.values()].map(({ node, tokens }) => ({
      ...node,
      count: Math.max(node.count, tokens.size),
    }));
  }

  mint(record: MintRecord): void {
    const { workflow = '', agent, holder, grants = [], blocks = [], expires } = record;
    const scope = canonicalJson([holder ?? '', grants] as unknown as Json);
    const known = [...this.#nodes.values()].find(
      ({ node }) => node.workflow === workflow && keyOf(node) === scope,
    );
    const isChild = workflow.includes('.');
    const parent = this.#parents.get(workflow) ?? rootWorkflowOf(workflow);
    const up = isChild ? this.#newest.get(parent) : undefined;
    const id = known?.node.id ?? `t${this.#nodes.size + 1}`;
    const building = known ?? {
      node: {
        id,
        ...(up !== undefined && { up }),
        kind: isChild ? 'child' : 'capability',
        workflow,
        ...(typeof agent === 'string' && { agent }),
        ...(holder !== undefined && { holder }),
        count: 0,
        scope: [...grants],
        calls: 0,
        denied: 0,
      },
      tokens: new Set(),
    };
    building.node = { ...building.node, count: building.node.count + 1, expires };
    this.#nodes.set(id, building);
    for (const block of blocks) this.#minted.set(block, id);
    this.#newest.set(workflow, id);
  }

  call(record: DecisionRecord): void {
    const { workflow = '', blocks = [], hops = [], tool } = record;
    const root = this.#minted.get(blocks[0] ?? '') ?? this.#newest.get(workflow);
    let up = root ?? this.#unknown(record);
    for (const { to, name } of Array.isArray(hops) ? hops : []) {
      up = this.#below(up, `handed ${to}`, {
        kind: 'handed_on',
        workflow,
        holder: to,
        ...(name !== undefined && { name }),
      });
    }
    const isNarrowed = blocks.length > 1 + hops.length && tool !== undefined;
    const id = isNarrowed
      ? this.#below(up, `narrowed ${tool}`, { kind: 'narrowed', workflow })
      : up;
    this.#count(id, record, isNarrowed);
  }

  /** A renewal has no mint record, and retention may have deleted one. */
  #unknown({ workflow = '', agent }: DecisionRecord): string {
    const id = `t${this.#nodes.size + 1}`;
    const kind = workflow.includes('.') ? 'child' : 'capability';
    const parties = { workflow, ...(typeof agent === 'string' && { agent }) };
    const node = { id, kind, ...parties, count: 1, scope: [], calls: 0, denied: 0 } as const;
    this.#nodes.set(id, { node, tokens: new Set() });
    this.#newest.set(workflow, id);
    return id;
  }

  #below(
    up: string,
    key: string,
    node: Pick<TokenNode, 'kind' | 'workflow' | 'holder' | 'name'>,
  ): string {
    const id = `${up}/${key}`;
    if (!this.#nodes.has(id)) {
      const empty = { count: 0, scope: [], calls: 0, denied: 0 };
      this.#nodes.set(id, { node: { id, up, ...node, ...empty }, tokens: new Set() });
    }
    return id;
  }

  #count(id: string, record: DecisionRecord, isNarrowed: boolean): void {
    const building = this.#nodes.get(id);
    if (!building) return;
    const { node, tokens } = building;
    tokens.add(record.blocks.at(-1) ?? '');
    building.node = {
      ...node,
      ...(isNarrowed && { scope: withCall(node.scope, record) }),
      calls: node.calls + 1,
      denied: node.denied + Number(isDenied(record)),
      lastAt: Math.max(node.lastAt ?? 0, record.at),
    };
  }
}

const keyOf = ({ holder, scope }: TokenNode): string =>
  canonicalJson([holder ?? '', scope] as unknown as Json);

function withCall(
  scope: readonly TokenScope[],
  { tool = '', action = '', datasets }: DecisionRecord,
): readonly TokenScope[] {
  const asked = Array.isArray(datasets) && datasets.length > 0 ? datasets : [''];
  const added = asked
    .filter((dataset) => !scope.some((one) => one.dataset === dataset && one.action === action))
    .map((dataset) => ({ tool, action, dataset }));
  return [...scope, ...added].slice(0, SCOPES_MAX);
}

import { toMilliseconds, type UnixMilliseconds } from '../../clock.ts';
import { shortIdentity } from '../identity-words.ts';
import { plural } from '../plural.ts';
import { span } from '../time.ts';
import type { TreeNode } from './tree-layout.ts';

/** A token of the tree, or several alike, as the page shows it. */
export interface ShownToken extends TreeNode {
  readonly title: string;
  readonly about: string;
  readonly more: string;
  /** What it can really do: its own limits and those of every token above it. */
  readonly scope: readonly {
    readonly action: string;
    readonly dataset: string;
    readonly tool: string;
    readonly limits?: string | undefined;
  }[];
  /** Its scope is what its calls have asked for, because no record has the narrowing. */
  readonly isObserved: boolean;
  readonly denied: number;
}

/** A node of the delegation tree, as the issuer answers. */
export interface TokenNode extends TreeNode {
  readonly kind: 'capability' | 'child' | 'handed_on' | 'narrowed';
  readonly agent?: string | undefined;
  readonly count: number;
  readonly words: string;
  readonly scope: ShownToken['scope'];
  readonly calls: number;
  readonly denied: number;
  /** Unix seconds. */
  readonly expires?: number | undefined;
}

const TITLES: { readonly [Kind in TokenNode['kind']]: string } = {
  capability: 'Capability',
  child: 'Child workflow',
  handed_on: 'Handed on',
  narrowed: 'Narrowed',
};

/** Returns a node with the three lines of its box. */
export function shownToken(node: TokenNode, now: UnixMilliseconds): ShownToken {
  const { id, up, kind, agent, count, scope, calls, denied, expires } = node;
  const tool = scope[0]?.tool.split('/').at(-1);
  const who = agent === undefined ? undefined : shortIdentity(agent);
  const about =
    kind === 'narrowed'
      ? `${tool ?? 'calls'}, ${plural(count, 'token')}`
      : [who, scope.length > 0 && plural(scope.length, 'grant')].filter(Boolean).join(' · ');
  return {
    id,
    up,
    title: TITLES[kind],
    about: about === '' ? node.words : about,
    more: [
      denied > 0 ? `${plural(calls, 'call')}, ${denied} denied` : plural(calls, 'call'),
      kind !== 'narrowed' && expires !== undefined && lifeWords(toMilliseconds(expires) - now),
    ]
      .filter(Boolean)
      .join(' · '),
    scope,
    isObserved: kind === 'narrowed',
    denied,
  };
}

const lifeWords = (milliseconds: number): string =>
  milliseconds <= 0 ? 'expired' : `${span(milliseconds, 'coarse')} left`;

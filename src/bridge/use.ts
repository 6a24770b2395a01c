import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import type { Grant } from '../capability/index.ts';
import { denialCodeOf } from './failure.ts';
import type { RpcRequest } from './message.ts';

/** What uses a tool of the catalogue: a call, a read of a resource, or a prompt. */
export interface Use {
  readonly server: string;
  readonly kind: 'tool' | 'resource' | 'prompt';
  /** The name of the tool or prompt, or the URI of the resource. */
  readonly name: string;
  readonly args: JsonObject;
}

/** A denied use that a wider capability would allow. */
export interface WiderUse extends Use {
  readonly needed: readonly Grant[];
}

/** Whether the capability is now wide enough. If not, `why` is for the model. */
export type Widened =
  | { readonly isWider: true }
  | { readonly isWider: false; readonly why: string };

/** One use, and what became of it. */
export interface RelayedUse extends Use {
  readonly outcome: 'done' | 'failed' | 'denied';
  /** Why it was denied. */
  readonly code?: string;
}

/** Returns what a request uses; undefined for a message that uses no tool of the catalogue. */
export function useOf({ method, params = {} }: RpcRequest): Omit<Use, 'server'> | undefined {
  const kind = USES[method];
  const name = kind === 'resource' ? params.uri : params.name;
  if (kind === undefined || typeof name !== 'string') return undefined;
  const { arguments: args } = params;
  return { kind, name, args: isJsonObject(args) ? args : {} };
}

const USES: Readonly<Record<string, Use['kind']>> = {
  'tools/call': 'tool',
  'resources/read': 'resource',
  'prompts/get': 'prompt',
};

export function outcomeOf(answer: JsonObject): Pick<RelayedUse, 'outcome' | 'code'> {
  const code = denialCodeOf(answer);
  if (code !== undefined) return { outcome: 'denied', code };
  const { result, error } = answer;
  const hasFailed = error !== undefined || (isJsonObject(result) && result.isError === true);
  return { outcome: hasFailed ? 'failed' : 'done' };
}

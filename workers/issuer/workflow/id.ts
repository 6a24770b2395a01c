import { toBase64Url } from '../../../src/encoding.ts';
import { WORKFLOW_ID } from '../../../src/issuer-api/index.ts';

/**
 * Returns whether a string is a workflow id. The id contains the shard of the revocation log,
 * because a workflow keeps its shard even if their number changes. A child's id begins with its
 * root's id and a dot, so the id alone leads to the object that stores it.
 */
export const isWorkflowId = (text: string): boolean => WORKFLOW_ID.test(text);

const random = (): string => toBase64Url(crypto.getRandomValues(new Uint8Array(16)));

/** Returns a new id in a random one of `shards` shards. */
export function newWorkflowId(shards: number): string {
  // With so few shards, the bias of a 32-bit remainder is negligible.
  const [chance = 0] = crypto.getRandomValues(new Uint32Array(1));
  const shard = chance % shards;
  return `wf${shard === 0 ? '' : shard}_${random()}`;
}

export const newChildId = (parent: string): string => `${rootOf(parent)}.${random()}`;

/** Returns the id of the root, which names the Durable Object. */
export const rootOf = (id: string): string => id.split('.', 1)[0] ?? id;

/** Returns the shard of the revocation log for a workflow and its children. */
export const shardOfWorkflow = (id: string): number => Number(WORKFLOW_ID.exec(id)?.[1] ?? 0);

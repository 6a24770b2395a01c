import { toBase64Url } from '../../../src/encoding.ts';
import { WORKFLOW_ID } from '../../../src/issuer-api/index.ts';

/**
 * A workflow keeps the shard of the revocation log that it began in, whatever becomes of their
 * number, so the shard is in its id. A child has its root's id before a dot, so its id alone leads
 * to the object that it is a row of.
 */
export const isWorkflowId = (text: string): boolean => WORKFLOW_ID.test(text);

const random = (): string => toBase64Url(crypto.getRandomValues(new Uint8Array(16)));

/** In one of so many shards, by chance. */
export function newWorkflowId(shards: number): string {
  // Over so few, what a remainder of 32 bits prefers is nothing that anybody could use.
  const [chance = 0] = crypto.getRandomValues(new Uint32Array(1));
  const shard = chance % shards;
  return `wf${shard === 0 ? '' : shard}_${random()}`;
}

export const newChildId = (parent: string): string => `${rootOf(parent)}.${random()}`;

/** The id of the workflow at the root, by which its object is named. */
export const rootOf = (id: string): string => id.split('.', 1)[0] ?? id;

/** The shard of the revocation log that a workflow and its children are in. */
export const shardOfWorkflow = (id: string): number => Number(WORKFLOW_ID.exec(id)?.[1] ?? 0);

import type { About } from '../../../src/operators/index.ts';
import { type IssuerEnv, workflowOf } from '../platform/env.ts';
import { mayExist } from './may-exist.ts';

/** Returns what an order about a workflow is about. A workflow that is unknown is no owner's. */
export async function aboutOwnerOf(env: IssuerEnv, id: string): Promise<About> {
  const view = (await mayExist(env, id, 'operator')) && (await workflowOf(env, id).view(id));
  return view ? { owner: view.owner } : {};
}

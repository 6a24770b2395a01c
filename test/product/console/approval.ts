import type { Scene } from '../../../scripts/walk-through/index.ts';
import { createDpopKey, obtainCapability } from '../../../src/agent/index.ts';

/** A question to a person, and the way of the agent to what was approved. */
export interface Asked {
  readonly id: string;
  /** Asks again with the id. Returns the HTTP status, or the error. */
  readonly take: () => Promise<number | string>;
}

/** Asks for a capability that the policy gives only if a person approves it. */
export async function askForApproval(scene: Scene, task: string): Promise<Asked> {
  const dpop = await createDpopKey();
  const request = async (id?: string) =>
    obtainCapability({
      issuer: scene.issuerUrl,
      audience: scene.gatewayUrl,
      subjectToken: await scene.identity.userToken(),
      actorToken: await scene.identity.workloadToken(),
      task,
      grants: [{ tool: 'mcp/files/edit_file', action: 'write', dataset: 'files/summaries' }],
      dpop,
      ...(id !== undefined && { approval: { id } }),
    });
  const asked = await request();
  if (asked.ok || asked.error.code !== 'approval_pending') {
    throw new Error(`no question was asked: ${JSON.stringify(asked)}`);
  }
  const { id } = asked.error;
  return {
    id,
    take: async () => {
      const taken = await request(id);
      return taken.ok ? 200 : taken.error.code;
    },
  };
}

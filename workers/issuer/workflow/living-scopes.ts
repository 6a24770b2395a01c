import { publicHex } from '../../../src/signing-keys.ts';
import { readConfig } from '../platform/config.ts';
import { breaker, type IssuerEnv } from '../platform/env.ts';
import type { WorkflowStart } from './binding.ts';
import type { LivingScope } from './breaker-binding.ts';

/** Registers a new workflow with the breaker, under every scope that a watermark can name. */
export async function registerBegin(env: IssuerEnv, start: WorkflowStart): Promise<void> {
  const { id, ends, agent, subject, owner, audience } = start;
  const issuerKey = await publicHex(readConfig(env).mintKey);
  const scopes: readonly LivingScope[] = [
    { scope: 'agent', value: agent },
    { scope: 'subject', value: subject },
    { scope: 'owner', value: owner },
    { scope: 'audience', value: audience },
    { scope: 'issuer_key', value: issuerKey },
    ...toolScopes(start),
  ];
  await breaker(env).began(id, ends, scopes);
}

/** Registers the tools that a workflow gained by stepping up. */
export async function registerStepUp(env: IssuerEnv, mint: WorkflowStart): Promise<void> {
  await breaker(env).grew(mint.id, toolScopes(mint));
}

const toolScopes = ({ grants }: WorkflowStart): readonly LivingScope[] =>
  grants.map(({ tool }) => ({ scope: 'tool', value: tool }));

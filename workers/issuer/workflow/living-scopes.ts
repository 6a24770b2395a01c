import { breaker, type IssuerEnv, readConfig } from '../platform/config.ts';
import { publicHex } from '../platform/keys.ts';
import type { LivingScope } from './breaker-binding.ts';
import type { WorkflowStart } from './contract.ts';

/** Tells which workflow lives, and by what a watermark can name it. */
export async function noteBegin(env: IssuerEnv, start: WorkflowStart): Promise<void> {
  const { id, ends, agent, subject, owner, audience } = start;
  const issuerKey = await publicHex(readConfig(env).mintKey);
  const scopes: readonly LivingScope[] = [
    { scope: 'agent', value: agent },
    { scope: 'subject', value: subject },
    { scope: 'owner', value: owner },
    { scope: 'audience', value: audience },
    { scope: 'issuer_key', value: issuerKey },
    ...toolsOf(start),
  ];
  await breaker(env).began(id, ends, scopes);
}

/** The tools that it has got since. */
export async function noteStepUp(env: IssuerEnv, mint: WorkflowStart): Promise<void> {
  await breaker(env).grew(mint.id, toolsOf(mint));
}

const toolsOf = ({ grants }: WorkflowStart): readonly LivingScope[] =>
  grants.map(({ tool }) => ({ scope: 'tool', value: tool }));

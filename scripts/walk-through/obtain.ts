/** The agent exchanges two proofs of identity for a capability that is bounded to one task. */
import { type Capability, obtainCapability } from '../../src/agent/index.ts';
import type { LocalStage } from '../local/stage.ts';
import type { Telling } from './telling.ts';

export const TASK = 'quarterly churn report';

export async function obtain(stage: LocalStage, telling: Telling): Promise<Capability> {
  telling.chapter('The agent obtains a capability for one task');
  const { issuerUrl, gatewayUrl, identity, documents } = stage;
  const subjectToken = await identity.userToken();
  telling.say(`alice signs in at the identity provider ${identity.issuer}`);
  const actorToken = await identity.workloadToken();
  telling.say('the workload "report-agent" proves itself there with its key, without any secret');
  const obtained = await obtainCapability({
    ...{ issuer: issuerUrl, audience: gatewayUrl, subjectToken, actorToken, task: TASK },
    grants: [
      { tool: 'mcp/files/list_directory', action: 'read', dataset: 'files/reports' },
      { tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' },
      { tool: 'mcp/files/write_file', action: 'write', dataset: `files/${documents.summary}` },
    ],
  });
  if (!obtained.ok) throw new Error(`the issuer gave no capability: ${JSON.stringify(obtained)}`);
  const capability = obtained.value;
  const seconds = Math.round((capability.expires.getTime() - Date.now()) / 1000);
  telling.step({
    what: `exchange at ${issuerUrl} for the task "${capability.task}"`,
    ...{ expected: 'allowed', verdict: 'allowed' },
    why: `workflow ${capability.workflow}`,
  });
  for (const { tool, action, dataset } of capability.grants) {
    telling.say(`grant: ${action} ${dataset} with ${tool}`);
  }
  telling.say(
    `for ${capability.audience} alone, until ${timeOf(capability.expires)} (${seconds} s)`,
  );
  telling.check(
    capability.grants.length === 3 && seconds > 0,
    'all that the task needs was granted, and nothing else was asked for',
    'the issuer did not grant what the task needs',
  );
  return capability;
}

export const timeOf = (date: Date): string => date.toISOString().slice(11, 19);

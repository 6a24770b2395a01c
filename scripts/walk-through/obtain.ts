/** The agent exchanges two proofs of identity for a capability limited to one task. */
import { type Capability, createDpopKey, obtainCapability } from '../../src/agent/index.ts';
import type { Grant } from '../../src/capability/index.ts';
import type { Scene } from './scene.ts';
import type { Transcript } from './transcript.ts';

const TASK = 'quarterly churn report';

export async function obtain(stage: Scene, transcript: Transcript): Promise<Capability> {
  transcript.chapter('The agent obtains a capability for one task');
  const { issuerUrl, gatewayUrl, identity, documents } = stage;
  const subjectToken = await identity.userToken();
  transcript.note(
    `the identity provider ${identity.url} vouches for alice, and that the agent may act for them`,
  );
  const actorToken = await identity.workloadToken();
  transcript.note('and for the workload "report-agent"');
  const grants: readonly Grant[] = [
    { tool: 'mcp/files/list_directory', action: 'read', dataset: 'files/reports' },
    { tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' },
    { tool: 'mcp/files/write_file', action: 'write', dataset: `files/${documents.summary}` },
    { tool: 'mcp/mail/send_message', action: 'write', dataset: 'mail' },
  ];
  const dpop = await createDpopKey();
  const obtained = await obtainCapability({
    issuer: issuerUrl,
    audience: gatewayUrl,
    subjectToken,
    actorToken,
    task: TASK,
    grants,
    dpop,
  });
  if (!obtained.ok) throw new Error(`the issuer gave no capability: ${JSON.stringify(obtained)}`);
  const capability = obtained.value;
  const seconds = Math.round((capability.expires.getTime() - Date.now()) / 1000);
  transcript.step({
    what: `exchange at ${issuerUrl} for the task "${capability.task}"`,
    verdict: 'allowed',
    why: `workflow ${capability.workflow}`,
  });
  for (const { tool, action, dataset, constraints } of capability.grants) {
    const bounds = Object.entries(constraints?.constraints ?? {});
    const only = bounds.map(([at, bound]) => `, ${at} only ${JSON.stringify(bound)}`);
    transcript.note(`grant: ${action} ${dataset} with ${tool}${only.join('')}`);
  }
  transcript.note(
    `for ${capability.audience} only, until ${timeOf(capability.expires)} (${seconds} s)`,
  );
  transcript.note(
    `bound to the agent's key ${dpop.thumbprint.slice(0, 16)}…, which never leaves the agent`,
  );
  transcript.check(
    JSON.stringify(capability.grants.map(unbounded)) === JSON.stringify(grants) &&
      capability.grants.every(
        ({ tool, constraints }) => !tool.startsWith('mcp/mail') || constraints,
      ) &&
      seconds > 0 &&
      seconds <= 300,
    'it holds these four grants, the last one limited by the policy, for five minutes at most',
    'it lacks a grant that the task needs, or has more, or lives longer',
  );
  return capability;
}

/** The grants as the agent requests them. The policy decides to whom it may mail. */
const unbounded = ({ constraints: _, ...asked }: Grant): Grant => asked;

const timeOf = (date: Date): string => date.toISOString().slice(11, 19);

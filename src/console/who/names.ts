import { ok } from '../../result.ts';
import { type Answer, callIssuer } from '../frame/index.ts';

/** From which side a person asks. */
export const SIDES = {
  tool: { tab: 'By tool', label: 'Which tool', example: 'mcp/files/read_text_file' },
  dataset: { tab: 'By dataset', label: 'Which dataset', example: 'files/reports' },
  agent: { tab: 'By agent', label: 'Which agent', example: 'local-idp#report-agent' },
} as const;

export type Side = keyof typeof SIDES;

/** Loads the names that are known of one side, for a person who does not know them by heart. */
export async function loadNames(side: Side): Promise<Answer<readonly string[]>> {
  if (side === 'agent') {
    const answer = await callIssuer('GET', '/agents', {});
    return answer.ok ? ok(answer.value.agents.map(({ agent }) => agent)) : answer;
  }
  const answer = await callIssuer('GET', '/tools', {});
  if (!answer.ok) return answer;
  const { tools } = answer.value;
  if (side === 'tool') return ok(tools.map(({ tool }) => tool));
  return ok([...new Set(tools.flatMap(({ datasets }) => datasets))].sort());
}

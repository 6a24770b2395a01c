import { printableJson } from '../../approval/index.ts';
import type { Json } from '../../canonical-json.ts';
import { ADMIN_API, type Proposal, timestamped } from '../../issuer-api/index.ts';
import { type Fact, renderFacts, type Screen, showSeconds } from '../terminal/index.ts';

/** Returns a proposal as JSON has it, with its times in RFC 3339. */
export const jsonOf = (proposal: Proposal): unknown =>
  timestamped(ADMIN_API.proposals.listProposals.answer.entries.proposals.item, proposal);

/** Renders exactly what a second person confirms: the act, the order and its author. */
export function renderProposal(screen: Screen, proposal: Proposal): readonly string[] {
  const { id, permission, act, order, by, digest, at, expires } = proposal;
  const facts: readonly Fact[] = [
    { name: 'act', value: act },
    ...Object.values(order).flatMap(factsOf),
    { name: 'by', value: by },
    { name: 'ordered', value: showSeconds(screen, at) },
    { name: 'until', value: showSeconds(screen, expires) },
    { name: 'digest', value: digest },
  ];
  return [`${id}  ${permission}`, ...renderFacts(screen, facts)];
}

/** The digest covers every member, so every member is shown, whatever its type is. */
const factsOf = (part: Json): readonly Fact[] =>
  Object.entries(Object(part) as Readonly<Record<string, Json>>).map(([name, value]) => ({
    name,
    value: printableJson(value),
  }));

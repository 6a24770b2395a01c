/** The policy of each configuration. None is written for a task. */
import type { Catalogue } from '../../src/catalogue/index.ts';
import { loadPolicy, type Policy } from '../../src/policy/index.ts';
import { draftPolicy, renderDraftedPolicy } from '../../src/policy-draft/index.ts';
import { unwrap } from '../unwrap.ts';
import type { Configuration } from './configurations.ts';

const POLICY = `
owner("team:bench");
max_lifetime(3600);
allow if workload("idp", "agent"), user("idp", "emma");

// What the workflow asks for when it begins was derived from the user's side, before anything was
// read.
open_sink($sink, "derived from the request of the user") <- sink($sink);
`;

const ASKING = `
// Whatever a workflow asks for later may be the attacker's, so a person sees it unless it only
// reads what is no secret.
approval(true) <- step_up(true), action($action), $action != "read";
approval(true) <- step_up(true), secret(true);
approval(true) <- action("delete");
`;

/** What `hewn policy draft` writes for the catalogue. */
const drafted = (catalogue: Catalogue): string =>
  renderDraftedPolicy(
    draftPolicy(catalogue, {
      agent: { issuerName: 'idp', subject: 'agent' },
      userIssuer: 'idp',
      owner: 'team:bench',
      lifetimeSeconds: 3600,
    }),
  );

/** Returns the policy of a configuration: without step-ups there is no one to ask. */
export function benchPolicy(catalogue: Catalogue, { stepUp, sinks }: Configuration): Policy {
  const written = stepUp ? `${POLICY}${ASKING}` : POLICY;
  const source = sinks === 'origins' ? drafted(catalogue) : written;
  return unwrap(loadPolicy([{ name: 'bench.datalog', source }], catalogue));
}

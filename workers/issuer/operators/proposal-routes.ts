import type { JsonObject } from '../../../src/canonical-json.ts';
import { ADMIN_API } from '../../../src/issuer-api/index.ts';
import { may, type Operator, rolesOf } from '../../../src/operators/index.ts';
import { ok, refuse } from '../../../src/result.ts';
import { type BoundRoute, bindAdmin } from '../platform/admin-router.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, operators } from '../platform/env.ts';
import type { Proposal } from './binding.ts';
import { describeProposal } from './propose.ts';
import { viaOf } from './via.ts';

/** `find` returns the route of an act, so that a confirmed order runs as if it were sent. */
export const createProposalRoutes = (find: (act: string) => BoundRoute | undefined) =>
  bindAdmin(ADMIN_API.proposals, {
    listProposals: async (_input, { env, operator }) => {
      const open = await operators(env).proposals();
      return ok({ proposals: open.map((each) => describeProposal(each, operator)) });
    },

    confirmProposal: async ({ params: { id }, body }, context) => {
      const { env, operator } = context;
      const proposal = await openProposal(env, id);
      if (!proposal) return refuse({ code: 'proposal_unknown' });
      if (operator.name === proposal.by || operator.person === undefined) {
        return refuse({ code: 'same_person' });
      }
      if (proposal.digest !== body.digest) return refuse({ code: 'digest_differs' });
      const { directory } = readConfig(env);
      const bound = find(proposal.act);
      if (!bound || !directory) return refuse({ code: 'proposal_unknown' });
      // The roles of the author are those of now: a role that was taken orders nothing.
      const author: Operator = {
        name: proposal.by,
        kind: 'session',
        roles: rolesOf(directory, proposal.person),
        source: operator.source,
        person: proposal.person,
      };
      for (const each of [author, operator]) {
        const permitted = bound.permit(each);
        if (!permitted.ok) return permitted;
      }
      const confirmed = { by: operator.name, source: operator.source, reason: body.reason };
      const taken = await operators(env).confirm(id, body.digest, confirmed);
      if (!taken.ok) return taken;
      const answer = await bound.execute(JSON.parse(proposal.order), {
        ...context,
        operator: author,
        actor: author.name,
        second: operator,
        via: viaOf(author, operator),
      });
      // The problems of the route that was ordered are not those of this one.
      if (!answer.ok) return refuse(answer.error as never);
      return ok({ proposal: id, answer: (answer.value ?? null) as JsonObject | null });
    },

    withdrawProposal: async ({ params: { id } }, { env, operator }) => {
      const proposal = await openProposal(env, id);
      if (!proposal) return refuse({ code: 'proposal_unknown' });
      const { by, permission } = proposal;
      // A capability has the name of its maker, and is not the maker.
      const isAuthor = operator.name === by && operator.capability === undefined;
      const isAllowed = isAuthor || (permission !== 'none' && may(operator, permission) === true);
      if (!isAllowed) return refuse({ code: 'not_for_your_role' });
      await operators(env).withdraw(id, { by: operator.name, source: operator.source });
      return ok(undefined);
    },
  });

const openProposal = async (env: IssuerEnv, id: string): Promise<Proposal | undefined> =>
  (await operators(env).proposals()).find((each) => each.id === id);

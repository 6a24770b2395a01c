import type { JsonObject } from '../../../src/canonical-json.ts';
import type { ConstraintsByPointer, Grant } from '../../../src/capability/index.ts';
import { groupBy } from '../../../src/group-by.ts';
import { ADMIN_API } from '../../../src/issuer-api/index.ts';
import { type About, type ByPolicy, unusedGrants, whoGets } from '../../../src/questions/index.ts';
import { ok, refuse } from '../../../src/result.ts';
import { asOf } from '../feed/as-of.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import type { IssuerEnv } from '../platform/env.ts';
import type { DeployedPolicy } from '../version/deployed-policy.ts';
import { type Held, heldNow } from './held.ts';
import { describeParty, describeSpan, listParties, namesWith, timeOf } from './lists.ts';
import { agentNamed, namesOf } from './names.ts';
import { placeOf } from './place.ts';
import { readSeen } from './seen.ts';
import { lastUseOf, type RootedUse, usesOf } from './uses.ts';

/** More would be a report and not an answer. */
const UNUSED_MAX = 200;

export const createQuestionRoutes = (deployed: DeployedPolicy) =>
  bindAdmin(ADMIN_API.questions, {
    listAgents: async ({ query }, { env }) => {
      const { rows, from, ...next } = await listParties(env, 'agent', query);
      const agents = rows.map((row) => ({
        agent: row.name,
        ...describeParty(row),
        subjects: row.party?.with.subject.size ?? 0,
        owners: namesWith(row, 'owner'),
        tools: namesWith(row, 'tool'),
        denied: row.denied,
      }));
      return ok({ as_of: await asOf(env), agents, ...next, over: describeSpan(from) });
    },

    listSubjects: async ({ query }, { env }) => {
      const { rows, from, ...next } = await listParties(env, 'subject', query);
      const subjects = rows.map((row) => ({
        subject: row.name,
        ...describeParty(row),
        agents: namesWith(row, 'agent'),
        owners: namesWith(row, 'owner'),
        denied: row.denied,
      }));
      return ok({ as_of: await asOf(env), subjects, ...next, over: describeSpan(from) });
    },

    listOwners: async ({ query }, { env }) => {
      const version = await deployed.load(env);
      const stated = version?.policy.owners;
      const { rows, from, ...next } = await listParties(env, 'owner', query, stated);
      const owners = rows.map((row) => ({
        owner: row.name,
        ...describeParty(row),
        agents: namesWith(row, 'agent'),
        // A policy that takes owners from requests can state any.
        in_policy: version !== undefined && (stated?.includes(row.name) ?? true),
        denied: row.denied,
      }));
      return ok({ as_of: await asOf(env), owners, ...next, over: describeSpan(from) });
    },

    listTools: async ({ query }, { env }) => {
      const version = await deployed.load(env);
      const [{ rows, from, ...next }, { uses, isKnown }] = await Promise.all([
        listParties(env, 'tool', query, version?.tools),
        usesOf(env, {}),
      ]);
      const usesOfTool = groupBy(uses, ({ tool }) => tool);
      const tools = rows.map((row) => {
        const listed = version?.catalogue.get(row.name);
        const own = usesOfTool.get(row.name) ?? [];
        return {
          tool: row.name,
          ...(listed && { action: listed.action, tier: listed.tier }),
          living: row.living,
          given: row.party?.mints ?? 0,
          ...(row.party && { last_given: timeOf(row.party.last) }),
          agents: namesWith(row, 'agent'),
          datasets: namesWith(row, 'dataset'),
          ...(isKnown && { used: own.reduce((sum, { calls }) => sum + calls, 0) }),
          ...(own.length > 0 && { last_used: timeOf(Math.max(...own.map(({ last }) => last))) }),
          denied: row.denied,
        };
      });
      return ok({ as_of: await asOf(env), tools, ...next, over: describeSpan(from) });
    },

    whoCan: async ({ query }, { env }) => {
      const about = aboutOf(env, query);
      if (!about) {
        return refuse({
          code: 'invalid_request',
          message: 'Name at least one of "tool", "dataset" and "agent".',
        });
      }
      const [version, from, { held, isComplete }, { uses, isKnown }] = await Promise.all([
        deployed.load(env),
        readSeen(env),
        heldNow(env, about),
        usesOf(env, about),
      ]);
      const names = namesOf(env);
      const gets = version
        ? whoGets(version, from.seen.requests(), about, names)
        : { rows: [], isComplete: true };
      const unused = unusedGrants(from.seen.given(), uses, about).slice(0, UNUSED_MAX);
      return ok({
        as_of: await asOf(env),
        about,
        version: version?.id ?? null,
        held: held.map((one) => describeHeld(one, uses)),
        held_complete: isComplete,
        by_policy: gets.rows.map(describeByPolicy),
        by_policy_complete: gets.isComplete && from.isComplete,
        unused: unused.map(({ first, last, ...given }) => ({
          ...given,
          first_given: timeOf(first),
          last_given: timeOf(last),
          used: 0,
        })),
        unused_known: isKnown,
        over: describeSpan(from),
      });
    },
  });

function describeHeld({ grant, ...one }: Held, uses: readonly RootedUse[]) {
  const last = lastUseOf(uses, one.workflow, one.agent, grant);
  return {
    ...one,
    grant: describeGrant(grant, grant.constraints?.constraints),
    ...(last !== undefined && { last_used: timeOf(last) }),
  };
}

function aboutOf(
  env: IssuerEnv,
  { tool, dataset, agent }: { readonly [K in keyof About]?: string | undefined },
): About | undefined {
  if (tool === undefined && dataset === undefined && agent === undefined) return undefined;
  return {
    ...(tool !== undefined && { tool }),
    ...(dataset !== undefined && { dataset }),
    ...(agent !== undefined && { agent: agentNamed(env, agent) }),
  };
}

/** Constraints are JSON, by the pointer of the argument. */
const describeGrant = (
  { tool, action, dataset }: Grant,
  constraints: ConstraintsByPointer | undefined,
) => ({
  tool,
  action,
  dataset,
  ...(constraints && { constraints: constraints as unknown as JsonObject }),
});

function describeByPolicy(row: ByPolicy) {
  const { agent, subjects, example, outcome, whole, conditions, lacking, nearest } = row;
  const { user, task, audience } = example;
  const isGranted = outcome.verdict === 'granted';
  const rule = placeOf(outcome) ?? (nearest && { ...nearest, text: nearest.rule });
  const { owner, lifetimeSeconds, tier, budgets, holderRequired } = whole;
  return {
    agent,
    subjects,
    example: { ...(user !== undefined && { subject: user }), task, audience },
    grant: describeGrant(outcome.grant, outcome.constraints),
    verdict: isGranted && outcome.approvalRequired ? 'approval' : outcome.verdict,
    conditions,
    ...(isGranted && {
      limits: {
        owner: owner ?? '',
        lifetime_seconds: lifetimeSeconds,
        tier,
        budgets: budgets as unknown as JsonObject,
        holder_required: holderRequired,
        open_sinks: outcome.openSinks ?? [],
      },
    }),
    ...(rule && { rule: { file: rule.file, line: rule.line, text: rule.text } }),
    ...(lacking && { lacking }),
  };
}

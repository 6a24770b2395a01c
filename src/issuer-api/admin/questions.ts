import * as v from 'valibot';
import { ACTIONS } from '../../capability/index.ts';
import { STATES } from '../../lifecycle/index.ts';
import { FEED_WATERMARK_VALUE_BYTES_MAX } from '../../limits.ts';
import type { AdminRoutes } from '../route.ts';
import { asOf, count, jsonObject, timestamp } from '../values.ts';

/** One page of agents, subjects, owners or tools. */
export const NAMES_PER_PAGE_MAX = 200;

const nameParameter = (description: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.minLength(1),
      v.maxLength(FEED_WATERMARK_VALUE_BYTES_MAX),
      v.description(description),
    ),
  );

const page = v.object({
  q: nameParameter('only names that contain this text'),
  after: nameParameter('`next` of the page before'),
});

/** Which mint requests an answer is drawn from. */
export const recordedSpan = v.object({
  requests: v.pipe(count, v.description('mints and policy refusals that were read')),
  since: v.pipe(v.optional(timestamp), v.description('the time of the oldest of them')),
  complete: v.pipe(
    v.boolean(),
    v.description('false if the control logs have older ones, or newer ones not read yet'),
  ),
});

const names = (description: string) => v.pipe(v.array(v.string()), v.description(description));

/** What the lists of agents, subjects and owners share. */
const party = {
  living: v.pipe(count, v.description('root workflows that have not ended')),
  mints: count,
  refusals: v.pipe(count, v.description('token requests that were refused, as far as recorded')),
  first_seen: v.pipe(
    v.optional(timestamp),
    v.description('absent if only a living workflow has it'),
  ),
  last_seen: v.optional(timestamp),
};

const listAnswer = <const Name extends string, Item extends v.GenericSchema>(
  name: Name,
  item: Item,
) =>
  v.object({
    as_of: asOf,
    ...({ [name]: v.array(item) } as { readonly [K in Name]: v.ArraySchema<Item, undefined> }),
    next: v.pipe(v.optional(v.string()), v.description('absent at the last page')),
    over: recordedSpan,
  });

const denied = v.pipe(v.boolean(), v.description('whether an operator denies it'));

const grant = v.object({
  tool: v.string(),
  action: v.picklist(ACTIONS),
  dataset: v.string(),
  constraints: v.pipe(v.optional(jsonObject), v.description('by the pointer of the argument')),
});

const held = v.object({
  workflow: v.string(),
  state: v.picklist(STATES),
  agent: v.string(),
  subject: v.string(),
  owner: v.string(),
  task: v.string(),
  grant,
  began_at: timestamp,
  ends_at: v.pipe(timestamp, v.description('no token of the workflow is valid later')),
  last_used: v.pipe(
    v.optional(timestamp),
    v.description('the last call of the agent with this tool and dataset, if one is known'),
  ),
});

const byPolicy = v.object({
  agent: v.string(),
  subjects: v.pipe(count, v.description('people for whom the agent has asked; 0 without a person')),
  example: v.pipe(
    v.object({ subject: v.optional(v.string()), task: v.string(), audience: v.string() }),
    v.description('the newest request that the answer was decided for'),
  ),
  grant,
  verdict: v.pipe(
    v.string(),
    v.description(
      '`granted`; `approval` if a person must approve it first; else the code of the refusal',
    ),
  ),
  conditions: v.pipe(
    v.array(v.string()),
    v.description('what the answer depends on, in words: a person, a step-up, claims'),
  ),
  limits: v.optional(
    v.object({
      owner: v.string(),
      lifetime_seconds: count,
      tier: count,
      budgets: jsonObject,
      holder_required: v.boolean(),
      open_sinks: v.array(
        v.object({
          pointer: v.string(),
          bound: v.optional(v.literal('request')),
          reason: v.optional(v.string()),
        }),
      ),
    }),
  ),
  rule: v.pipe(
    v.optional(v.object({ file: v.string(), line: count, text: v.string() })),
    v.description('the rule that decides; of a refusal without one, the nearest'),
  ),
  lacking: v.pipe(
    v.optional(v.array(v.string())),
    v.description('of a refusal: the conditions of the nearest rule that do not hold'),
  ),
});

const unused = v.object({
  agent: v.string(),
  tool: v.string(),
  action: v.picklist(ACTIONS),
  dataset: v.string(),
  given: v.pipe(count, v.description('mints that granted it')),
  first_given: timestamp,
  last_given: timestamp,
  used: v.pipe(count, v.description('calls that were allowed by it')),
  last_used: v.optional(timestamp),
});

export const QUESTION_ROUTES = {
  listAgents: {
    method: 'GET',
    path: '/agents',
    needs: 'read',
    summary: 'Lists the agents that have asked for capabilities, by name.',
    params: {},
    query: page,
    answer: listAnswer(
      'agents',
      v.object({
        agent: v.string(),
        ...party,
        subjects: count,
        owners: names('up to 20'),
        tools: names('what it was granted: up to 20'),
        denied,
      }),
    ),
    problems: [],
  },
  listSubjects: {
    method: 'GET',
    path: '/subjects',
    needs: 'read',
    summary: 'Lists the people and owners on whose behalf workflows run, by name.',
    params: {},
    query: page,
    answer: listAnswer(
      'subjects',
      v.object({
        subject: v.string(),
        ...party,
        agents: names('that act for the subject: up to 20'),
        owners: names('up to 20'),
        denied,
      }),
    ),
    problems: [],
  },
  listOwners: {
    method: 'GET',
    path: '/owners',
    needs: 'read',
    summary: 'Lists the owners who answer for workflows, by name.',
    params: {},
    query: page,
    answer: listAnswer(
      'owners',
      v.object({
        owner: v.string(),
        ...party,
        agents: names('up to 20'),
        in_policy: v.pipe(
          v.boolean(),
          v.description('whether the active policy can still state the owner'),
        ),
        denied,
      }),
    ),
    problems: [],
  },
  listTools: {
    method: 'GET',
    path: '/tools',
    needs: 'read',
    summary: 'Lists the tools of the active catalogue, and those that were granted, by name.',
    params: {},
    query: page,
    answer: listAnswer(
      'tools',
      v.object({
        tool: v.string(),
        action: v.pipe(
          v.optional(v.picklist(ACTIONS)),
          v.description('absent if the active catalogue does not list the tool'),
        ),
        tier: v.optional(count),
        living: v.pipe(count, v.description('root workflows with a grant for it')),
        given: v.pipe(count, v.description('grants of it in mints')),
        last_given: v.optional(timestamp),
        agents: names('that were granted it: up to 20'),
        datasets: names('that were granted with it: up to 20'),
        used: v.pipe(
          v.optional(count),
          v.description('calls that were allowed; absent if the issuer does not know'),
        ),
        last_used: v.optional(timestamp),
        denied,
      }),
    ),
    problems: [],
  },
  whoCan: {
    method: 'GET',
    path: '/who-can',
    needs: 'read',
    summary: 'Answers who can use a tool or a dataset now, and who would get it by the policy.',
    description:
      'At least one of `tool`, `dataset` and `agent` is needed; all that are stated must hold. `held` lists the grants of living workflows. `by_policy` is what the active policy decides, by its own engine, for the agents that have asked for anything before; a rule that reads claims is marked, because records have no claims. `unused` lists grants that were given and never used.',
    params: {},
    query: v.object({
      tool: nameParameter('a tool, as the catalogue names it'),
      dataset: nameParameter('a dataset: also those above it, which contain it'),
      agent: nameParameter('an agent, as policies or records spell it'),
    }),
    answer: v.object({
      as_of: asOf,
      about: v.object({
        tool: v.optional(v.string()),
        dataset: v.optional(v.string()),
        agent: v.pipe(v.optional(v.string()), v.description('as records spell it')),
      }),
      version: v.pipe(
        v.nullable(v.string()),
        v.description('the active version; null if nothing decides'),
      ),
      held: v.array(held),
      held_complete: v.pipe(v.boolean(), v.description('false if only the first are listed')),
      by_policy: v.array(byPolicy),
      by_policy_complete: v.pipe(
        v.boolean(),
        v.description('false if only some of the possible requests were decided'),
      ),
      unused: v.array(unused),
      unused_known: v.pipe(
        v.boolean(),
        v.description('false if the issuer does not know which grants were used'),
      ),
      over: recordedSpan,
    }),
    problems: [],
  },
} as const satisfies AdminRoutes;

/** What several routes about workflows take or answer with. */
import * as v from 'valibot';
import { STATES } from '../../lifecycle/index.ts';
import { count, nameFilter, timeFilter, timestamp, unixSeconds } from '../values.ts';

export const state = v.picklist(STATES);

/** What a list shows, by the counts above it. */
const SHOWN = ['running', 'stopped', 'waiting', 'denied'] as const;

/** How far the index has read the logs when it answered. */
export const asOf = v.pipe(
  v.object({
    epoch: v.pipe(count, v.description('rises when the index is rebuilt')),
    seq: v.pipe(count, v.description('rises with every change of the index')),
    at: v.pipe(timestamp, v.description('the index has every record that is older')),
  }),
  v.description('how far the index had read the logs'),
);

const SEARCH_CHARACTERS_MAX = 256;

/** What selects workflows, in a query or in the body of an order. */
export const WORKFLOW_FILTERS = {
  q: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.minLength(1),
      v.maxLength(SEARCH_CHARACTERS_MAX),
      v.description(
        'only workflows that have each of these words in their id, task, parties, tools, datasets or codes',
      ),
    ),
  ),
  agent: nameFilter('only workflows of this agent, or with a workflow below of this agent'),
  subject: nameFilter('only workflows of this subject'),
  owner: nameFilter('only workflows of this owner'),
  tool: nameFilter('only workflows that were granted this tool, or tried to call it'),
  dataset: nameFilter(
    'only workflows that were granted or called this dataset, one above it or one below it',
  ),
  code: nameFilter('only workflows that were denied with this code'),
  show: v.optional(
    v.pipe(
      v.picklist(SHOWN),
      v.description(
        '`running`; `stopped`: suspended or revoked; `waiting`: with an open approval; `denied`: with a denied call',
      ),
    ),
  ),
  state: v.optional(v.pipe(state, v.description('only workflows in this state'))),
  from: timeFilter('seconds', 'only workflows that began at this time or later, in RFC 3339'),
  until: timeFilter('seconds', 'only workflows that began before this time, in RFC 3339'),
} as const;

/** How many intervals `recent` has, and how long one is. */
const RECENT = 'calls and denied calls in each of the last 12 intervals of 5 minutes, oldest first';

/** A root workflow with everything below it, as lists show it. */
export const workflowRow = v.object({
  id: v.string(),
  state: v.pipe(state, v.description('as the control log has it')),
  by: v.pipe(
    v.optional(v.string()),
    v.description('who caused its state: an operator, `agent`, `clock`, or `rule:<id>@<version>`'),
  ),
  agent: v.optional(v.string()),
  subject: v.pipe(v.optional(v.string()), v.description('absent if it is erased')),
  owner: v.optional(v.string()),
  task: v.optional(v.string()),
  tier: v.pipe(v.optional(count), v.description('the highest tier of its grants')),
  started: unixSeconds,
  ends: v.pipe(v.optional(unixSeconds), v.description('end of its last capability')),
  ended: v.pipe(v.optional(unixSeconds), v.description('when it ended, if it has')),
  mints: v.pipe(v.optional(count), v.description('capabilities minted for it and those below it')),
  children: v.pipe(v.optional(count), v.description('workflows below it')),
  calls: v.pipe(v.optional(count), v.description('calls of its tree, the denied ones included')),
  denials: v.pipe(v.optional(count), v.description('calls that were denied')),
  last_call: v.pipe(v.optional(unixSeconds), v.description('when the last call was decided')),
  waiting: v.pipe(v.optional(count), v.description('its approvals that wait for a person')),
  recent: v.pipe(v.optional(v.array(v.tuple([count, count]))), v.description(RECENT)),
});

/** How many workflows the index has of each kind that `show` names. */
export const counts = v.object({
  running: count,
  stopped: count,
  waiting: count,
  denied: count,
});

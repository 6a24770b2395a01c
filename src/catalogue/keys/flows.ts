import * as v from 'valibot';
import { checkDataset } from '../../capability/index.ts';
import type { FlowRule, LabelledDataset } from '../catalogue.ts';
import { type CatalogueKey, nameFault, tableOf } from './key.ts';
import { reason } from './marks.ts';

/** What a workflow carries with it after a read, and what it may still do then. */

const WHEN_MAX = 4; // Labels of one rule: it should be one sentence.
const FLOWS_MAX = 16; // Of one tool, or of a file: each is evaluated with every call that leaves.
const LABELLED_MAX = 64; // Of one tool, or of a file.
const LABELS_MAX = 16; // As many as a record has.

export const labels = v.pipe(
  v.array(v.pipe(v.string(), v.regex(/^[\w.:/-]{1,64}$/, 'not a label'))),
  v.maxLength(LABELS_MAX),
);

const LASTS_SECONDS_MAX = 31 * 24 * 3_600; // As long as a rule over history counts.
const LASTS_FAULT = `must be a whole number of seconds from 1 to ${LASTS_SECONDS_MAX}`;
const seconds = v.pipe(
  v.number(LASTS_FAULT),
  v.integer(LASTS_FAULT),
  v.minValue(1, LASTS_FAULT),
  v.maxValue(LASTS_SECONDS_MAX, LASTS_FAULT),
);

const someLabels = v.pipe(labels, v.minLength(1));

export const leaves: CatalogueKey<true> = {
  schema: v.literal(true),
  absent: 'nothing',
  differences: (_, after) => [
    after ? 'its calls can carry data away now' : 'its calls carry no data away now',
  ],
};

export const flow: CatalogueKey<readonly FlowRule[]> = {
  schema: v.pipe(
    v.array(
      tableOf({
        when: v.pipe(someLabels, v.maxLength(WHEN_MAX)),
        leaving: v.picklist(['ask', 'deny']),
        exceptSameOwner: v.exactOptional(v.literal(true)),
        lasts: v.exactOptional(seconds),
        reason,
      }),
    ),
    v.minLength(1),
    v.maxLength(FLOWS_MAX),
  ),
  absent: 'nothing',
  *faults(rules, tool) {
    if (rules && !tool.leaves) yield { why: 'is only for a tool with leaves = true' };
    for (const [index, { when }] of (rules ?? []).entries()) {
      if (new Set(when).size < when.length) yield { where: `${index}.when`, why: 'has one twice' };
    }
  },
  differences: () => ['other rules on what it may do after labelled reads'],
};

export const labelled: CatalogueKey<readonly LabelledDataset[]> = {
  schema: v.pipe(
    v.array(tableOf({ dataset: v.string(), labels: someLabels })),
    v.minLength(1),
    v.maxLength(LABELLED_MAX),
  ),
  absent: 'nothing',
  *faults(entries = []) {
    for (const [index, { dataset }] of entries.entries()) {
      yield* nameFault(checkDataset(dataset), `${index}.dataset`);
      if (entries.findIndex((one) => one.dataset === dataset) < index) {
        yield { where: `${index}.dataset`, why: 'appears twice' };
      }
    }
  },
  differences: () => ['other labels of datasets'],
};

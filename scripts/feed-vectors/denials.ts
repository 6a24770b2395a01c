import { type HeadWatermark, NEVER_EXPIRES } from '../../src/feed/index.ts';
import { EXPIRES, type NewEntry, NOW, VectorLog } from './log.ts';
import { type SequenceVector, type StepVector, step } from './steps.ts';

const TOOL = 'crm.delete';
const DENIAL: NewEntry & { readonly expires: number } = {
  kind: 'denial',
  scope: 'tool',
  value: TOOL,
  before: NOW,
  expires: NEVER_EXPIRES,
};
const LIFT: NewEntry & { readonly expires: number } = {
  kind: 'lift',
  scope: 'tool',
  value: TOOL,
  expires: NEVER_EXPIRES,
};
const WATERMARK = { scope: 'tool', value: TOOL, before: NOW } as const;
const DENIED: readonly HeadWatermark[] = [{ ...WATERMARK, expires: NEVER_EXPIRES }];
const STOPPED: readonly HeadWatermark[] = [{ ...WATERMARK, expires: EXPIRES }];

/** A call of the denied tool, a call of another tool, and the token alone. */
const asked = (by: string | null): StepVector['stopped'] => [
  { workflow: 'wf_9', tool: TOOL, by },
  { workflow: 'wf_9', tool: 'crm.search', by: null },
  { workflow: 'wf_9', by: null },
];

/** Sequences about denied tools. The head lists them, and a newer head ends the denial. */
export async function denialSequences(): Promise<SequenceVector[]> {
  const log = new VectorLog().append(DENIAL, LIFT);
  const denied = { head: await log.head({ watermarks: DENIED }, 1), deltas: [log.delta(0, 1)] };
  const lifted = { head: await log.head(), deltas: [log.delta(1)] };
  const unfollowed = { head: await log.head({ watermarks: DENIED }, 1), verdict: 'entries_gap' };
  return [
    {
      name: 'a denied tool stops its calls and not the token, until it is lifted',
      steps: [
        await step({ ...denied, stopped: asked('denial') }),
        await step({ ...lifted, stopped: asked(null) }),
      ],
    },
    {
      name: 'a denial holds from the head on, also where its delta does not come',
      steps: [await step({ ...unfollowed, stopped: asked('denial') })],
    },
    {
      name: 'a head from before a denial does not end it',
      steps: [
        await step({ ...unfollowed, stopped: asked('denial') }),
        await step({ head: await log.head({}, 0), stopped: asked('denial') }),
        await step({ ...lifted, deltas: [log.delta()], stopped: asked(null) }),
      ],
    },
    {
      name: 'a lift whose entry does not come ends nothing',
      steps: [
        await step({ ...denied, stopped: asked('denial') }),
        await step({ head: lifted.head, verdict: 'entries_gap', stopped: asked('denial') }),
      ],
    },
    {
      name: 'a watermark on a tool stops each token that grants it, whole',
      steps: [
        await step({
          head: await log.head({ watermarks: STOPPED }, 1),
          deltas: [log.delta(0, 1)],
          stopped: [{ workflow: 'wf_9', tools: [TOOL], by: 'watermark' }],
        }),
      ],
    },
  ];
}

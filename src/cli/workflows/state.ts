import type { WorkflowState } from '../../lifecycle/index.ts';
import type { Tone } from '../terminal/index.ts';

/** How a state is coloured. An active workflow is the normal case and has no colour. */
export const STATE_TONES: Readonly<Record<WorkflowState, Tone | undefined>> = {
  pending: 'quiet',
  active: undefined,
  suspended: 'waits',
  completing: 'quiet',
  completed: 'quiet',
  failed: 'bad',
  revoked: 'bad',
  expired: 'quiet',
};

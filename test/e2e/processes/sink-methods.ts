import type { WorkerEntrypoint } from 'cloudflare:workers';
import type { DecisionSink } from '../../../workers/issuer/objects.ts';

export type SinkMethod = Exclude<keyof DecisionSink, keyof WorkerEntrypoint>;

/**
 * Every method that a gateway calls on its issuer. A new method that is missing here is an error.
 */
const METHODS: Readonly<Record<SinkMethod, true>> = {
  append: true,
  confirm: true,
  gatewaySecret: true,
  charge: true,
  giveBack: true,
  end: true,
  lease: true,
  settle: true,
  raise: true,
  attachments: true,
};

export const SINK_METHODS = Object.keys(METHODS) as readonly SinkMethod[];

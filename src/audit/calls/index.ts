/**
 * The records and charges of calls at a verifier: what has to happen before an allowed call is
 * made, and what is written about it. The gateway and every other verifier account for calls with
 * it.
 */
export { asOf030, type Observation, type Recorded, sampleOf } from '../kinds/index.ts';
export { type KeepAlive, makeCall } from './make-call.ts';
export {
  createRecorder,
  type Recorder,
  type RecorderOptions,
} from './recorder.ts';
export {
  type CallDenial,
  type FlowDenial,
  type FlowGate,
  openCall,
  type Reserved,
  recordDenial,
  reserve,
  withRequest,
} from './reservation.ts';
export { sendRecords } from './send-records.ts';

import { noRefusal, type RecordBase, type RecordKind } from './base.ts';

/** Records that a verifier numbered and that never arrived. */
export interface GapRecord extends RecordBase {
  readonly event: 'gap';
  readonly verifier: string;
  /** The numbers on either side of the missing ones. */
  readonly after: number;
  readonly before: number;
}

export const gapKind: RecordKind<GapRecord> = {
  from: 'issuer',
  classOf: () => 'traffic',
  refusedParty: noRefusal,
  written:
    'with the record after it, or 30 s after the verifier reported a number that did not arrive',
  contents:
    'Records of a verifier that never arrived: their numbers lie between `after` and `before`. A record that arrives late is written after its gap.',
};

/** A state, as a shape. Colour only repeats what the shape and the word beside it say. */
export type MarkKind = 'ok' | 'run' | 'deny' | 'wait' | 'stop' | 'pause' | 'ended' | 'unknown';

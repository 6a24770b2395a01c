/**
 * Rate limits: how often one source, agent or workflow may ask in a minute, in bounded memory.
 */
export { BoundedCounter, type Rate, type TooMany } from './counter.ts';
export { Limiter, type RateBinding } from './limiter.ts';
export { readHeaderName, readRates } from './settings.ts';
export { SHARED_SOURCE, sourceOf } from './source.ts';
